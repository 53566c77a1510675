"""
The lock of a data folder as processes see it: one of them has it at a time, each in its turn.

A bare lock of the system is unfair: whoever lets go of it takes it again before a waiting process looks. So there is a
second file to queue at: a process has its turn for a few operations, then it queues like everybody, and whoever stands
first there has the lock next. Knows nothing of threads: `lock` lets one of them at a time in here.
"""

import time
from pathlib import Path

from ..domain.errors import StoreUnavailableError
from .lock_file import HolderNote, LockFile

__all__ = ["TURN_S", "ProcessLock"]

TURN_S = 0.05
"""How long a process goes on without queueing: each change of process costs opening the store anew."""
_COURTESY_S = 2.0
"""Longest wait in the queue: whoever stands first there may hang, and then everybody tries the lock itself."""
_POLL_S = 0.001
_FIRST_POLL_S, _LAST_POLL_S, _AGING_S = 0.004, 0.0005, 0.02


class ProcessLock:
    """
    The lock file, the queue and the holder's note, which lie beside one another.

    Args:
        path: The lock file; its folder must exist.
        wait_s: Longest wait for other processes, in seconds; for the message.
        turn_s: How long a process goes on without queueing, in seconds.
    """

    def __init__(self, path: Path, wait_s: float, turn_s: float = TURN_S) -> None:
        self._wait_s = wait_s
        self._turn_s = turn_s
        self._lock = LockFile(path)
        self._queue = LockFile(path.with_suffix(".turn"))
        self._note = HolderNote(path.with_suffix(".holder"))
        self._turn_began = -turn_s
        self._verified = False

    def acquire(self, deadline: float) -> None:
        """
        Take the lock, by *deadline* on the monotonic clock.

        Raises:
            StoreUnavailableError: Another process held it for longer; the message names it. Or it cannot be locked.
        """
        in_turn = time.monotonic() - self._turn_began < self._turn_s
        if not (in_turn and self._lock.try_lock()):
            self._take_turn(deadline)
        self._note.write()
        if not self._verified:
            self._verify()

    def release(self) -> None:
        """Let go of the lock."""
        self._lock.unlock()

    def is_due_to_others(self) -> bool:
        """Whether this process has had its turn and another one waits; its turn begins anew when none does."""
        if time.monotonic() - self._turn_began < self._turn_s:
            return False
        if not self._queue.try_lock():
            return True
        self._queue.unlock()
        self._turn_began = time.monotonic()
        return False

    def tell(self, what: str) -> None:
        """Have other processes told *what* takes so long; "" when nothing does any more."""
        self._note.write(what)

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        for part in (self._lock, self._queue, self._note):
            part.close()

    def _take_turn(self, deadline: float) -> None:
        """Queue, then wait for the lock as the first in the queue."""
        first = self._stand_in_queue(deadline)
        try:
            while not self._lock.try_lock():
                if time.monotonic() > deadline:
                    raise StoreUnavailableError(
                        f"{self._note.read()} has held {self._lock.path} while this one waited {self._wait_s:g} s; "
                        "end it if it hangs, or try again"
                    )
                time.sleep(_POLL_S)
        finally:
            if first:
                self._queue.unlock()
        self._turn_began = time.monotonic()

    def _stand_in_queue(self, deadline: float) -> bool:
        """Return whether this process is the first in the queue; who has waited longer looks more often."""
        began = time.monotonic()
        while not self._queue.try_lock():
            waited = time.monotonic() - began
            if waited > _COURTESY_S or time.monotonic() > deadline:
                return False
            time.sleep(max(_LAST_POLL_S, _FIRST_POLL_S / (1 + waited / _AGING_S)))
        return True

    def _verify(self) -> None:
        try:
            self._lock.verify()
        except BaseException:
            self._lock.unlock()
            raise
        self._verified = True
