"""
A history put in order: every exchange of every document, the oldest conversation first, without holding it in memory.

What is read goes to a private database of SQLite's own, which is gone when it is closed, however it ends.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone, tzinfo
from pathlib import Path

from ...domain.errors import InputError
from ...domain.inputs import (
    MAX_FACT_CHARS,
    MAX_SIDE_CHARS,
    check_metadata,
    check_side,
    check_text,
    is_ahead,
    parse_timestamp,
)
from ...domain.projects import project_label
from .bounds import TooMuchError
from .detecting import AUTO, FORMATS, OWN, forced_format, format_of
from .documents import UNREADABLE, Document, documents
from .items import ImportedExchange, Item, Knowledge, Skip
from .summary import Summary

__all__ = ["History", "read_history"]

_SUBAGENTS = "subagents"


class History:
    """
    What was read. Iterating yields the exchanges, each with a date; `knowledge` the facts.

    Args:
        since: Only from this time on.
        until: Only up to this time.
        zone: The user's, for times that tell no local offset; None is the machine's.
        clock: The time now: what is dated more than a day later is left out.
    """

    def __init__(
        self, since: datetime | None, until: datetime | None, zone: tzinfo | None, clock: datetime | None
    ) -> None:
        self.summary = Summary()
        self._since, self._until = since, until
        self._zone, self._clock = zone, clock or datetime.now(timezone.utc)
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("CREATE TABLE said (conversation INTEGER, at REAL, place INTEGER PRIMARY KEY, told TEXT)")
        self._rows.execute("BEGIN")
        self._conversations: dict[tuple[str, str], int] = {}
        self._knowledge: list[Knowledge] = []

    @property
    def exchanges(self) -> int:
        """How many exchanges there are."""
        return self.summary.exchanges

    @property
    def latest(self) -> datetime | None:
        """When the newest was said."""
        return self.summary.latest

    def take(self, item: Item, document: Document) -> None:
        """Keep an item, or count why not."""
        if isinstance(item, Skip):
            self.summary.skip(item, document.name)
            return
        said_at = self._on_the_users_clock(item.said_at or document.modified)
        if said_at is None or is_ahead(said_at, self._clock):
            reason = "dated beyond the calendar" if said_at is None else "dated more than a day ahead of the clock"
            self.summary.skip(Skip(reason, item.where), document.name)
            return
        if (self._since is not None and said_at < self._since) or (self._until is not None and said_at > self._until):
            self.summary.skip(Skip("outside the dates asked for", item.where), document.name)
            return
        if isinstance(item, Knowledge):
            self._take_knowledge(replace(item, said_at=said_at), document)
        else:
            self._take_exchange(replace(item, said_at=said_at, dated=item.said_at is not None), said_at, document)

    def knowledge(self) -> list[Knowledge]:
        """Return the facts, oldest first."""
        return sorted(self._knowledge, key=lambda item: item.said_at.timestamp() if item.said_at else 0.0)

    def __iter__(self) -> Iterator[ImportedExchange]:
        """Yield the exchanges, conversations in the order they began."""
        rows = self._rows.execute(
            "SELECT told FROM said JOIN (SELECT conversation AS id, min(at) AS began FROM said GROUP BY conversation) "
            "ON conversation = id ORDER BY began, conversation, place"
        )
        for (told,) in rows:
            asked, answered, said_at, metadata, project, dated = json.loads(told)
            yield ImportedExchange(asked, answered, datetime.fromisoformat(said_at), "", "", metadata, project, dated)

    def close(self) -> None:
        """Let go of what was read."""
        self._rows.close()

    def _on_the_users_clock(self, said_at: datetime) -> datetime | None:
        """Return a time with its offset; programs write UTC for an instant, which says nothing of the user's clock."""
        try:
            return parse_timestamp("timestamp", said_at.isoformat().replace("+00:00", "Z"), self._zone)
        except InputError:
            return None

    def _take_exchange(self, item: ImportedExchange, said_at: datetime, document: Document) -> None:
        longest = max(len(item.user_input), len(item.agent_response))
        if longest > MAX_SIDE_CHARS:
            self.summary.skip(Skip(f"longer than {MAX_SIDE_CHARS:,} characters", item.where), document.name)
            return
        try:
            asked = check_side("user_input", item.user_input)
            answered = check_side("agent_response", item.agent_response)
            metadata, project = check_metadata(item.metadata), project_label(item.project)
        except InputError:
            self.summary.skip(Skip("blank, or a value that cannot be stored", item.where), document.name)
            return
        told = json.dumps([asked, answered, said_at.isoformat(), dict(metadata), project, item.dated])
        key = (document.name, item.conversation)
        number = self._conversations.setdefault(key, len(self._conversations))
        self._rows.execute(
            "INSERT INTO said (conversation, at, told) VALUES (?, ?, ?)", (number, said_at.timestamp(), told)
        )
        self.summary.exchanges += 1
        self.summary.sample(asked, answered)
        self.summary.undated += not item.dated
        self.summary.seen(said_at)

    def _take_knowledge(self, item: Knowledge, document: Document) -> None:
        text = " ".join(item.text.split())
        if len(text) > MAX_FACT_CHARS:
            self.summary.skip(Skip(f"fact longer than {MAX_FACT_CHARS:,} characters", item.where), document.name)
            return
        try:
            text = check_text("fact", text, longest=MAX_FACT_CHARS)
        except InputError:
            self.summary.skip(Skip("blank, or a value that cannot be stored", item.where), document.name)
            return
        self._knowledge.append(replace(item, text=text))
        self.summary.facts += 1


@contextmanager
def read_history(
    path: Path,
    format: str = AUTO,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    zone: tzinfo | None = None,
    clock: datetime | None = None,
) -> Iterator[History]:
    """
    Yield the history of a file, an archive or a folder.

    Args:
        path: What other programs exported or keep.
        format: One of `FORMATS`: documents are read as that, whatever they look like; "auto": by their content.
        since: Only from this time on.
        until: Only up to this time.
        zone: The user's, for times that tell no local offset; default the machine's.
        clock: The time now, aware: what is dated more than a day later is left out and counted; default the machine's.

    Raises:
        InputError: The format is none, or the path holds nothing that is known.
    """
    if format not in (AUTO, *FORMATS):
        raise InputError(f"format {format!r} is none of {', '.join((AUTO, *FORMATS))}")
    history = History(since, until, zone, clock)
    try:
        for document in documents(path):
            _read(document, format, history)
        if not history.summary.files:
            damaged = "".join(f"; {reason}" for reason in history.summary.skipped)
            raise InputError(
                f"nothing in {str(path)!r} has the format of {'any of ' * (format == AUTO)}"
                f"{', '.join(FORMATS) if format == AUTO else format}{damaged}"
            )
        yield history
    finally:
        history.close()


def _read(document: Document, wanted: str, history: History) -> None:
    if _SUBAGENTS in document.name.split("/")[:-1]:
        return  # what programs said to one another
    try:
        found = format_of(document) if wanted == AUTO else forced_format(document, wanted)
        if found is None or found[0] == OWN:
            history.summary.unknown.append(document.name)
            return
        name, read = found
        history.summary.files[name] += 1
        with document.open() as file:
            for item in read(file):
                history.take(item, document)
    except TooMuchError as exc:
        history.summary.skip(Skip(str(exc), "from there on"), document.name)
    except UNREADABLE as exc:
        history.summary.skip(Skip(f"the file cannot be read ({type(exc).__name__})", "from there on"), document.name)
