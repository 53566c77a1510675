"""
Operations of several threads on one Chroma, and looks at its database from outside while none is under way.

SQLite's locks belong to the process, and it is in this one twice, Python's and Chroma's own: a look at the file while
the other one writes would find half of it. Operations take milliseconds, so a look waits for those under way.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ...domain.errors import StoreUnavailableError

__all__ = ["Operations"]

_WAIT_S = 30.0


class _Mine(threading.local):
    depth = 0


class Operations:
    """Counts them. `_condition` guards `_under_way`, `_standing_still`, `_looks_waiting` and `_looking`."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._mine = _Mine()
        self._under_way = 0
        self._standing_still = 0
        self._looks_waiting = 0
        self._looking = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Run an operation in the block, beside those of other threads. Reentrant."""
        if not self._mine.depth:
            with self._condition:
                self._wait_until(lambda: not self._looking and not self._looks_waiting)
                self._under_way += 1
        self._mine.depth += 1
        try:
            yield
        finally:
            self._mine.depth -= 1
            if not self._mine.depth:
                self._change(-1)

    @property
    def has_own(self) -> bool:
        """Whether this thread's own operation is under way."""
        return self._mine.depth > 0

    @contextmanager
    def none(self, *, at_all: bool = False) -> Iterator[None]:
        """
        Run the block while no operation is under way; the thread's own stands still meanwhile.

        With *at_all*, none that stands still either: what Chroma handed out before is of no use after the block.
        """
        own = min(1, self._mine.depth)
        with self._condition:
            self._under_way -= own
            self._standing_still += own
            self._looks_waiting += 1
            self._condition.notify_all()
            try:
                self._wait_until(
                    lambda: not self._looking and not self._under_way and not (at_all and self._standing_still)
                )
            except BaseException:
                self._under_way += own
                self._standing_still -= own
                raise
            finally:
                self._looks_waiting -= 1
            self._looking = True
        try:
            yield
        finally:
            with self._condition:  # at once, or another look would begin while the thread's own operation goes on
                self._looking = False
                self._under_way += own
                self._standing_still -= own
                self._condition.notify_all()

    def _change(self, by: int) -> None:
        with self._condition:
            self._under_way += by
            self._condition.notify_all()

    def _wait_until(self, done: Callable[[], bool]) -> None:
        if not self._condition.wait_for(done, _WAIT_S):
            raise StoreUnavailableError(f"an operation of another thread has taken over {_WAIT_S:g} s; try again")
