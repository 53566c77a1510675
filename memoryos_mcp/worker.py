"""
The one background thread: it moves pages on, user by user, makes the vectors that are missing, and keeps its failures
visible.

It owns when the updater's steps run, never what they do. Of several processes on one data folder only the one that
holds a user's work lock does that user's work; the others look again later. A failing step is retried with backoff
and shown in `memory_status`; the pages wait where they are. When a model has failed three times, the `local` analyzer
stands in for what is pending; the model is tried again later and reads again what was read in its place.
"""

import heapq
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from .errors import AnalyzerError, EmbedderError, MemoryOSError
from .reembedding import Reembedder
from .repair import Repairer
from .storage.lock import BusyError, WorkLock
from .storage.names import user_digest
from .updater import Updater

__all__ = ["OPENING_DELAY_S", "Worker"]

logger = logging.getLogger(__name__)

DRAIN_S = 2.0
OPENING_DELAY_S = 1.0
"""What waits since the last process is looked at a moment after opening: the first call comes first."""
_ADD_DELAY_S = 1.0
_VISIT_DELAY_S = 3.0
_BUSY_ELSEWHERE_S = 1.0
_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 60.0
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Failure:
    message: str
    attempts: int
    of_model: bool

    @property
    def delay_s(self) -> float:
        """Return how long to wait before the next attempt."""
        return float(min(_FIRST_RETRY_S * 2 ** (self.attempts - 1), _LONGEST_RETRY_S))


class Worker:
    """
    Runs the updater in a daemon thread of its own from `start` to `stop`.

    Args:
        updater: The steps.
        stand_in: The steps with the `local` analyzer, for when a model does not answer; None when it is the one.
        repairer: Run once for each user, first.
        reembedder: Makes missing vectors, a batch after each round of steps.
        locks: Folder of the users' work locks.
        notify: Called with (user id, what changed) after each step, from the worker's thread.
        charged: Given a user id, returns a block in which what a model is asked is charged to that user.
    """

    def __init__(
        self,
        updater: Updater,
        stand_in: Updater | None,
        repairer: Repairer,
        reembedder: Reembedder,
        locks: Path,
        *,
        notify: Callable[[str, str], None],
        charged: Callable[[str], AbstractContextManager[None]] = lambda user_id: nullcontext(),
    ) -> None:
        self._updater = updater
        self._stand_in = stand_in
        self._repairer = repairer
        self._reembedder = reembedder
        self._locks = locks
        self._notify = notify
        self._charged = charged
        self._condition = threading.Condition()
        self._due: list[tuple[float, str]] = []
        self._visits: dict[str, Counter[str]] = {}
        self._failures: dict[str, _Failure] = {}
        self._unembedded: dict[str, _Failure] = {}
        self._runs: dict[str, int] = {}
        self._running: str | None = None
        self._awaited: Counter[str] = Counter()
        self._wanted: list[str] = []
        self._repaired: set[str] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="memoryos-worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def added(self, user_id: str) -> None:
        """Have new pages looked at a moment later: adds in quick succession are moved on together, not one by one."""
        self.wake(user_id, _ADD_DELAY_S)

    def wake(self, user_id: str, delay_s: float = 0.0) -> None:
        """Have *user_id*'s memory looked at, after *delay_s* seconds."""
        with self._condition:
            heapq.heappush(self._due, (time.monotonic() + delay_s, user_id))
            self._condition.notify_all()

    def repair_again(self, user_id: str) -> None:
        """Have *user_id*'s derived records brought in step again: some were found damaged and taken away."""
        self._repaired.discard(user_id)
        self._reembedder.forget(user_id)
        self.wake(user_id)

    def visited(self, user_id: str, segment_ids: list[str]) -> None:
        """Note that a retrieval used these segments; written a moment later, several at once."""
        if not segment_ids:
            return
        with self._condition:
            self._visits.setdefault(user_id, Counter()).update(segment_ids)
        self.wake(user_id, _VISIT_DELAY_S)

    def forget(self, user_id: str) -> None:
        """Drop what is held of a user of whom everything was forgotten, the work lock's file too."""
        with self._condition:
            self._due = [item for item in self._due if item[1] != user_id]
            heapq.heapify(self._due)
            for held in (self._visits, self._failures, self._unembedded, self._runs):
                held.pop(user_id, None)
        try:
            with self.exclusively(user_id):
                for path in self._locks.glob(f"{user_digest(user_id)}*"):
                    path.unlink()
        except (BusyError, OSError):  # another process is at work, or Windows: a lock says no more than
            logger.debug("a lock file stays")  # a hash of the user's id

    def last_error(self, user_id: str) -> str | None:
        """Return what the latest attempt on *user_id* failed with, None after a success."""
        failure = self._failure(user_id)
        return None if failure is None else failure.message

    def stop(self, timeout_s: float = DRAIN_S) -> bool:
        """Ask the thread to end after its current step and wait at most *timeout_s*; return whether it ended."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def settle(self, user_id: str, timeout_s: float | None) -> bool:
        """
        Have all that can be done for *user_id* done now, and wait for it; a batch need not be full.

        Returns whether nothing was left; False too when *timeout_s* passed, or a step failed and nothing stood in.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._condition:  # a run under way may have failed already: only later ones count
            before, runs = self._failure(user_id), self._runs.get(user_id, 0) + (self._running == user_id)
        self._awaited[user_id] += 1
        self.wake(user_id)
        try:
            return self._wait(user_id, before, runs, deadline)
        finally:
            self._awaited[user_id] -= 1

    def _wait(self, user_id: str, before: "_Failure | None", runs: int, deadline: float | None) -> bool:
        """Wait for a run after the first *runs* to leave nothing, or fail in a way that nothing stands in for."""
        while True:
            done = self._runs.get(user_id, 0) > runs and not self._left(user_id)
            with self._condition:
                running, failure = self._running == user_id, self._failure(user_id)
            if running and failure is not None and failure is before:
                done = False  # the run that succeeds takes it away at its end
            failed = failure is not None and failure is not before and not (failure.of_model and self._stand_in)
            left = 0.05 if deadline is None else min(0.05, deadline - time.monotonic())
            if done or self._stopping or failed or left <= 0:
                return done and not failed
            with self._condition:
                self._condition.wait(left)

    @contextmanager
    def exclusively(self, user_id: str, wait_s: float = 0.0) -> Iterator[None]:
        """
        Hold *user_id*'s work lock: no process, this worker included, does that user's work meanwhile.

        Who waits for it gets it after the worker's present step.

        Raises:
            BusyError: Another one holds it for longer than *wait_s*.
        """
        lock = WorkLock(self._locks / f"{user_digest(user_id)}.lock")
        with ExitStack() as held:
            with self._waiting(user_id, wait_s):
                held.enter_context(lock.hold(wait_s))
            if wait_s:
                held.callback(self.wake, user_id, _BUSY_ELSEWHERE_S)  # for what the worker left undone
            yield

    def embedding(self, user_id: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
        """Hold the lock on making *user_id*'s vectors; raises as `exclusively` does."""
        return WorkLock(self._locks / f"{user_digest(user_id)}-{self._reembedder.embedder}.lock").hold(wait_s)

    @contextmanager
    def _waiting(self, user_id: str, wait_s: float) -> Iterator[None]:
        """Have the worker end its round for who waits."""
        if not wait_s:
            yield
            return
        self._wanted.append(user_id)
        try:
            yield
        finally:
            self._wanted.remove(user_id)

    def _failure(self, user_id: str) -> "_Failure | None":
        return self._failures.get(user_id) or self._unembedded.get(user_id)

    def _left(self, user_id: str) -> bool:
        """Whether anything is to be done; the vectors of a few pages count, a change of embedder does not."""
        soon = self._reembedder.left_soon(user_id)
        return bool(soon or self._updater.pending(user_id, workable=True) or self._visits.get(user_id))

    def _run(self) -> None:
        while (user_id := self._next()) is not None:
            try:
                self._work(user_id)
                self._embed(user_id)
            except MemoryOSError as exc:  # the store or an embedder is down: the pages wait, the work is tried again
                self._broke_off(user_id, exc)
            except Exception as exc:  # noqa: BLE001 - the thread's boundary: a defect must not end all later work
                self._broke_off(user_id, exc)
            with self._condition:
                self._running = None
                self._runs[user_id] = self._runs.get(user_id, 0) + 1
                self._condition.notify_all()

    def _next(self) -> str | None:
        """Wait for the next user that is due; None when stopping."""
        with self._condition:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    _, user_id = heapq.heappop(self._due)
                    self._due = [item for item in self._due if item[1] != user_id]
                    heapq.heapify(self._due)
                    self._running = user_id
                    return user_id
                self._condition.wait(wait)
        return None

    def _work(self, user_id: str) -> None:
        try:
            with self.exclusively(user_id):
                self._rounds(user_id)
        except BusyError:
            self._repaired.discard(user_id)  # another process does this user's work; it may end between two writes
            self.wake(user_id, _BUSY_ELSEWHERE_S)

    def _embed(self, user_id: str) -> None:
        """Make a batch of missing vectors; of several processes with one embedder, one does it."""
        if self._stopping:
            return
        try:
            with self.embedding(user_id):
                more = self._reembedder.step(user_id)
        except BusyError:
            self._reembedder.forget(user_id)
            more = False
        except EmbedderError as exc:  # the pages are found by their words meanwhile
            self._unembedded[user_id] = failure = _next_failure(self._unembedded.get(user_id), exc)
            logger.warning("no vectors (attempt %d), next in %g s: %s", failure.attempts, failure.delay_s, exc)
            self.wake(user_id, failure.delay_s)
            return
        self._unembedded.pop(user_id, None)
        if more:
            self.wake(user_id)

    def _rounds(self, user_id: str) -> None:
        """Repair once, then steps until nothing is left; a model that keeps failing is stood in for."""
        if user_id not in self._repaired:
            if self._repairer.repair(user_id, lambda: self._yields(user_id)):
                self._notify(user_id, "mid_term")
            if self._yields(user_id):
                return  # perhaps not all is in step yet
            self._repaired.add(user_id)
        self._write_visits(user_id)
        try:
            with self._charged(user_id):
                self._steps(user_id, self._updater)
        except AnalyzerError as exc:
            if self._gives_up(user_id, exc) and self._stand_in is not None:
                self._steps(user_id, self._stand_in)
        else:
            self._failures.pop(user_id, None)
        linger = self._updater.batching.linger
        if linger is not None and not self._stopping and self._updater.pending(user_id):
            self.wake(user_id, linger.total_seconds())

    def _gives_up(self, user_id: str, exc: AnalyzerError) -> bool:
        """Whether the stand-in takes over: after three tries, when somebody waits, or when a host let pages pile up."""
        if not self._updater.batching.on_demand:
            return True  # a host that did not answer is no failure
        self._failed(user_id, exc)
        return self._failures[user_id].attempts >= _TRIES or self._awaited[user_id] > 0

    def _steps(self, user_id: str, updater: Updater) -> None:
        while not self._yields(user_id) and (changed := updater.step(user_id, force=self._awaited[user_id] > 0)):
            for what in sorted(changed - {"noted"}):
                self._notify(user_id, what)
            with self._condition:
                self._condition.notify_all()

    def _yields(self, user_id: str) -> bool:
        return self._stopping or user_id in self._wanted

    def _write_visits(self, user_id: str) -> None:
        """Write the visits noted so far. They stay noted until they are written; later ones wait for the next write."""
        with self._condition:
            noted = self._visits.get(user_id, Counter())
            written = dict(noted)
        if not written:
            return
        self._updater.visit(user_id, written)
        with self._condition:
            noted.subtract(written)
            for segment_id in [id_ for id_, count in noted.items() if not count]:
                del noted[segment_id]
        self._notify(user_id, "mid_term")

    def _broke_off(self, user_id: str, exc: Exception) -> None:
        """A step may have ended between its writes: repair comes before the next one."""
        self._repaired.discard(user_id)
        self._failed(user_id, exc)

    def _failed(self, user_id: str, exc: Exception) -> None:
        self._failures[user_id] = failure = _next_failure(self._failures.get(user_id), exc)
        delay = failure.delay_s
        trace, why = (None, str(exc)) if isinstance(exc, MemoryOSError) else (exc, type(exc).__name__)
        logger.error(
            "background work failed (attempt %d), next in %g s: %s", failure.attempts, delay, why, exc_info=trace
        )
        self.wake(user_id, delay)


def _next_failure(last: _Failure | None, exc: Exception) -> _Failure:
    attempts = last.attempts + 1 if last is not None else 1
    return _Failure(f"{type(exc).__name__}: {exc}", attempts, isinstance(exc, AnalyzerError))
