"""
Claude Code's events: a prompt gets what is recalled on it, a finished turn is stored from the session's transcript.

Fields as of its hooks reference (hook_event_name, session_id, transcript_path, cwd, prompt, last_assistant_message).
"""

import logging
from pathlib import Path
from typing import Any

from ...storage.hook_inbox import WaitingExchange, key_of
from ...transfer.transcript import TypedExchange, last_exchange, session_start
from .event import Event, instant

__all__ = ["answer_prompt", "store_exchange"]

logger = logging.getLogger(__name__)


def answer_prompt(event: Event) -> dict[str, Any] | None:
    """Answer `UserPromptSubmit` with what is recalled from before this session, which the model sees anyway."""
    prompt = event.text("prompt").strip()
    if not prompt:
        return None
    text = event.recall(prompt, _began(event))
    if not text:
        return None
    return {"hookSpecificOutput": {"hookEventName": event.name, "additionalContext": text}}


def store_exchange(event: Event) -> None:
    """Store the exchange that `Stop` ends, unless the model stored something itself meanwhile."""
    path = Path(event.text("transcript_path")).expanduser()
    exchange = last_exchange(path)
    if exchange is None:
        logger.info("no exchange to store at the end of %s", path)
        return
    answer = _answer(exchange, event.text("last_assistant_message").strip())
    if exchange.stored or not answer:
        return
    session = event.text("session_id")
    prompt = exchange.prompt_id or exchange.timestamp or exchange.user_input
    goes_on = (answer,) if event.fields.get("stop_hook_active") is True else ()  # another's hook had it go on
    key = key_of("claude-code", session, prompt, *goes_on)
    event.store(
        key,
        WaitingExchange(
            user_id=event.user_id,
            user_input=exchange.user_input,
            agent_response=answer,
            timestamp=exchange.timestamp or instant(),
            metadata={"host": "claude-code", "session_id": session},
            project=event.project,
        ),
    )


def _answer(exchange: TypedExchange, last: str) -> str:
    """The transcript may lag behind the event, which has the model's last message itself in later versions."""
    return exchange.agent_response if last in exchange.agent_response else last


def _began(event: Event) -> str | None:
    path = event.text("transcript_path")
    try:
        return session_start(Path(path).expanduser()) if path else None
    except OSError:  # the first prompt of a session: nothing is written yet
        return None
