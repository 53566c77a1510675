"""
The exclusive locks of a data folder, across threads and processes: one around every operation, one per user's work.

Several processes on one embedded Chroma path damage its index unless every operation, reads included, is exclusive;
`FolderLock` is what `ChromaStore` holds around each. A bare lock of the system is unfair: whoever lets go of it takes
it again before a waiting process looks. So there is a second file to queue at: a process has its turn for a few
operations, then it queues like everybody, and whoever stands first there has the lock next. The order in which all
locks are taken stands at the top of `updating/worker.py`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..domain.errors import StoreUnavailableError
from .lock_file import HolderNote, LockFile

__all__ = ["BusyError", "FolderLock", "WorkLock"]

WAIT_S = 30.0
TURN_S = 0.05
"""How long a process goes on without queueing: each change of process costs opening the store anew."""
_COURTESY_S = 2.0
"""Longest wait in the queue: whoever stands first there may hang, and then everybody tries the lock itself."""
_POLL_S = 0.001
_FIRST_POLL_S, _LAST_POLL_S, _AGING_S = 0.004, 0.0005, 0.02


class BusyError(StoreUnavailableError):
    """Somebody else does this user's work."""


class FolderLock:
    """
    The lock file of a data folder. Reentrant per thread.

    Args:
        path: The lock file; its folder must exist. The queue and the holder's note lie beside it.
        wait_s: Longest wait for other holders, in seconds.
        turn_s: How long a process goes on without queueing, in seconds.
    """

    def __init__(self, path: Path, wait_s: float = WAIT_S, turn_s: float = TURN_S) -> None:
        self._wait_s = wait_s
        self._turn_s = turn_s
        self._threads = threading.RLock()
        self._thread = ""
        self._doing = ""
        self._depth = 0
        self._lock = LockFile(path)
        self._queue = LockFile(path.with_suffix(".turn"))
        self._note = HolderNote(path.with_suffix(".holder"))
        self._turn_began = -turn_s
        self._verified = False

    @contextmanager
    def hold(self) -> Iterator[None]:
        """
        Hold the lock.

        Raises:
            StoreUnavailableError: Another process (or thread) held it for longer than the wait; the message names
                it. Or the folder cannot be locked.
        """
        deadline = time.monotonic() + self._wait_s
        if not self._threads.acquire(timeout=self._wait_s):
            raise StoreUnavailableError(
                f"{self._thread} of this process has held the memory for {self._wait_s:g} s{self._doing}; try again"
            )
        try:
            outermost = self._depth == 0
            if outermost:
                self._acquire(deadline)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if outermost:
                    self._lock.unlock()
        finally:
            self._threads.release()

    @contextmanager
    def tell_waiting(self, what: str) -> Iterator[None]:
        """Have those who wait in vain be told *what* takes so long. The caller holds the lock."""
        self._doing = f", {what}"
        self._note.write(what)
        try:
            yield
        finally:
            self._doing = ""
            self._note.write()

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        with self._threads:
            for part in (self._lock, self._queue, self._note):
                part.close()

    def _acquire(self, deadline: float) -> None:
        in_turn = time.monotonic() - self._turn_began < self._turn_s
        if not (in_turn and self._lock.try_lock()):
            self._take_turn(deadline)
        self._note.write()
        self._thread = threading.current_thread().name
        if not self._verified:
            self._verify()

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


class WorkLock:
    """
    The lock on one user's background work, for one holder; made for each use.

    Args:
        path: The lock file; the holder's note lies beside it.
    """

    def __init__(self, path: Path) -> None:
        self._lock_file = LockFile(path)
        self._note = HolderNote(path.with_suffix(".holder"))

    @contextmanager
    def hold(self, wait_s: float) -> Iterator[None]:
        """
        Hold the lock.

        Raises:
            BusyError: Another one held it for longer than *wait_s*; the message names it.
            StoreUnavailableError: It cannot be locked.
        """
        try:
            deadline = time.monotonic() + wait_s
            while not self._lock_file.try_lock():
                if time.monotonic() >= deadline:
                    raise BusyError(f"{self._note.read()} is at work on this user's memory; try again")
                time.sleep(_FIRST_POLL_S)
            self._note.write()
            yield
        finally:
            self._lock_file.close()
            self._note.close()
