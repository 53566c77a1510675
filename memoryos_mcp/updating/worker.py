"""
The one background thread: it moves pages on, user by user, makes the vectors that are missing, and keeps its failures
visible.

It owns when the updater's steps run, never what they do. Of several processes on one data folder only the one that
holds a user's work lock does that user's work; the others look again later. A failing step is retried with backoff
and shown in `memory_status`; the pages wait where they are. When a model has failed three times, the `local` analyzer
stands in for what is pending; the model is tried again later and reads again what was read in its place. When nobody
has called for a while, it has a snapshot taken (`IdleWork`).

Threads: the callers' (any number, a server's at most `CALLS_AT_ONCE`); `memoryos-worker` (this one); `memoryos-llm` (a
model's requests, `Bridge`); a server's event loop, `memoryos-load` (opens the
memory), `memoryos-leave` (closes it at a signal); `memoryos-hooks` and one more for each question of a hook
(`Endpoint`).

Locks, in the order in which they are taken, with what each guards; whoever holds one takes only later ones:

1. the work lock of a user, a file (`exclusively`): one process moves that user's pages on;
2. the embedding lock of a user, a file (`embedding`): one process makes that user's vectors; likewise the snapshot
   lock, a file (`transfer.snapshots`): one process takes a snapshot; `Forgetter._lock`: one selection is forgotten at
   a time;
3. the store's lock (`Store.exclusive`), a user's of threads, with the folder's of processes around it
   (`FolderLock._condition` says who is inside): what is on disk of that user, and what is held of them by
   `ChromaStore`, `TurnIndex`, every `CachedPlace`, the `Reembedder` and `UsageLedger._booked`. A thread that holds one
   user's asks for no other's. Without a user it is everybody's, for one thread alone: the files as a whole;
4. `Worker._condition`: `_due`, `_users` and every `UserWork` in it, `_running`, `_stopping`, `_rest`;
5. small ones, inside which no other is taken: `Operations._condition` (what is under way in Chroma, for a look at its
   file), `ChromaStore._state` (the client and `_places`), `ActiveUsers._lock` (`_held`), `TurnIndex._lock`
   (`_entries`), `Arrivals._lock` (`_last`), `UsageLedger._lock` (`_meters`), `Meter._lock` (`_total`),
   `FailureCounts._lock` (its two), `Memoryos._lock` (`_before_close`), `Retriever._lock` (`_rankers`, `_cut`), the
   `_lock` of `ContextReader`, `VectorReader`, `VectorCache`, `HeldPages` and `Knowledge` (what they keep),
   `IndexFile._lock` (`_connection`, a transaction at a time), `Pace._lock` (`_added`), `Bridge._lock` (`closed`,
   `_thread`), `Engine._lock` (`_memory`, `_thread`), and the `_lock` of whatever is loaded at its first use.

No lock, since one thread alone changes it: what `ChatModel` and `Transport` learn of their server (`memoryos-llm`);
`Changes`, `DryRuns`, `Engine._turns` and what `stdio` owes (the event loop); `IdleWork._acted` (this one). Or since it
is replaced whole, and any of its values will do: `Retriever.last_error`, `Snapshots._problem`, an encoding that
arrives; or only added to, before anybody reads: `Listeners._listeners`.
"""

import heapq
import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

from ..domain.errors import AnalyzerError, EmbedderError, MemoryOSError
from ..storage.chroma.names import user_digest
from ..storage.lock import BusyError, WorkLock
from .idle_work import IdleWork
from .reembedding import Reembedder
from .repair import Repairer
from .updater import Updater
from .user_work import Failure, UserWork, next_failure

__all__ = ["OPENING_DELAY_S", "Worker"]

logger = logging.getLogger(__name__)

DRAIN_S = 2.0
OPENING_DELAY_S = 1.0
"""What waits since the last process is looked at a moment after opening: the first call comes first."""
_ADD_DELAY_S = 1.0
_VISIT_DELAY_S = 3.0
_BUSY_ELSEWHERE_S = 1.0
_TRIES = 3
_NOBODY = ""


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
        at_rest: Called now and then from the worker's thread, when nobody has used the memory for a while.
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
        at_rest: Callable[[], object] = lambda: None,
    ) -> None:
        self._updater = updater
        self._stand_in = stand_in
        self._repairer = repairer
        self._reembedder = reembedder
        self._locks = locks
        self._notify = notify
        self._charged = charged
        self._rest = IdleWork(at_rest)
        self._condition = threading.Condition()
        self._due: list[tuple[float, str]] = []
        self._users: defaultdict[str, UserWork] = defaultdict(UserWork)
        self._running: str | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="memoryos-worker", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def note_added(self, user_id: str) -> None:
        """Have new pages looked at a moment later: adds in quick succession are moved on together, not one by one."""
        self._disturb()
        self.wake(user_id, _ADD_DELAY_S)

    def wake(self, user_id: str, delay_s: float = 0.0) -> None:
        """Have *user_id*'s memory looked at, after *delay_s* seconds."""
        with self._condition:
            heapq.heappush(self._due, (time.monotonic() + delay_s, user_id))
            self._condition.notify_all()

    def _disturb(self) -> None:
        with self._condition:
            self._rest.disturb()

    def repair_again(self, user_id: str) -> None:
        """Have *user_id*'s derived records brought in step again: some were found damaged and taken away."""
        self._set_repaired(user_id, done=False)
        self._reembedder.forget(user_id)
        self.wake(user_id)

    def note_visits(self, user_id: str, segment_ids: list[str]) -> None:
        """Note that a retrieval used these segments; written a moment later, several at once."""
        self._disturb()
        if not segment_ids:
            return
        with self._condition:
            self._users[user_id].visits.update(segment_ids)
        self.wake(user_id, _VISIT_DELAY_S)

    def forget(self, user_id: str) -> None:
        """Drop what is held of a user of whom everything was forgotten, the work lock's file too."""
        with self._condition:
            self._due = [item for item in self._due if item[1] != user_id]
            heapq.heapify(self._due)
            self._users[user_id].forget()
        try:
            with self.exclusively(user_id):
                for path in self._locks.glob(f"{user_digest(user_id)}*"):
                    path.unlink()
        except (BusyError, OSError):  # another process is at work, or Windows: a lock says no more than
            logger.debug("a lock file stays")  # a hash of the user's id

    def last_error(self, user_id: str) -> str | None:
        """Return what the latest attempt on *user_id* failed with, None after a success."""
        return None if (failure := self._failure(user_id)) is None else failure.message

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
            before, runs = self._failure(user_id), self._users[user_id].runs + (self._running == user_id)
            self._users[user_id].awaited += 1
        self.wake(user_id)
        try:
            return self._wait(user_id, before, runs, deadline)
        finally:
            with self._condition:
                self._users[user_id].awaited -= 1

    def _wait(self, user_id: str, before: "Failure | None", runs: int, deadline: float | None) -> bool:
        """Wait for a run after the first *runs* to leave nothing, or fail in a way that nothing stands in for."""
        while True:
            with self._condition:
                ran = self._users[user_id].runs > runs
            done = ran and not self._left(user_id)
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
            with self._ask_for_turn(user_id, wait_s):
                held.enter_context(lock.hold(wait_s))
            if wait_s:
                held.callback(self.wake, user_id, _BUSY_ELSEWHERE_S)  # for what the worker left undone
            yield

    def hold_embedding(self, user_id: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
        """Hold the lock on making *user_id*'s vectors; raises as `exclusively` does."""
        return WorkLock(self._locks / f"{user_digest(user_id)}-{self._reembedder.embedder}.lock").hold(wait_s)

    @contextmanager
    def _ask_for_turn(self, user_id: str, wait_s: float) -> Iterator[None]:
        """Have the worker end its round for who waits."""
        if not wait_s:
            yield
            return
        with self._condition:
            self._users[user_id].wanted += 1
        try:
            yield
        finally:
            with self._condition:
                self._users[user_id].wanted -= 1

    def _failure(self, user_id: str) -> "Failure | None":
        with self._condition:
            return self._users[user_id].failure or self._users[user_id].unembedded

    def _set_repaired(self, user_id: str, *, done: bool) -> None:
        with self._condition:
            self._users[user_id].repaired = done

    def _is_awaited(self, user_id: str) -> bool:
        with self._condition:
            return self._users[user_id].awaited > 0

    def _left(self, user_id: str) -> bool:
        """Whether anything is to be done; the vectors of a few pages count, a change of embedder does not."""
        soon = self._reembedder.left_soon(user_id)
        with self._condition:
            noted = bool(self._users[user_id].visits)
        return bool(soon or self._updater.pending_work(user_id, workable=True) or noted)

    def _run(self) -> None:
        while (user_id := self._next()) is not None:
            if user_id == _NOBODY:
                self._rest.act()
                continue
            try:
                self._work(user_id)
                self._embed_some(user_id)
            except Exception as exc:  # noqa: BLE001 - the thread's boundary: a defect must not end all later work
                self._broke_off(user_id, exc)
            with self._condition:
                self._running = None
                self._users[user_id].runs += 1
                self._condition.notify_all()

    def _next(self) -> str | None:
        """Wait for the next user that is due; `_NOBODY` when memory is at rest, None when stopping."""
        with self._condition:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    _, user_id = heapq.heappop(self._due)
                    self._due = [item for item in self._due if item[1] != user_id]
                    heapq.heapify(self._due)
                    self._running = user_id
                    return user_id
                rest = self._rest.wait_s()
                if rest <= 0:
                    return _NOBODY
                self._condition.wait(rest if wait is None else min(rest, wait))
        return None

    def _work(self, user_id: str) -> None:
        try:
            with self.exclusively(user_id):
                self._rounds(user_id)
        except BusyError:
            self._set_repaired(user_id, done=False)  # another process does the work; it may end between two writes
            self.wake(user_id, _BUSY_ELSEWHERE_S)

    def _embed_some(self, user_id: str) -> None:
        """Make a batch of missing vectors; of several processes with one embedder, one does it."""
        if self._stopping:
            return
        try:
            with self.hold_embedding(user_id):
                more = self._reembedder.step(user_id)
        except BusyError:
            self._reembedder.forget(user_id)
            more = False
        except EmbedderError as exc:  # the pages are found by their words meanwhile
            with self._condition:
                work = self._users[user_id]
                work.unembedded = failure = next_failure(work.unembedded, exc)
            logger.warning("no vectors (attempt %d), next in %g s: %s", failure.attempts, failure.delay_s, exc)
            self.wake(user_id, failure.delay_s)
            return
        with self._condition:
            self._users[user_id].unembedded = None
        if more:
            self.wake(user_id)

    def _rounds(self, user_id: str) -> None:
        """Repair once, then steps until nothing is left; a model that keeps failing is stood in for."""
        with self._condition:
            repaired = self._users[user_id].repaired
        if not repaired:
            if self._repairer.repair(user_id, lambda: self._yields(user_id)):
                self._notify(user_id, "mid_term")
            if self._yields(user_id):
                return  # perhaps not all is in step yet
            self._set_repaired(user_id, done=True)
        self._write_visits(user_id)
        try:
            with self._charged(user_id):
                self._steps(user_id, self._updater)
        except AnalyzerError as exc:
            if self._gives_up(user_id, exc) and self._stand_in is not None:
                self._steps(user_id, self._stand_in)
        else:
            with self._condition:
                self._users[user_id].failure = None
        linger = self._updater.batching.linger
        if linger is not None and not self._stopping and self._updater.pending_work(user_id):
            self.wake(user_id, linger.total_seconds())

    def _gives_up(self, user_id: str, exc: AnalyzerError) -> bool:
        """Whether the stand-in takes over: after three tries, when somebody waits, or when a host let pages pile up."""
        if not self._updater.batching.on_demand:
            return True  # a host that did not answer is no failure
        return self._note_failure(user_id, exc).attempts >= _TRIES or self._is_awaited(user_id)

    def _steps(self, user_id: str, updater: Updater) -> None:
        while not self._yields(user_id) and (changed := updater.step(user_id, force=self._is_awaited(user_id))):
            for what in sorted(changed - {"noted"}):
                self._notify(user_id, what)
            with self._condition:
                self._condition.notify_all()

    def _yields(self, user_id: str) -> bool:
        with self._condition:
            return self._stopping or self._users[user_id].wanted > 0

    def _write_visits(self, user_id: str) -> None:
        """Write the visits noted so far. They stay noted until they are written; later ones wait for the next write."""
        with self._condition:
            noted = self._users[user_id].visits
            written = dict(noted)
        if not written:
            return
        self._updater.visit(user_id, written)
        with self._condition:
            noted -= Counter(written)  # in place, so that what was noted meanwhile stays
        self._notify(user_id, "mid_term")

    def _broke_off(self, user_id: str, exc: Exception) -> None:
        """A step may have ended between its writes: repair comes before the next one."""
        self._set_repaired(user_id, done=False)
        self._note_failure(user_id, exc)

    def _note_failure(self, user_id: str, exc: Exception) -> Failure:
        with self._condition:
            work = self._users[user_id]
            work.failure = failure = next_failure(work.failure, exc)
        delay = failure.delay_s
        trace, why = (None, str(exc)) if isinstance(exc, MemoryOSError) else (exc, type(exc).__name__)
        logger.error(
            "background work failed (attempt %d), next in %g s: %s", failure.attempts, delay, why, exc_info=trace
        )
        self.wake(user_id, delay)
        return failure
