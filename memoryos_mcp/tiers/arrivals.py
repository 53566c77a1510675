"""The order in which pages arrive: each gets a number above those of all earlier ones of its user."""

import threading
import time

from .mid_term import MidTermMemory
from .short_term import ShortTermMemory

__all__ = ["Arrivals"]


class Arrivals:
    """
    Gives pages their order of arrival: the time in ns, or the next free number where a clock stands or was set back.

    Thread-safe: `_lock` guards `_last`. Of several processes each has its own, so callers hold the store's lock from
    taking the numbers to storing the pages.
    """

    def __init__(self, short_term: ShortTermMemory, mid_term: MidTermMemory) -> None:
        self._short_term = short_term
        self._mid_term = mid_term
        self._lock = threading.Lock()
        self._last = 0

    def take(self, user_id: str, count: int) -> range:
        """Return *count* numbers that nobody else gets, above those of short-term and mid-term pages."""
        stored = [page.sequence for page in self._short_term.pages(user_id)[-1:]]
        stored += [segment.last_sequence for segment in self._mid_term.segments(user_id).values()]
        return self.above(max(stored, default=0), count)

    def above(self, newest: int, count: int) -> range:
        """Return *count* numbers that nobody else gets, above *newest*."""
        with self._lock:
            first = max(time.time_ns(), self._last + 1, newest + 1)
            self._last = first + count - 1
            return range(first, first + count)
