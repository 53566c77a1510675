"""
Idle work: what the worker does when nobody has used the memory for a while, a snapshot, so that no call waits for it.
"""

import logging
import time
from collections.abc import Callable

__all__ = ["IdleWork"]

logger = logging.getLogger(__name__)

_QUIET_S = 10.0
"""Seconds since the last call after which memory is at rest."""
_PAUSE_S = 60.0
_LONGEST_S = 3600.0
"""After this long without rest it is done all the same: some hosts never rest."""


class IdleWork:
    """
    Says when to act. `Worker._condition` guards `_disturbed`; `_acted` is the worker's thread's alone.

    Args:
        act: What is done at rest, in the worker's thread; costs little when there is nothing to do.
        clock: Seconds that only grow.
    """

    def __init__(self, act: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._act = act
        self._clock = clock
        self._disturbed = clock()
        self._acted = clock() - _PAUSE_S

    def disturb(self) -> None:
        """Note that a caller uses the memory."""
        self._disturbed = self._clock()

    def wait_s(self) -> float:
        """Return how many seconds are left until it is time to act, if nobody calls."""
        quiet = max(self._disturbed + _QUIET_S, self._acted + _PAUSE_S)
        return min(quiet, self._acted + _LONGEST_S) - self._clock()

    def act(self) -> None:
        """Act; what goes wrong is logged, and tried again after a pause."""
        self._acted = self._clock()
        try:
            self._act()
        except Exception:  # the boundary of what is done at rest: the worker's own work goes on
            logger.exception("what is done at rest broke off")
