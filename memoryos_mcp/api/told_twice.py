"""
An exchange that reached memory twice: a hook stored it, and the model called `add_memory` for it in its own words.

Pure. Only pairs of which one is a hook's are looked at: what people say twice, they said twice.
"""

from collections.abc import Sequence
from datetime import timedelta

from ..domain.records import Page
from ..text import words

__all__ = ["told_already"]

_BY_HOOK = {"host", "session_id"}
"""Metadata of what hooks store."""

_APART = timedelta(hours=1)
_SHARED = 0.5


def told_already(page: Page, stored: Sequence[Page]) -> Page | None:
    """Return the one of *stored* that is the same exchange as *page* by another way, None when there is none."""
    return next((other for other in reversed(stored) if _is_same(page, other)), None)


def _is_same(page: Page, other: Page) -> bool:
    by_hook = [metadata.keys() >= _BY_HOOK for metadata in (page.metadata, other.metadata)]
    return (
        by_hook[0] != by_hook[1]
        and abs(page.timestamp - other.timestamp) <= _APART
        and words(page.user_input) == words(other.user_input)
        and _overlap(page.agent_response, other.agent_response) >= _SHARED
    )


def _overlap(one: str, other: str) -> float:
    """Return the share of the words of the shorter text that are in the longer; 1 when a text has none."""
    first, second = set(words(one)), set(words(other))
    fewer = min(len(first), len(second))
    return len(first & second) / fewer if fewer else 1.0
