"""
Cursor's events: it tells of an exchange in parts, which are put together until the agent stops.

Fields as of its hooks documentation (hook_event_name, conversation_id, workspace_roots, prompt, text, tool_name,
status). Its documentation lets a session's start take context; that a prompt may take some too is reported of
versions since July 2026, and ignored by others.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...storage.hook_inbox import WaitingExchange, key_of, note, open_exchange
from .event import Event, instant

__all__ = ["answer_prompt", "answer_session_start", "note_answer", "note_tool_call", "store_exchange"]

_TAKES = ("user_input", "agent_response")
_FAILED = re.compile(r'"isError"\s*:\s*true')


def answer_session_start(event: Event) -> dict[str, Any] | None:
    """Answer `sessionStart` with who the user is."""
    text = event.profile()
    return {"additional_context": text} if text else None


def answer_prompt(event: Event) -> dict[str, Any]:
    """Note the prompt of `beforeSubmitPrompt`; answer that it may go on, with what is recalled on it."""
    prompt = event.text("prompt").strip()
    noted = {
        "user_id": event.user_id,
        "user_input": event.kept(prompt),
        "timestamp": instant(),
        "project": event.project,
    }
    note(_path(event), noted)
    text = event.recall(prompt) if prompt else ""
    return {"continue": True, **({"additional_context": text} if text else {})}


def note_answer(event: Event) -> None:
    """Note the answer of `afterAgentResponse`; the last one counts."""
    _add(event, {"agent_response": event.kept(event.text("text").strip())})


def note_tool_call(event: Event) -> None:
    """Note at `afterMCPExecution` that the model stored something itself; another memory's tool may be named alike."""
    given, result = event.fields.get("tool_input", _TAKES), event.text("result_json")
    ours = all(name in (given if isinstance(given, str) else json.dumps(given)) for name in _TAKES)
    if event.text("tool_name").endswith("add_memory") and ours and not _FAILED.search(result):
        _add(event, {"stored": True})


def store_exchange(event: Event) -> None:
    """Store the exchange that `stop` ends; one that was broken off has no final answer and is left."""
    path = _path(event)
    _store(event, _noted(path))
    path.unlink(missing_ok=True)


def _store(event: Event, noted: Mapping[str, Any]) -> None:
    if event.text("status") not in ("", "completed") or noted.get("stored"):
        return
    if not (noted.get("user_input") and noted.get("agent_response")):
        return
    event.store(
        key_of("cursor", event.text("conversation_id"), noted["timestamp"]),
        WaitingExchange(
            user_id=noted["user_id"],
            user_input=noted["user_input"],
            agent_response=noted["agent_response"],
            timestamp=noted["timestamp"],
            metadata={"host": "cursor", "session_id": event.text("conversation_id")},
            project=noted["project"],
        ),
    )


def _path(event: Event) -> Path:
    return open_exchange(event.data_dir, key_of("cursor", event.text("conversation_id")))


def _add(event: Event, fields: Mapping[str, Any]) -> None:
    path = _path(event)
    noted = _noted(path)
    if noted:
        note(path, {**noted, **fields})


def _noted(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
