"""Hooks of Codex and Gemini CLI: fields as their references name them, one exchange a turn, and unknown shapes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.hosts.hooks.endpoint import Endpoint
from memoryos_mcp.hosts.hooks.event import Event
from memoryos_mcp.hosts.hooks.hook_answer import answerer
from memoryos_mcp.hosts.hooks.run import HANDLERS
from memoryos_mcp.storage.hook_inbox import SPOOL

from .test_hooks import hook
from .transcripts import STORED

CODEX: dict[str, Any] = {
    "session_id": "s",
    "turn_id": "t1",
    "cwd": "/src/garden",
    "model": "gpt-5",
    "permission_mode": "default",
    "transcript_path": None,
}
GEMINI: dict[str, Any] = {
    "session_id": "s",
    "transcript_path": "/t.json",
    "cwd": "/src/garden",
    "timestamp": "2026-03-01T10:00:00Z",
}
EVENTS: dict[str, tuple[dict[str, Any], str, str, str, str, str]] = {
    "codex": (CODEX, "UserPromptSubmit", "PostToolUse", "Stop", "last_assistant_message", "mcp__memoryos__add_memory"),
    "gemini-cli": (GEMINI, "BeforeAgent", "AfterTool", "AfterAgent", "prompt_response", "mcp_memoryos_add_memory"),
}

ANSWER_RULES: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["hookSpecificOutput"],
    "properties": {
        "hookSpecificOutput": {
            "type": "object",
            "additionalProperties": False,
            "required": ["hookEventName", "additionalContext"],
            "properties": {
                "hookEventName": {"enum": ["UserPromptSubmit", "BeforeAgent"]},
                "additionalContext": {"type": "string", "minLength": 1, "maxLength": 10_000},
            },
        }
    },
}
"""What both references let a prompt's hook answer, of the fields that we use, in our words."""


def told(data_dir: Path, name: str, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what our hook answers to an event."""
    return HANDLERS[name](Event({"hook_event_name": name, **fields}, data_dir, "anna", 800))


def waiting(data_dir: Path) -> list[dict[str, Any]]:
    """Return the exchanges that wait to be taken in."""
    return [json.loads(path.read_text("ascii")) for path in sorted((data_dir / SPOOL).glob("*.json"))]


@pytest.mark.parametrize("host", EVENTS)
def test_a_turn_is_stored_once_with_its_answer_and_project(tmp_path: Path, host: str) -> None:
    """Issue: the finished exchange, from documented fields alone; a second event of the same turn adds nothing."""
    common, asked, _, ended, answer, _ = EVENTS[host]
    prompt = {**common, "prompt": " Where does Zebedee live? "}

    assert told(tmp_path, asked, prompt) is None  # no server is there to recall anything
    assert waiting(tmp_path) == []
    told(tmp_path, ended, {**prompt, answer: "In the greenhouse. My key is sk-abcdefghijklmnopqrst123456."})
    (stored,) = waiting(tmp_path)

    assert (stored["user_id"], stored["project"]) == ("anna", "garden")
    assert stored["user_input"] == "Where does Zebedee live?"
    assert stored["agent_response"].startswith("In the greenhouse. My key is [secret removed")
    assert stored["metadata"] == {"host": host, "session_id": "s"}
    assert list((tmp_path / SPOOL / "open").iterdir()) == []


@pytest.mark.parametrize("host", EVENTS)
def test_what_the_model_stored_itself_is_not_stored_again(tmp_path: Path, host: str) -> None:
    """Ours: only a call of our tool that went well counts."""
    common, asked, called, ended, answer, tool = EVENTS[host]
    calls: list[tuple[dict[str, Any], bool]] = [
        ({"tool_name": tool, "tool_input": STORED, "tool_response": {"content": []}}, True),
        ({"tool_name": tool, "tool_input": json.dumps(STORED), "tool_response": "stored"}, True),
        ({"tool_name": tool, "tool_input": STORED, "tool_response": {"isError": True}}, False),
        ({"tool_name": tool, "tool_input": STORED, "tool_response": {"error": {"message": "busy"}}}, False),
        ({"tool_name": tool, "tool_input": {"episode_body": "ferns"}, "tool_response": {}}, False),
        ({"tool_name": "write_file", "tool_input": STORED, "tool_response": {}}, False),
        ({"tool_name": tool}, False),
    ]
    for number, (call, _) in enumerate(calls):
        fields = {**common, "session_id": str(number), "prompt": f"Question {number}?"}
        told(tmp_path, asked, fields)
        assert told(tmp_path, called, {**fields, **call}) is None
        told(tmp_path, ended, {**fields, answer: "Answer."})

    stored = {exchange["metadata"]["session_id"] for exchange in waiting(tmp_path)}
    assert stored == {str(number) for number, (_, ours) in enumerate(calls) if not ours}


@pytest.mark.parametrize("host", EVENTS)
def test_a_turn_that_was_broken_off_is_left(tmp_path: Path, host: str) -> None:
    """Ours: no answer, or none that was ever told; the next turn of the session is another."""
    common, asked, _, ended, answer, _ = EVENTS[host]
    told(tmp_path, asked, {**common, "prompt": "First?"})
    told(tmp_path, asked, {**common, "prompt": "Second?"})
    told(tmp_path, ended, {**common, "prompt": "Second?", answer: None if host == "codex" else ""})
    told(tmp_path, asked, {**common, "prompt": "Third?"})
    told(tmp_path, ended, {**common, "prompt": "Third?", answer: "Yes."})

    assert [exchange["user_input"] for exchange in waiting(tmp_path)] == ["Third?"]


def test_of_two_turns_at_once_each_gets_its_own_answer(tmp_path: Path) -> None:
    """Codex's: a session may have several under way, which their ids tell apart."""
    for turn in ("one", "two"):
        told(tmp_path, "UserPromptSubmit", {**CODEX, "turn_id": turn, "prompt": f"Question {turn}?"})
    for turn in ("one", "two"):
        told(tmp_path, "Stop", {**CODEX, "turn_id": turn, "last_assistant_message": f"Answer {turn}."})

    said = {(exchange["user_input"], exchange["agent_response"]) for exchange in waiting(tmp_path)}
    assert said == {("Question one?", "Answer one."), ("Question two?", "Answer two.")}


def test_the_end_alone_tells_gemini_s_exchange(tmp_path: Path) -> None:
    """Gemini CLI's: its last event has the prompt as well; a rejected answer is followed by another."""
    end = {**GEMINI, "prompt": "Which fern?", "prompt_response": "The royal fern."}
    told(tmp_path, "AfterAgent", end)
    told(tmp_path, "AfterAgent", {**end, "prompt_response": "The lady fern.", "stop_hook_active": True})

    assert {exchange["agent_response"] for exchange in waiting(tmp_path)} == {"The royal fern.", "The lady fern."}


@pytest.mark.parametrize("host", EVENTS)
def test_what_is_recalled_is_handed_in_as_the_reference_says(tmp_path: Path, host: str) -> None:
    """Issue: labelled as data; nothing for a prompt that memory holds nothing on."""
    common, asked, *_ = EVENTS[host]
    with Memoryos(data_dir=tmp_path, user_id="anna", embedder="bundled") as memory:
        memory.add_memory("Our parrot Zebedee lives in the greenhouse.", "Noted.")
        door = Endpoint(tmp_path, answerer(memory))
        try:
            prompts = {**common, "prompt": "Where does our parrot Zebedee live?"}
            answers = (told(tmp_path, asked, prompts) for _ in range(20))  # a busy machine may keep it from its time
            answer = next((each for each in answers if each), None)
            nothing = told(tmp_path, asked, {**common, "prompt": "Compile the kernel module with clang"})
        finally:
            door.close()

    jsonschema.validate(answer, ANSWER_RULES)
    assert answer is not None
    assert answer["hookSpecificOutput"]["hookEventName"] == asked
    assert "lives in the greenhouse" in answer["hookSpecificOutput"]["additionalContext"]
    assert nothing is None


SHAPES: list[Any] = [
    {},
    {"prompt": 7, "turn_id": "t", "session_id": ["s"]},
    {"prompt": None, "turn_id": "t", "last_assistant_message": {"text": "x"}},
    {"tool_name": "add_memory", "tool_input": None, "tool_response": None, "turn_id": "t"},
    {"prompt": "\ud800 lone", "prompt_response": "\udfff", "last_assistant_message": "\udfff", "turn_id": "\ud800"},
    {"prompt": "x" * 200_000, "cwd": 3, "workspace_roots": {}, "turn_id": "t"},
]


@pytest.mark.parametrize("name", HANDLERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_that_nobody_documented_is_no_answer_that_stops_a_host(tmp_path: Path, name: str, shape: Any) -> None:
    """Ours: at most Cursor's word that the prompt may go on, or a failure that the hook's boundary catches."""
    try:
        answer = told(tmp_path, name, shape)
    except OSError as exc:  # Claude Code's transcript that is none
        assert name == "Stop", exc  # noqa: PT017 - the class alone does not tell whose it is
        return
    assert answer in (None, {"continue": True})


@pytest.mark.parametrize("name", ["SessionStart", "BeforeModel", "SubagentStop", "", None])
def test_an_event_of_another_name_is_silent(tmp_path: Path, name: object) -> None:
    """Ours: exit status 0 and no word on stdout, whatever a later version of a host sends."""
    assert hook(tmp_path, {**CODEX, "hook_event_name": name}) == ""
