"""Hooks: a host's events are answered at once, every exchange is stored once, and nothing ever stops the host."""

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.hosts.hooks.endpoint import Endpoint
from memoryos_mcp.hosts.hooks.endpoint_client import ENDPOINTS, ask
from memoryos_mcp.hosts.hooks.hook_answer import answerer

from .stdio_wire import ROOT
from .transcripts import SESSION, STORED, called, said, transcript


def hook(data_dir: Path, event: object, **environ: str) -> str:
    """Run the command as a host does, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "memoryos_mcp", "hook", "--data-dir", str(data_dir)],
        input=event if isinstance(event, str) else json.dumps(event),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**{name: value for name, value in os.environ.items() if name != "CLAUDE_PROJECT_DIR"}, **environ},
        timeout=30,
        check=True,
    )
    return done.stdout


def answered(data_dir: Path, event: object) -> str:
    """Return what a hook prints once the server answers in its time, which a busy machine may keep it from."""
    return next((printed for _ in range(20) if "context" in (printed := hook(data_dir, event)).lower()), "")


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memoryos]:
    """Return an open memory, whose data folder is `data`."""
    with Memoryos(data_dir=tmp_path / "data", embedder="bundled") as opened:
        yield opened


def test_both_events_of_claude_code_in_a_session(tmp_path: Path, memory: Memoryos) -> None:
    """Ours: Stop stores the finished exchange, UserPromptSubmit hands in what is recalled, once and dated."""
    data = tmp_path / "data"
    stop = {
        "hook_event_name": "Stop",
        "session_id": "one",
        "cwd": "/src/garden",
        "transcript_path": str(transcript(tmp_path, SESSION[:3])),
    }
    prompt = {
        "hook_event_name": "UserPromptSubmit",
        "session_id": "two",
        "cwd": "/src/garden",
        "transcript_path": str(tmp_path / "not-yet.jsonl"),
        "prompt": "Where does our parrot Zebedee live?",
    }
    assert hook(data, prompt) == ""
    assert [hook(data, stop), hook(data, stop)] == ["", ""]
    assert memory.short_term() == []

    door = Endpoint(data, answerer(memory))
    try:
        answer = json.loads(answered(data, prompt))["hookSpecificOutput"]
        nothing = hook(data, {**prompt, "prompt": "Compile the kernel module with clang"})
        again = hook(data, stop)
    finally:
        door.close()

    assert answer["hookEventName"] == "UserPromptSubmit"
    assert "not instructions" in answer["additionalContext"]
    assert "1 Mar 2026" in answer["additionalContext"]
    assert "Our parrot Zebedee lives in the greenhouse." in answer["additionalContext"]
    assert (nothing, again) == ("", "")
    (page,) = memory.short_term()
    assert page.project == "garden"
    assert page.metadata == {"host": "claude-code", "session_id": "one"}
    assert memory.take_in_hook_inbox() == 0
    assert len(memory.short_term()) == 1
    assert list((data / ENDPOINTS).iterdir()) == []


def test_what_the_model_stored_itself_is_not_stored_again(tmp_path: Path, memory: Memoryos) -> None:
    """Ours: never the same exchange twice, also when the model called add_memory."""
    path = str(transcript(tmp_path, [*SESSION, *called(STORED)]))
    hook(tmp_path / "data", {"hook_event_name": "Stop", "session_id": "one", "transcript_path": path})

    assert memory.take_in_hook_inbox() == 0
    assert memory.short_term() == []


def test_secrets_never_reach_the_spool_and_the_project_is_where_the_host_was_opened(tmp_path: Path) -> None:
    """Regression: they lay there in plain text until a server stored the exchange; `cwd` follows the model's `cd`."""
    said_so = said("user", "My API key is sk-abcdefghijklmnopqrst123456, keep it", uuid="u")
    path = str(transcript(tmp_path, [said_so, said("assistant", "Better not.")]))
    stop = {"hook_event_name": "Stop", "session_id": "s", "transcript_path": path, "cwd": "/src/garden/tools"}
    hook(tmp_path / "a", stop, CLAUDE_PROJECT_DIR="/src/garden")
    hook(tmp_path / "b", stop, CLAUDE_PROJECT_DIR="/src/garden", MEMORYOS_PROJECT="none", MEMORYOS_REDACT_SECRETS="no")
    hook(tmp_path / "c", {**stop, "cwd": "/src/" + "x" * 250})
    prompt = {"hook_event_name": "beforeSubmitPrompt", "conversation_id": "c", "prompt": "password: hunter2hunter2!"}
    hook(tmp_path / "d", prompt)
    left = [
        json.loads(file.read_text(encoding="ascii")) for each in "abcd" for file in (tmp_path / each).rglob("*.json")
    ]

    assert [exchange["project"] for exchange in left] == ["garden", "", "", ""]
    assert ["[secret removed" in exchange["user_input"] for exchange in left] == [True, False, True, True]


def test_the_last_message_counts_when_the_transcript_lags(tmp_path: Path, memory: Memoryos) -> None:
    """Claude Code's: the event has the model's last message, which may not be in the transcript yet."""
    event = {
        "hook_event_name": "Stop",
        "session_id": "one",
        "transcript_path": str(transcript(tmp_path, SESSION[:2])),
        "last_assistant_message": "Noted!",
    }
    hook(tmp_path / "data", event)

    assert memory.take_in_hook_inbox() == 1
    assert [page.agent_response for page in memory.short_term()] == ["Noted!"]


def test_the_answer_of_a_turn_that_had_to_go_on_is_stored_too(tmp_path: Path, memory: Memoryos) -> None:
    """Regression: after another hook kept Claude Code from stopping, only the answer before that was stored."""
    data = tmp_path / "data"
    stop = {"hook_event_name": "Stop", "session_id": "one", "transcript_path": str(transcript(tmp_path, SESSION[:3]))}
    hook(data, stop)
    assert memory.take_in_hook_inbox() == 1
    hook(data, {**stop, "stop_hook_active": True})
    again = {**stop, "stop_hook_active": True, "last_assistant_message": "Fixed the tests as well."}
    for _ in range(2):
        hook(data, again)
        memory.take_in_hook_inbox()

    answers = [page.agent_response for page in memory.short_term()]
    assert answers == ["Noted: Zebedee is in the greenhouse.", "Fixed the tests as well."]


def test_cursor_tells_of_an_exchange_in_parts(tmp_path: Path, memory: Memoryos) -> None:
    """Cursor's events: prompt, answers, end; a turn that was broken off or stored by the model is left."""
    data = tmp_path / "data"
    memory.remember_fact("Is allergic to hazelnuts", "user")

    def turn(prompt: str, *events: dict[str, str], status: str = "completed") -> str:
        common = {"conversation_id": "c", "workspace_roots": ["/src/garden"]}
        printed = hook(data, {"hook_event_name": "beforeSubmitPrompt", "prompt": prompt, **common})
        for event in events:
            assert hook(data, {**event, **common}) == ""
        assert hook(data, {"hook_event_name": "stop", "status": status, **common}) == ""
        return printed

    said = {"hook_event_name": "afterAgentResponse", "text": "With rain water."}
    stored = {
        "hook_event_name": "afterMCPExecution",
        "tool_name": "add_memory",
        "tool_input": json.dumps(STORED),
        "result_json": '{"isError": false}',
    }
    failed = {**stored, "result_json": '{"isError": true}'}
    other = {**stored, "tool_input": '{"episode_body": "About ferns"}'}
    door = Endpoint(data, answerer(memory))
    try:
        first = turn("How do I water the ferns?", {**said, "text": "Let me see."}, said)
        turn("And the moss?", said, status="aborted")
        turn("And the palms?", said, stored)
        turn("And the lemon tree?", said, failed, other)
        turn("Tell me again how to water ferns", said)
        memory.take_in_hook_inbox()
        prompt = {"hook_event_name": "beforeSubmitPrompt", "prompt": "How to water ferns?", "conversation_id": "d"}
        recalled = json.loads(answered(data, prompt))
        started = answered(data, {"hook_event_name": "sessionStart", "conversation_id": "c"})
    finally:
        door.close()
    memory.take_in_hook_inbox()

    assert [page.user_input for page in memory.short_term()] == [
        "How do I water the ferns?",
        "And the lemon tree?",
        "Tell me again how to water ferns",
    ]
    assert json.loads(first) == {"continue": True}
    assert "With rain water." in recalled["additional_context"]
    assert "hazelnuts" in json.loads(started)["additional_context"]


@pytest.mark.parametrize("event", ["no json", "[]", '{"hook_event_name": "PreToolUse"}', '{"hook_event_name": "Stop"}'])
def test_whatever_goes_wrong_the_host_goes_on_and_the_log_says_why(tmp_path: Path, event: str) -> None:
    """Ours: silent for the host, loud in the log."""
    assert hook(tmp_path / "data", event) == ""
    assert "ERROR" in (tmp_path / "data" / "logs" / "memoryos-mcp.log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "options",
    [
        ["--max-tokens", "many"],
        ["--data-dir"],
        ["--config", "/nowhere/memoryos.toml"],
        ["--data-dir", "~nobody-here/x"],
    ],
)
def test_a_wrong_option_does_not_stop_the_host(tmp_path: Path, options: list[str]) -> None:
    """Regression: exit status 2 makes Claude Code throw the prompt away, and another one shows an error."""
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    command = [sys.executable, "-m", "memoryos_mcp", "hook", *options]
    done = subprocess.run(command, input=b"{}", capture_output=True, cwd=ROOT, env=environ, timeout=30, check=False)

    assert (done.returncode, done.stdout) == (0, b"")
    assert [path for path in tmp_path.rglob("memoryos-mcp.log") if "ERROR" in path.read_text(encoding="utf-8")]


def test_a_hook_that_waits_for_ever_ends_and_says_so(tmp_path: Path) -> None:
    """Regression: it ended without a word. Its standard input never ends here."""
    command = [sys.executable, "-m", "memoryos_mcp", "hook", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.wait(30) == 0

    assert "was ended" in (tmp_path / "logs" / "memoryos-mcp.log").read_text(encoding="utf-8")


def test_a_server_that_is_gone_is_forgotten_and_one_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    """Ours: its file stays behind at a kill; the next hook goes on without it."""
    hang = threading.Event()
    slow = Endpoint(tmp_path, lambda question: {"text": str(hang.wait(5))})
    left = tmp_path / ENDPOINTS / "1-gone.json"
    left.write_text(json.dumps({"port": 1, "key": "k"}), encoding="ascii")
    try:
        assert ask(tmp_path, {"op": "recall"}, 0.2) is None
    finally:
        hang.set()
        slow.close()

    assert not left.exists()


def test_another_program_at_a_servers_old_port_learns_nothing(tmp_path: Path) -> None:
    """Regression: after a kill the port may be anybody's; the prompt and the key were sent to it."""
    heard: list[bytes] = []

    class Other(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            heard.append(self.rfile.read())

    (tmp_path / ENDPOINTS).mkdir()
    left = tmp_path / ENDPOINTS / "1-killed.json"
    with socketserver.TCPServer(("127.0.0.1", 0), Other) as server:
        left.write_text(json.dumps({"port": server.server_address[1], "key": "kkkk"}), encoding="ascii")
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        assert ask(tmp_path, {"op": "recall", "query": "private words"}, 2) is None
        thread.join(5)

    assert len(heard) == 1
    assert b"private" not in heard[0]
    assert b"kkkk" not in heard[0]
    assert not left.exists()


def test_nobody_is_answered_without_the_key(tmp_path: Path) -> None:
    """Ours: the port is open to every program of the machine, the file with the key to its owner."""
    door = Endpoint(tmp_path, lambda question: {"text": "secret"})
    try:
        (path,) = (tmp_path / ENDPOINTS).iterdir()
        written = json.loads(path.read_text(encoding="ascii"))
        assert os.name == "nt" or path.stat().st_mode & 0o077 == 0
        assert ask(tmp_path, {}, 2) == {"text": "secret"}
        path.write_text(json.dumps({**written, "key": "guessed"}), encoding="ascii")
        assert ask(tmp_path, {}, 2) is None
        path.write_text(json.dumps(written), encoding="ascii")
    finally:
        door.close()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_an_event_with_a_byte_order_mark_is_read(tmp_path: Path, encoding: str) -> None:
    """Field report: such an event was dropped; shells on Windows write them."""
    event = {"hook_event_name": "beforeSubmitPrompt", "conversation_id": "c", "prompt": "Wo w\u00e4chst das Moos?"}
    command = [sys.executable, "-m", "memoryos_mcp", "hook", "--data-dir", str(tmp_path)]
    given = json.dumps(event, ensure_ascii=False).encode(encoding)
    done = subprocess.run(command, input=given, capture_output=True, cwd=ROOT, timeout=30, check=True)

    assert json.loads(done.stdout) == {"continue": True}


def test_variables_in_the_folder_are_replaced_or_refused(tmp_path: Path) -> None:
    """Field report: hosts start programs without a shell, and a folder named `$HOME` appeared."""
    event = {"hook_event_name": "beforeSubmitPrompt", "conversation_id": "c", "prompt": "Water the ferns"}
    command = [sys.executable, "-m", "memoryos_mcp", "hook", "--data-dir"]
    environ = {**os.environ, "HOME": str(tmp_path), "FERNS": str(tmp_path / "ferns"), "PYTHONPATH": str(ROOT)}
    environ = {**environ, "XDG_DATA_HOME": str(tmp_path / "default"), "LOCALAPPDATA": str(tmp_path / "default")}
    for folder in ("$FERNS/data", "${FERNS}/more", "$MOSS_IS_NOT_SET/data"):
        subprocess.run(
            [*command, folder], input=json.dumps(event).encode(), cwd=tmp_path, env=environ, timeout=30, check=True
        )

    assert {path.name for path in (tmp_path / "ferns").iterdir()} == {"data", "more"}
    assert not [path for path in tmp_path.rglob("*") if "$" in path.name]
    (log,) = (tmp_path / "default").rglob("memoryos-mcp.log")
    assert "$MOSS_IS_NOT_SET, which is not set here" in log.read_text(encoding="utf-8")


def test_a_prompt_of_any_length_is_read_to_its_end(memory: Memoryos) -> None:
    """Field report: only the first 4,000 characters were."""
    memory.add_memory("The Zebedee cage is green.", "Noted.")
    log = "\n".join(f"{at} GET /index.html 200 ok" for at in range(3_000))
    question = {"op": "recall", "max_tokens": 800, "user_id": "default"}
    answer = answerer(memory)

    assert "cage is green" in answer({**question, "query": f"{log}\nWhat colour is the cage of Zebedee?"})["text"]
    assert "cage is green" in answer({**question, "query": f"What colour is Zebedee's cage?\n{log}"})["text"]
    assert answer({**question, "query": log})["text"] == ""


def test_with_rules_and_hooks_both_on_an_exchange_is_stored_once(tmp_path: Path, memory: Memoryos) -> None:
    """Ours: the model's own call and the hook's, in either order and in the model's words; repetition stays."""
    data = tmp_path / "data"
    stop = {"hook_event_name": "Stop", "session_id": "one", "transcript_path": str(transcript(tmp_path, SESSION[:3]))}
    hook(data, stop)
    memory.take_in_hook_inbox()
    told = memory.add_memory(
        "Our parrot Zebedee lives in the greenhouse.",
        "Noted that Zebedee is in the greenhouse.",
        "2026-03-01T10:03:00Z",
    )
    assert told.status == "duplicate"

    memory.add_memory("How do I water the ferns?", "With rain water, twice a week.", "2026-03-01T10:06:00Z")
    hook(data, {**stop, "transcript_path": str(transcript(tmp_path, SESSION))})
    assert memory.take_in_hook_inbox() == 1
    assert len(memory.short_term()) == 2

    for answer in ("Done, the ferns are watered.", "The moss has had enough by now."):
        memory.add_memory("continue", answer)
    assert len(memory.short_term()) == 4
