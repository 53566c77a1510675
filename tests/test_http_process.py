"""`memoryos-mcp serve --http` as a process: what it says, and an end that answers what is under way."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.storage.token_file import TokenFile

from .http_site import rpc
from .stdio_wire import PATIENCE_S, ROOT

GATED = """
import sys, threading
from pathlib import Path
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.server.http import serve_http
from tests.server_fakes import DictMemory

class Slow(DictMemory):
    def retrieve_context(self, query, **options):
        print("asked", flush=True)
        sys.stdin.readline()
        return super().retrieve_context(query, **options)

serve_http(load_settings({"data_dir": Path(sys.argv[1]), "http_port": 0}, environ={}), Slow)
"""


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Yield a server whose recall waits for a line on stdin, its address and a token of anna's."""
    token = TokenFile(tmp_path / "tokens.json").create("anna")[1]
    with subprocess.Popen(
        [sys.executable, "-c", GATED, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/mcp", said)
        assert found, said
        try:
            yield process, found[0], token
        finally:
            process.kill()


def asked(url: str, token: str, message: dict[str, Any], **headers: str) -> urllib.request.Request:
    """Return a request with a JSON body."""
    given = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    given |= {"Authorization": f"Bearer {token}", **headers}
    return urllib.request.Request(url, json.dumps(message).encode(), given)


def is_listening(url: str) -> bool:
    """Return whether a new connection is taken."""
    try:
        urllib.request.urlopen(url.replace("/mcp", "/health"), timeout=PATIENCE_S).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def test_at_sigterm_a_call_under_way_is_answered_and_the_end_is_orderly(
    gated: tuple[subprocess.Popen[str], str, str],
) -> None:
    """Ours: no new connection, the answer, the memory closed, status 0."""
    process, url, token = gated
    assert process.stdin is not None
    assert process.stdout is not None
    answers: list[bytes] = []

    def call() -> None:
        with urllib.request.urlopen(
            asked(url, token, rpc("retrieve_context", query="Oslo")["json"]), timeout=PATIENCE_S
        ) as answer:
            answers.append(answer.read())

    caller = threading.Thread(target=call)
    caller.start()
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGTERM)
    while is_listening(url):  # that ends first: then the call under way is the only thing it still does
        pass
    process.stdin.write("\n")
    process.stdin.flush()
    caller.join(PATIENCE_S)
    status = process.wait(PATIENCE_S)
    assert process.stderr is not None
    log = process.stderr.read()

    assert json.loads(answers[0])["result"]["structuredContent"]["max_tokens"] == 1500
    assert status == 0
    assert "the memory is closed" in log
    assert '"call": "retrieve_context"' in log
    assert not any(secret in log for secret in ("Oslo", token))


def test_at_sigterm_an_open_stream_of_changes_ends(gated: tuple[subprocess.Popen[str], str, str]) -> None:
    """Ours: nothing else would end it, and the server would wait for the client."""
    process, url, token = gated
    version = "2026-07-28"
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "subscriptions/listen",
        "params": {
            "notifications": {"resourcesListChanged": True},
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": version,
                "io.modelcontextprotocol/clientInfo": {"name": "wire", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    }
    headers = {"Mcp-Protocol-Version": version, "Mcp-Method": "subscriptions/listen"}
    with urllib.request.urlopen(asked(url, token, message, **headers), timeout=PATIENCE_S) as stream:
        first = b"".join(stream.readline() for _ in range(3))
        process.send_signal(signal.SIGTERM)
        rest = stream.read()

    assert b"notifications/subscriptions/acknowledged" in first
    assert b'"result"' in rest
    assert process.wait(PATIENCE_S) == 0


def test_the_command_refuses_to_serve_others_without_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: status 2, and what to do."""
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path))

    assert main(["serve", "--http", "--host", "0.0.0.0"]) == 2
    assert "memoryos-mcp token create USER" in capsys.readouterr().err


def test_an_address_that_cannot_be_listened_on_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: a port that another server has is no traceback."""
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["serve", "--http", "--port", str(port)]) == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in capsys.readouterr().err


def test_where_to_listen_without_http_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a server on stdio listens nowhere, and saying so beats serving on stdio after all."""
    assert main(["serve", "--port", "8765"]) == 2
    assert "add --http" in capsys.readouterr().err


def test_serving_over_stdio_loads_nothing_of_http() -> None:
    """Ours: a host on stdio does not wait for the import of what it does not use."""
    code = "import sys, memoryos_mcp.server, memoryos_mcp.cli.serving as s; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S)

    assert done.stdout.strip() == "False"
