"""The event of a hook: what the host sent, and whose memory it is about."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...domain.projects import AUTO, NONE, folder_label
from ...storage.hook_inbox import WaitingExchange, put
from .endpoint_client import ask

__all__ = ["Event"]

_RECALL_S = 0.4
_END_CHARS = 50_000
"""Of a prompt longer than two of these, beginning and end are asked for."""

_NOTICE_S = 0.1
_ROOT = "CLAUDE_PROJECT_DIR"
"""Claude Code's variable; the event's `cwd` moves with the model's `cd`."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event of a host.

    `fields` is the JSON object that the host sent; `max_tokens` bounds what is handed back to it. `project` is the
    setting, and `redacts` says whether secrets are left out of what is written.
    """

    fields: Mapping[str, Any]
    data_dir: Path
    user_id: str
    max_tokens: int
    project_setting: str = AUTO
    redacts: bool = True

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
        """The label of what is worked on: as set, else of the folder that the host was opened in."""
        if self.project_setting != AUTO:
            return "" if self.project_setting == NONE else folder_label(self.project_setting)
        roots = self.fields.get("workspace_roots")
        first = roots[0] if isinstance(roots, list) and roots else os.environ.get(_ROOT) or self.text("cwd")
        return folder_label(first) if isinstance(first, str) else ""

    def kept(self, text: str) -> str:
        """Return *text* as it may be written to disk."""
        if not self.redacts:
            return text
        from ...domain.secrets import redact  # two dozen patterns, which are not needed to recall

        return redact(text).text

    def recall(self, query: str, until: str | None = None) -> str:
        """Return what memory holds on *query*, "" when it holds nothing on it or no server answers in time."""
        if len(query) > 2 * _END_CHARS:
            query = f"{query[:_END_CHARS]}\n{query[-_END_CHARS:]}"
        question = {"op": "recall", "query": query, "until": until, "project": self.project}
        return self._asked(question)

    def profile(self) -> str:
        """Return who the user is, "" when that is unknown or no server answers in time."""
        return self._asked({"op": "profile"})

    def store(self, key: str, exchange: WaitingExchange) -> None:
        """Leave *exchange* in the hook inbox, and tell a running server."""
        user_input, agent_response = self.kept(exchange.user_input), self.kept(exchange.agent_response)
        if put(self.data_dir, key, replace(exchange, user_input=user_input, agent_response=agent_response)):
            ask(self.data_dir, {"op": "spooled"}, _NOTICE_S)

    def _asked(self, question: Mapping[str, Any]) -> str:
        whole = {**question, "user_id": self.user_id, "max_tokens": self.max_tokens}
        answer = ask(self.data_dir, whole, _RECALL_S) or {}
        text = answer.get("text")
        return text if isinstance(text, str) else ""


def instant() -> str:
    """Return the time now as text that tells no local offset: the settings of whoever stores it know the user's."""
    return datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
