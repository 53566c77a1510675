"""What the retriever is asked, and where it reads pages and segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..domain.records import Page, Profile, Segment

__all__ = ["PageSource", "Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """
    One retrieval.

    `short_term` are the pages still in the queue, oldest first; `profile` holds all facts, superseded ones too;
    `since` and `until` bound the pages, and `until` the facts as of then; `archive` searches evicted segments too;
    `project` is the label of the work it is asked from, "" when none is told; `explain` asks for the parts of scores;
    `fill` spends the whole budget.
    """

    user_id: str
    query: str
    max_tokens: int
    since: datetime | None
    until: datetime | None
    now: datetime
    short_term: tuple[Page, ...]
    profile: Profile
    user_name: str
    assistant_name: str
    archive: bool = False
    project: str = ""
    explain: bool = False
    fill: bool = False


class PageSource(Protocol):
    """Where pages and segments are read by id; unknown ids are left out. May raise `StoreError`."""

    def pages(self, user_id: str, ids: Sequence[str]) -> list[Page]: ...

    def segments(self, user_id: str, ids: Sequence[str]) -> list[tuple[Segment, float]]:
        """Return segments with their heat."""
        ...
