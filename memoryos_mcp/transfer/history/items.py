"""What a reader of a format yields: exchanges, facts, and what it left out with the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ...domain.errors import InputError
from ...domain.inputs import read_iso
from ...domain.records import About

__all__ = ["ImportedExchange", "Item", "Items", "Knowledge", "Skip", "moment"]

_MILLISECONDS = 1e11
"""Numbers above are milliseconds since 1970: as seconds they would lie after the year 5000."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class ImportedExchange:
    """
    One exchange of a history.

    `said_at` is None when the format tells no date; `dated` stays False then, whatever date stands in for it.
    Exchanges with one `conversation` stay together, in the order they are yielded; the rest is ordered by date.
    """

    user_input: str
    agent_response: str
    said_at: datetime | None
    conversation: str
    where: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    project: str = ""
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One fact of a history; `source` says where it comes from and becomes the fact's analyzer mark."""

    text: str
    about: About
    said_at: datetime | None
    source: str
    where: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Something left out: `reason` is one of few, `where` names the line or element."""

    reason: str
    where: str


Item = ImportedExchange | Knowledge | Skip
Items = Iterator[Item]


def moment(value: object) -> datetime | None:
    """
    Return the time of ISO 8601 text, or in UTC that of seconds or milliseconds since 1970; None when it is neither.

    A text without an offset gives a time without a zone: whoever takes the item knows the user's.
    """
    if isinstance(value, bool) or not value:
        return None
    try:
        if isinstance(value, (int, float)):
            return _EPOCH + timedelta(seconds=value / 1000 if abs(value) > _MILLISECONDS else value)
        return read_iso("timestamp", value)[0] if isinstance(value, str) else None
    except (InputError, OverflowError, ValueError):
        return None
