"""The server as a process: every request is answered, stdout is the protocol's, and the end is orderly."""

import contextlib
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from .server_clients import ERAS, Era, body_of, text_of
from .stdio_wire import ROOT, Wire

HANGING_UP = (
    [(signal.SIGHUP, 129)] if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN else []
)
"""Who is started by `nohup` hands on that it is not to end at SIGHUP."""
WIRE_ERAS = ["legacy", "modern"]
EXCHANGE = {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"}


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_the_official_client_is_served_in_both_eras(era: Era, tmp_path: Path) -> None:
    """The protocol's: a real process over stdio."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "tests.server_fakes"],
        cwd=ROOT,
        env={"MEMORYOS_DATA_DIR": str(tmp_path)},
    )
    async with Client(server, mode=era) as client:
        added = await client.call_tool("add_memory", EXCHANGE)
        recalled = await client.call_tool("retrieve_context", {"query": "Oslo"})

    assert added.structured_content == {"page_id": "p1", "status": "stored", "pending": 0}
    assert text_of(recalled) == "[p1] I moved to Oslo."


@pytest.mark.parametrize("era", WIRE_ERAS)
def test_no_request_is_left_without_an_answer(era: str, tmp_path: Path) -> None:
    """Ours: lone surrogates, broken lines, wrong shapes, raw bytes and huge texts; the server answers and goes on."""
    with Wire(era, tmp_path) as wire:
        wire.call(1, "add_memory", user_input="half an emoji \ud83d", agent_response="\udc00 ok")
        assert wire.reply(1)["result"]["structuredContent"]["status"] == "stored"
        wire.call(2, "retrieve_context", query="\ud800")
        assert "half an emoji \ufffd" in wire.reply(2)["result"]["content"][0]["text"]
        wire.call(3, "\ud800")
        assert wire.reply(3)["result"]["isError"]
        wire.call(4, "add_memory", **{"user_input": "x", "agent_response": "y", "\ud800": 1})
        assert "unknown argument" in wire.reply(4)["result"]["content"][0]["text"]
        wire.send("no json")
        assert wire.reply(None)["error"]["code"] == -32700
        wire.send('{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{')
        assert wire.reply(5)["error"]["code"] == -32700
        wire.send('{"jsonrpc":"2.0","id":6,"method":6}')
        assert wire.reply(6)["error"]["code"] == -32600
        wire.send("")
        wire.send(wire.line(7, "tools/call", {"name": "memory_status", "arguments": {}}).encode() + b" \xff\xfe")
        assert wire.reply(7)["error"]["code"] == -32700
        wire.call(8, "add_memory", user_input="\u00e9" * 100_000, agent_response="y" * 100_000)
        assert wire.reply(8)["result"]["structuredContent"]["page_id"] == "p2"
        wire.call(9, "add_memory", user_input="x" * 3_000_000, agent_response="y")
        assert "3,000,000 characters" in wire.reply(9)["result"]["content"][0]["text"]
        wire.request(10, "tools/call", {"name": "memory_status", "arguments": "none"})
        assert wire.reply(10)["error"]["code"] == -32602
        wire.request(11, "no/method", {})
        assert wire.reply(11)["error"]["code"] == -32601
        wire.request(12, "prompts/get", {"name": "respond_with_memory", "arguments": {"query": "\ud800 hi"}})
        assert "\ufffd hi" in wire.reply(12)["result"]["messages"][0]["content"]["text"]
        wire.request(13, "resources/read", {"uri": "memory://pages/\ud800"})
        assert wire.reply(13)["error"]["code"] == -32602
        wire.call(14, "memory_status")
        assert wire.reply(14)["result"]["structuredContent"]["pending"] == 0


@pytest.mark.parametrize("era", WIRE_ERAS)
def test_a_hundred_calls_in_flight_are_each_answered(era: str, tmp_path: Path) -> None:
    """Ours: all sent before the memory is there, none lost, none mixed up."""
    with Wire(era, tmp_path) as wire:
        for number in range(100):
            wire.call(number, "add_memory", user_input=f"Message {number}", agent_response="ok")
        replies = [wire.next() for _ in range(100)]

    assert sorted(reply["id"] for reply in replies) == list(range(100))
    pages = {reply["result"]["structuredContent"]["page_id"] for reply in replies}
    assert pages == {f"p{number}" for number in range(1, 101)}


@pytest.mark.parametrize("era", WIRE_ERAS)
def test_requests_under_way_at_the_end_of_stdin_are_answered(era: str, tmp_path: Path) -> None:
    """Ours: `printf ... | server` works; the SDK would cancel what is still loading the memory."""
    with Wire(era, tmp_path) as wire:
        wire.call(1, "add_memory", **EXCHANGE)
        wire.call(2, "memory_status")
        wire.close_stdin()
        ids = {wire.next()["id"], wire.next()["id"]}

        assert ids == {1, 2}
        assert wire.ended() == 0


@pytest.mark.parametrize("era", WIRE_ERAS)
def test_an_open_stream_does_not_hold_the_server_back(era: str, tmp_path: Path) -> None:
    """Ours: a stream of changes is answered when it ends, so nobody waits for that."""
    with Wire(era, tmp_path) as wire:
        wire.request("stream", "subscriptions/listen", {"notifications": {"resourcesListChanged": True}})
        wire.call(1, "memory_status")
        wire.close_stdin()

        assert wire.ended() == 0


def test_a_request_that_was_given_up_does_not_hold_the_server_back(tmp_path: Path) -> None:
    """The protocol's: a cancelled request is never answered, so nobody waits for its answer."""
    with Wire("legacy", tmp_path) as wire:
        wire.call(1, "retrieve_context", query="wait for me")
        wire.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}')
        wire.call(2, "memory_status")
        wire.reply(2)
        wire.close_stdin()

        assert wire.ended() == 0
        assert wire.unread == []


def test_whatever_a_client_gives_up_the_server_goes_on(tmp_path: Path) -> None:
    """Field report: an object as the id of a cancelled request ended the server."""
    with Wire("legacy", tmp_path) as wire:
        ids: list[object] = [{}, [], {"id": 1}, None, 1.5, True, "", "1"]
        for given_up in ids:
            cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": given_up}}
            wire.send(json.dumps(cancelled))
        wire.send('{"jsonrpc":"2.0","id":1.5,"method":"ping"}')
        assert wire.reply(None)["error"]["code"] == -32600
        wire.call(1, "memory_status")
        wire.reply(1)
        wire.close_stdin()

        assert wire.ended() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="whether a pipe is full cannot be asked there")
def test_a_host_that_never_reads_stderr_holds_nothing_up(tmp_path: Path) -> None:
    """Field report: with stderr full, the next call that had to log never returned."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    code = (
        "import logging\n"
        "from memoryos_mcp.domain.settings import load_settings\n"
        "from memoryos_mcp.server import app\n"
        "from tests.server_fakes import DictMemory\n"
        "class Loud(DictMemory):\n"
        "    def status(self, **options):\n"
        "        logging.getLogger('memoryos_mcp.loud').error('x' * 100_000)\n"
        "        return super().status(**options)\n"
        "app.serve(load_settings({}), Loud)"
    )
    with Wire("legacy", tmp_path, code=code, errors=writing) as wire:
        for id_ in range(3):
            wire.call(id_, "memory_status")
            assert wire.reply(id_)["result"]["structuredContent"]["pending"] == 0
        os.read(reading, 100_000)
        wire.call(3, "memory_status")
        wire.reply(3)
        wire.close_stdin()

        assert wire.ended() == 0
    os.close(writing)
    os.set_blocking(reading, False)
    assert b"memoryos_mcp.loud: xxx" in os.read(reading, 100_000)
    os.close(reading)


def test_a_client_that_stops_reading_ends_the_server(tmp_path: Path) -> None:
    """Ours: nothing can be answered any more, and stdin may stay open for ever."""
    with Wire("modern", tmp_path, deaf=True) as wire:
        wire.call(1, "memory_status")

        assert wire.ended() == 1
        assert "the memory is closed" in wire.errors


def test_what_a_dependency_prints_goes_to_stderr(tmp_path: Path) -> None:
    """The protocol's: stdout carries messages and nothing else; the fake prints to descriptor 1 while it loads."""
    with Wire("legacy", tmp_path) as wire:
        wire.call(1, "memory_status")
        wire.reply(1)
        wire.close_stdin()
        wire.ended()

        assert "a dependency prints" in wire.errors
        assert all(json.loads(line)["jsonrpc"] == "2.0" for line in wire.unread)


def test_a_memory_is_not_opened_again_for_a_client_that_has_left(tmp_path: Path) -> None:
    """
    A regression: the early start came after a quick client's end, and what loading prints went to stdout after all.

    The early start is due while the memory closes, which takes until a second one is opened, or half a second.
    """
    code = """
import threading
from memoryos_mcp.server import app, stdio
from memoryos_mcp.domain.settings import load_settings
from tests.server_fakes import DictMemory

opened = threading.Semaphore(0)

class Slow(DictMemory):
    def close(self):
        opened.acquire()
        super().close()
        if opened.acquire(timeout=0.5):
            raise SystemExit("opened again")

def load():
    opened.release()
    return Slow()

stdio.FIRST_REPLY_HEAD_START_S = 0.25
app.serve(load_settings({}), load)
"""
    with Wire("legacy", tmp_path, code=code) as wire:
        wire.call(1, "memory_status")
        wire.reply(1)
        wire.close_stdin()

        assert wire.ended() == 0
        assert "the memory is closed" in wire.errors
        assert "opened again" not in wire.errors


def test_a_client_that_asks_nothing_leaves_no_trace(tmp_path: Path) -> None:
    """Ours: hosts start servers to look at them; the end does not wait for an import."""
    with Wire("legacy", tmp_path) as wire:
        wire.close_stdin()

        assert wire.ended() == 0


def test_a_client_that_leaves_before_it_said_anything_is_no_error(tmp_path: Path) -> None:
    """Ours: hosts start several copies of a server and drop the spare ones."""
    with Wire("modern", tmp_path) as wire:
        wire.close_stdin()

        assert wire.ended() == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), *HANGING_UP])
def test_a_signal_closes_the_memory_and_ends_the_process(number: signal.Signals, status: int, tmp_path: Path) -> None:
    """Ours: hosts send SIGTERM 2 s after closing stdin; the default would drop what the worker could still finish."""
    with Wire("legacy", tmp_path) as wire:
        wire.call(1, "memory_status")
        wire.reply(1)
        wire.terminate(number)

        assert wire.ended() == status
        assert "the memory is closed" in wire.errors


def test_what_is_said_is_not_on_stderr(tmp_path: Path) -> None:
    """Ours: hosts keep stderr in log files, which are no place for anybody's memory."""
    with Wire("legacy", tmp_path) as wire:
        wire.call(1, "add_memory", **EXCHANGE)
        wire.reply(1)
        wire.call(2, "add_memory", **EXCHANGE, timestamp="private words")
        assert wire.reply(2)["result"]["isError"]
        wire.close_stdin()
        wire.ended()

        assert "Oslo" not in wire.errors
        assert "private words" not in wire.errors


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_server_py_serves_the_real_memory_and_keeps_it(era: Era, tmp_path: Path) -> None:
    """Ours: what one process acknowledged, the next one recalls; `server.py` is the twin of the command."""
    server = StdioServerParameters(
        command=sys.executable,
        args=[str(ROOT / "server.py")],
        cwd=tmp_path,
        env={"MEMORYOS_DATA_DIR": str(tmp_path / "data"), "MEMORYOS_EMBEDDER": "bundled", "MEMORYOS_ANALYZER": "local"},
    )
    async with Client(server, mode=era) as client:
        added = await client.call_tool("add_memory", {**EXCHANGE, "metadata": {"source": "test"}})
        assert not added.is_error, text_of(added)
    async with Client(server, mode=era) as client:
        recalled = await client.call_tool("retrieve_context", {"query": "Where did I move?"})
        page_id = (added.structured_content or {})["page_id"]
        body = json.loads(await body_of(client, f"memory://pages/{page_id}"))

    assert not recalled.is_error, text_of(recalled)
    assert [page["page_id"] for page in (recalled.structured_content or {})["short_term"]] == [page_id]
    assert "Oslo" in text_of(recalled)
    assert (body["tier"], body["metadata"]) == ("short_term", {"source": "test"})


@pytest.mark.anyio
async def test_server_py_tells_a_model_that_runs_wild_to_wait(tmp_path: Path) -> None:
    """Ours: over the real server, the page over the bound is not stored and the error says what to do."""
    server = StdioServerParameters(
        command=sys.executable,
        args=[str(ROOT / "server.py")],
        cwd=tmp_path,
        env={
            "MEMORYOS_DATA_DIR": str(tmp_path / "data"),
            "MEMORYOS_EMBEDDER": "bundled",
            "MEMORYOS_ANALYZER": "local",
            "MEMORYOS_PAGES_PER_MINUTE": "3",
        },
    )
    async with Client(server) as client:
        added = [
            await client.call_tool("add_memory", {**EXCHANGE, "agent_response": f"Enjoy {number}!"})
            for number in range(4)
        ]
        status = await client.call_tool("memory_status", {})
    assert [result.is_error for result in added] == [False, False, False, True]
    assert "3 pages were added within a minute, as many as MEMORYOS_PAGES_PER_MINUTE allows" in text_of(added[3])
    assert (status.structured_content or {})["short_term"]["pages"] == 3
