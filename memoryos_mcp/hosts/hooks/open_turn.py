"""
An exchange under way, of which a host's hooks see one part at a time: noted in the hook inbox until it ends.

What the model stored itself meanwhile is marked, so that the exchange is not stored twice.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...storage.hook_inbox import WaitingExchange, key_of, note, open_exchange
from .event import Event, instant

__all__ = ["OpenTurn", "stores_exchange"]

_TAKES = ("user_input", "agent_response")
_FAILED = re.compile(r'"isError"\s*:\s*true|"error"\s*:\s*["{]')


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """The turn that *event* belongs to: of a *host*, in a *session*, and `turn` if the host counts them."""

    event: Event
    host: str
    session: str
    turn: str = ""

    def begin(self, prompt: str) -> None:
        """Note what was asked, in the place of a turn that never ended."""
        event = self.event
        noted = {
            "user_id": event.user_id,
            "user_input": event.kept(prompt),
            "timestamp": instant(),
            "project": event.project,
        }
        note(self._path, noted)

    def add(self, fields: Mapping[str, Any]) -> None:
        """Note more of a turn that has begun."""
        noted = self.noted()
        if noted:
            note(self._path, {**noted, **fields})

    def noted(self) -> dict[str, Any]:
        """Return what is noted, nothing for a turn that has not begun."""
        try:
            found = json.loads(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def end(self, answer: str) -> None:
        """Store what was asked with *answer*, unless one of them is missing or the model stored it; then forget it."""
        noted = self.noted()
        if noted.get("user_input") and answer and not noted.get("stored"):
            self._store(noted, answer)
        self._path.unlink(missing_ok=True)

    def _store(self, noted: Mapping[str, Any], answer: str) -> None:
        self.event.store(
            key_of(self.host, self.session, noted["timestamp"]),
            WaitingExchange(
                user_id=noted["user_id"],
                user_input=noted["user_input"],
                agent_response=answer,
                timestamp=noted["timestamp"],
                metadata={"host": self.host, "session_id": self.session},
                project=noted["project"],
            ),
        )

    @property
    def _path(self) -> Path:
        parts = (self.host, self.session, self.turn) if self.turn else (self.host, self.session)
        return open_exchange(self.event.data_dir, key_of(*parts))


def stores_exchange(tool: str, given: Any, result: Any) -> bool:
    """Return whether a call of a tool stored an exchange with us; another memory's tool may be named alike."""
    told, answered = (value if isinstance(value, str) else json.dumps(value) for value in (given, result))
    return tool.endswith("add_memory") and all(name in told for name in _TAKES) and not _FAILED.search(answered)
