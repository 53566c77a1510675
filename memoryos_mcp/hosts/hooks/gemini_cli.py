"""
Gemini CLI's events: a prompt gets what is recalled on it, and is stored with the final answer to it.

Fields as of its hooks reference (hook_event_name, session_id, cwd, prompt, prompt_response, tool_name, tool_input,
tool_response). An answer that another's hook rejected is followed by the next one, which is stored too.
"""

from typing import Any

from .event import Event
from .open_turn import OpenTurn, stores_exchange

__all__ = ["answer_prompt", "note_tool_call", "store_exchange"]


def answer_prompt(event: Event) -> dict[str, Any] | None:
    """Note the prompt of `BeforeAgent`; answer with what is recalled on it."""
    prompt = event.text("prompt").strip()
    if not prompt:
        return None
    _turn(event).begin(prompt)
    text = event.recall(prompt)
    return {"hookSpecificOutput": {"hookEventName": event.name, "additionalContext": text}} if text else None


def note_tool_call(event: Event) -> None:
    """Note at `AfterTool` that the model stored something itself."""
    if stores_exchange(event.text("tool_name"), event.fields.get("tool_input"), event.fields.get("tool_response")):
        _turn(event).add({"stored": True})


def store_exchange(event: Event) -> None:
    """Store the exchange that `AfterAgent` ends; its prompt comes with it, should the beginning have been missed."""
    turn, prompt = _turn(event), event.text("prompt").strip()
    if prompt and not turn.noted():
        turn.begin(prompt)
    turn.end(event.kept(event.text("prompt_response").strip()))


def _turn(event: Event) -> OpenTurn:
    return OpenTurn(event, "gemini-cli", event.text("session_id"))
