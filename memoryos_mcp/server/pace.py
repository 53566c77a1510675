"""
How many pages a user may add a minute through one server: an end to a model that calls in a loop.

Held in memory, by this process alone: several servers of a user each have their own count. Imports, the command line
and the Python API do not come this way.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from ..domain.errors import InputError

__all__ = ["Pace"]

_MINUTE_S = 60.0
_USERS = 256


class Pace:
    """
    A sliding minute for each user. Thread-safe.

    Args:
        most: Pages a minute.
        clock: Returns seconds that never go back.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._added: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, user_id: str) -> None:
        """
        Count one page of *user_id*.

        Raises:
            InputError: The minute's pages are used up.
        """
        with self._lock:
            now = self._clock()
            added = self._added.setdefault(user_id, deque())
            self._added.move_to_end(user_id)
            while len(self._added) > _USERS:
                self._added.popitem(last=False)
            while added and added[0] <= now - _MINUTE_S:
                added.popleft()
            if len(added) >= self._most:
                wait = added[0] + _MINUTE_S - now
                raise InputError(
                    f"{self._most:,} pages were added within a minute, as many as MEMORYOS_PAGES_PER_MINUTE allows: "
                    f"try again in {wait:.0f} s, or raise it"
                )
            added.append(now)
