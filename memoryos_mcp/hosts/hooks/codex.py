"""
Codex's events: a prompt gets what is recalled on it, and is stored with the answer when the turn stops.

Fields as of its hooks documentation and schemas (hook_event_name, session_id, turn_id, cwd, transcript_path, prompt,
last_assistant_message, tool_name, tool_input, tool_response). Its events are named as Claude Code's; only Codex counts
turns. A turn that another's hook has go on is stored as it stopped first.
"""

from typing import Any

from . import claude_code
from .event import Event
from .open_turn import OpenTurn, stores_exchange

__all__ = ["answer_prompt", "is_codex", "note_tool_call", "store_exchange"]


def is_codex(event: Event) -> bool:
    """Return whether an event whose name Claude Code uses too is Codex's."""
    return event.text("turn_id") != ""


def answer_prompt(event: Event) -> dict[str, Any] | None:
    """Note the prompt of `UserPromptSubmit`; answer with what is recalled from before this session."""
    prompt = event.text("prompt").strip()
    if prompt:
        _turn(event).begin(prompt)
    return claude_code.answer_prompt(event)


def note_tool_call(event: Event) -> None:
    """Note at `PostToolUse` that the model stored something itself."""
    if stores_exchange(event.text("tool_name"), event.fields.get("tool_input"), event.fields.get("tool_response")):
        _turn(event).add({"stored": True})


def store_exchange(event: Event) -> None:
    """Store the exchange that `Stop` ends."""
    _turn(event).end(event.kept(event.text("last_assistant_message").strip()))


def _turn(event: Event) -> OpenTurn:
    return OpenTurn(event, "codex", event.text("session_id"), event.text("turn_id"))
