"""What every hook has at hand: the event as the host sent it, and whose memory it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..projects import project_label
from ..spool import Spooled, put
from .asking import ask

__all__ = ["Event"]

_RECALL_S = 0.4
_NOTICE_S = 0.1


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event of a host.

    `fields` is the JSON object that the host sent; `max_tokens` bounds what is handed back to it.
    """

    fields: Mapping[str, Any]
    data_dir: Path
    user_id: str
    max_tokens: int

    @property
    def name(self) -> str:
        """The event's name, as the host spells it."""
        return self.text("hook_event_name")

    def text(self, name: str) -> str:
        """Return a field that holds text, "" when it does not."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    @property
    def project(self) -> str:
        """The label of the folder that the host works in."""
        roots = self.fields.get("workspace_roots")
        first = roots[0] if isinstance(roots, list) and roots else self.text("cwd")
        return project_label(first) if isinstance(first, str) else ""

    def recall(self, query: str, until: str | None = None) -> str:
        """Return what memory holds on *query*, "" when it holds nothing on it or no server answers in time."""
        question = {"op": "recall", "query": query, "until": until, "project": self.project}
        return self._asked(question)

    def profile(self) -> str:
        """Return who the user is, "" when that is unknown or no server answers in time."""
        return self._asked({"op": "profile"})

    def store(self, key: str, exchange: Spooled) -> None:
        """Leave *exchange* in the spool, and tell a running server."""
        if put(self.data_dir, key, exchange):
            ask(self.data_dir, {"op": "spooled"}, _NOTICE_S)

    def _asked(self, question: Mapping[str, Any]) -> str:
        whole = {**question, "user_id": self.user_id, "max_tokens": self.max_tokens}
        answer = ask(self.data_dir, whole, _RECALL_S) or {}
        text = answer.get("text")
        return text if isinstance(text, str) else ""
