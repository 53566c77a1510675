"""
Cursor's events: it tells of an exchange in parts, which are put together until the agent stops.

Fields as of its hooks documentation (hook_event_name, conversation_id, workspace_roots, prompt, text, tool_name,
status). Its documentation lets a session's start take context; that a prompt may take some too is reported of
versions since July 2026, and ignored by others.
"""

from typing import Any

from .event import Event
from .open_turn import OpenTurn, stores_exchange

__all__ = ["answer_prompt", "answer_session_start", "note_answer", "note_tool_call", "store_exchange"]


def answer_session_start(event: Event) -> dict[str, Any] | None:
    """Answer `sessionStart` with who the user is."""
    text = event.profile()
    return {"additional_context": text} if text else None


def answer_prompt(event: Event) -> dict[str, Any]:
    """Note the prompt of `beforeSubmitPrompt`; answer that it may go on, with what is recalled on it."""
    prompt = event.text("prompt").strip()
    _turn(event).begin(prompt)
    text = event.recall(prompt) if prompt else ""
    return {"continue": True, **({"additional_context": text} if text else {})}


def note_answer(event: Event) -> None:
    """Note the answer of `afterAgentResponse`; the last one counts."""
    _turn(event).add({"agent_response": event.kept(event.text("text").strip())})


def note_tool_call(event: Event) -> None:
    """Note at `afterMCPExecution` that the model stored something itself."""
    given = event.fields.get("tool_input", "user_input agent_response")
    if stores_exchange(event.text("tool_name"), given, event.text("result_json")):
        _turn(event).add({"stored": True})


def store_exchange(event: Event) -> None:
    """Store the exchange that `stop` ends; one that was broken off has no final answer and is left."""
    turn = _turn(event)
    completed = event.text("status") in ("", "completed")
    turn.end(str(turn.noted().get("agent_response", "")) if completed else "")


def _turn(event: Event) -> OpenTurn:
    return OpenTurn(event, "cursor", event.text("conversation_id"))
