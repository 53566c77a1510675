"""
The locks of a data folder, of threads and processes: one of each user's memory, one of all, one of a user's work.

Several processes on one embedded Chroma path damage its index unless every operation, reads included, is exclusive; so
a process holds the folder (`ProcessLock`) while any of its threads is inside. Within a process the threads of different
users go side by side, those of one user one after the other. What concerns everybody's files (erasing, closing) takes
a thread that is alone. The order in which all locks are taken stands at the top of `updating/worker.py`.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..domain.errors import StoreUnavailableError
from .lock_file import HolderNote, LockFile
from .process_lock import TURN_S, ProcessLock

__all__ = ["BusyError", "FolderLock", "WorkLock"]

WAIT_S = 30.0
_POLL_S = 0.004


class BusyError(StoreUnavailableError):
    """Somebody else does this user's work."""


class _Mine(threading.local):
    """What a thread holds itself: how often, whether all of it, else whose."""

    depth = 0
    alone = False
    user_id: str | None = None


class FolderLock:
    """
    The lock of a data folder. Reentrant per thread; a thread holds one user's memory, or is alone.

    `_condition` guards `_inside` (the threads that hold the lock, by number, with names), `_aside` (those of them that
    wait to be alone, and touch nothing), `_alone` (the one that is), `_taking` (one waits for other processes),
    `_leaving` (others' turn has come), `_waiting_alone` (how many wait to be alone, inside or outside), and `_users`:
    whose memory is held by which thread.

    Args:
        path: The lock file; its folder must exist. The queue and the holder's note lie beside it.
        wait_s: Longest wait for other holders, in seconds.
        turn_s: How long a process goes on when others wait, in seconds.
    """

    def __init__(self, path: Path, wait_s: float = WAIT_S, turn_s: float = TURN_S) -> None:
        self._wait_s = wait_s
        self._process = ProcessLock(path, wait_s, turn_s)
        self._condition = threading.Condition()
        self._mine = _Mine()
        self._users: dict[str, str] = {}
        self._inside: dict[int, str] = {}
        self._alone: int | None = None
        self._aside: set[int] = set()
        self._taking = self._leaving = False
        self._waiting_alone = 0
        self._doing = ""

    @contextmanager
    def hold(self, user_id: str | None = None) -> Iterator[None]:
        """
        Hold one user's memory, or (None) everybody's: then no other thread is inside.

        A thread that holds a user's may ask to be alone for a while: it steps aside until every other thread has left
        or stepped aside too, and the process keeps the folder. What it read of everybody's may be out of date then.

        Raises:
            StoreUnavailableError: Another process (or thread) held it for longer than the wait; the message names
                it. Or the folder cannot be locked.
            RuntimeError: The thread holds another user's memory: two such threads could wait for each other.
        """
        mine, deadline = self._mine, time.monotonic() + self._wait_s
        with ExitStack() as held:
            if not mine.depth:
                self._begin(user_id, held, deadline)
            elif user_id is None and not mine.alone:
                self._step_aside(deadline)
                held.callback(self._come_back)
            elif not mine.alone and user_id != mine.user_id:
                raise RuntimeError("a thread that holds one user's memory asks for another's")
            mine.depth += 1
            try:
                yield
            finally:
                mine.depth -= 1

    @contextmanager
    def share(self) -> Iterator[None]:
        """Hold the folder and nobody's memory, for what is read of all; raises as `hold` does."""
        mine = self._mine
        if mine.depth:
            yield
            return
        self._enter(time.monotonic() + self._wait_s, alone=False)
        mine.depth, mine.user_id = 1, None
        try:
            yield
        finally:
            mine.depth = 0
            self._leave()

    @property
    def held(self) -> bool:
        """Whether this thread is inside."""
        return self._mine.depth > 0

    @contextmanager
    def tell_waiting(self, what: str) -> Iterator[None]:
        """Have those who wait in vain be told *what* takes so long. The caller is alone."""
        self._doing = f", {what}"
        self._process.tell(what)
        try:
            yield
        finally:
            self._doing = ""
            self._process.tell("")

    def close(self) -> None:
        """Close the files once nobody is inside; the next use opens them again."""
        with self._condition:
            self._condition.wait_for(lambda: not self._inside, self._wait_s)
            self._process.close()

    def _begin(self, user_id: str | None, held: ExitStack, deadline: float) -> None:
        """Take a user's memory first, then go inside: who waits for a user holds nobody up."""
        mine = self._mine
        if user_id is not None:
            self._take_user(user_id, deadline)
            held.callback(self._give_back, user_id)
        self._enter(deadline, alone=user_id is None)
        held.callback(self._leave)
        mine.user_id, mine.alone = user_id, user_id is None
        held.callback(setattr, mine, "alone", False)

    def _take_user(self, user_id: str, deadline: float) -> None:
        with self._condition:
            while (holder := self._users.get(user_id)) is not None:
                self._wait(deadline, holder, "this user's memory")
            self._users[user_id] = threading.current_thread().name

    def _give_back(self, user_id: str) -> None:
        with self._condition:
            del self._users[user_id]
            self._condition.notify_all()

    def _enter(self, deadline: float, *, alone: bool) -> None:
        me = threading.get_ident()
        with self._condition:
            self._waiting_alone += alone
            try:
                while self._is_shut(alone):
                    self._wait(deadline)
            finally:
                self._waiting_alone -= alone
                self._condition.notify_all()
            first = self._taking = not self._inside
            self._inside[me] = threading.current_thread().name
            self._alone = me if alone else None
        if first:
            self._take_from_processes(deadline)

    def _is_shut(self, alone: bool) -> bool:
        """Whether a thread has to wait outside. Under the condition."""
        if self._taking or self._alone is not None:
            return True
        if alone:
            return len(self._inside) > len(self._aside)
        if self._inside and not self._leaving:
            self._leaving = self._process.is_due_to_others()
        return self._leaving or self._waiting_alone > 0

    def _take_from_processes(self, deadline: float) -> None:
        try:
            self._process.acquire(deadline)
        except BaseException:
            self._go(release=False)
            raise
        with self._condition:
            self._taking = False
            self._condition.notify_all()

    def _leave(self) -> None:
        self._go(release=True)

    def _go(self, *, release: bool) -> None:
        me = threading.get_ident()
        with self._condition:
            del self._inside[me]
            if self._alone == me:
                self._alone = None
            try:
                if not self._inside and release:
                    self._process.release()
            finally:
                if not self._inside:
                    self._taking = self._leaving = False
                self._condition.notify_all()

    def _step_aside(self, deadline: float) -> None:
        """Wait until every other thread has left or stepped aside; none comes in meanwhile."""
        me = threading.get_ident()
        with self._condition:
            self._aside.add(me)
            self._waiting_alone += 1
            self._condition.notify_all()
            try:
                while self._alone is not None or len(self._inside) > len(self._aside):
                    self._wait(deadline)
                self._alone = me
            finally:
                self._aside.discard(me)
                self._waiting_alone -= 1
                self._condition.notify_all()
        self._mine.alone = True

    def _come_back(self) -> None:
        self._mine.alone = False
        with self._condition:
            self._alone = None
            self._condition.notify_all()

    def _wait(self, deadline: float, holder: str = "", what: str = "the memory") -> None:
        """Wait for a change, or raise that a *holder* held *what* for too long. Under the condition."""
        left = deadline - time.monotonic()
        if left <= 0:
            others = [name for number, name in self._inside.items() if number != threading.get_ident()]
            who = f"{holder or ', '.join(others)} of this process has held {what}"
            raise StoreUnavailableError(f"{who} for {self._wait_s:g} s{self._doing}; try again")
        self._condition.wait(left)


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
                time.sleep(_POLL_S)
            self._note.write()
            yield
        finally:
            self._lock_file.close()
            self._note.close()
