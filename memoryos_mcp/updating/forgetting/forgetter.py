"""
Forgetting from the first word to the last byte: planned, written down, carried out, and the files cleared.

Snapshots are dropped before anything is written down: while the file that says what is unfinished is there, none is
taken, so none ever brings back what was forgotten.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from ...domain.errors import StoreUnavailableError
from ...domain.records import ForgetReceipt
from ...storage.chroma.erasure import CLEARED
from ...storage.folder import FORGETTING
from ...storage.snapshots import drop_all_snapshots, snapshots_in
from ...tiers.memory import Memory
from ..repair import Repairer
from .acting import carry_out
from .planning import plan, receipt
from .selection import Selection
from .unfinished import Unfinished

__all__ = ["MARKER", "Forgetter"]

MARKER = FORGETTING

Erase = Callable[[str | None], str]
"""Clears the files of what was deleted of a user (None: of all); returns what became of them, in words."""


class Forgetter:
    """
    Forgets in one `Memory`, one selection at a time: `_lock` guards the file that says what is unfinished.

    Args:
        memory: The tiers.
        repairer: Writes anew what loses pages.
        erase: Clears the files.
        folder: The data folder, for its snapshots and the file that says what is unfinished.
    """

    def __init__(self, memory: Memory, repairer: Repairer, erase: Erase, folder: Path) -> None:
        self._memory = memory
        self._repairer = repairer
        self._erase = erase
        self._folder = folder
        self._lock = threading.RLock()
        self._unfinished = Unfinished(folder / MARKER)

    @property
    def has_pending_bytes(self) -> bool:
        """Whether something was forgotten whose bytes are still in the files."""
        return bool(self._unfinished)

    def would_forget(self, user_id: str, selection: Selection) -> ForgetReceipt:
        """Return what `forget` would do; nothing is changed."""
        with self._memory.store.exclusive(user_id):
            would = receipt(user_id, plan(self._memory, user_id, selection), dry_run=True)
            count = len(snapshots_in(self._folder)) if _changes(would, selection) else 0
            return replace(would, files=_told(count, "would go")) if count else would

    def forget(self, user_id: str, selection: Selection) -> ForgetReceipt:
        """
        Forget *selection*; on return its bytes are gone from the files.

        Raises:
            NotFoundError: An id names nothing; nothing was forgotten.
            StoreUnavailableError: A snapshot is in use, and nothing was forgotten; or it is forgotten, but the files
                could not be cleared (a full disk, a file in use): `resume` does that.
        """
        with self.holding(user_id):
            planned = plan(self._memory, user_id, selection)
            done = receipt(user_id, planned, dry_run=False)
            if not _changes(done, selection):
                return replace(done, files=CLEARED)
            dropped = drop_all_snapshots(self._folder)
            self._unfinished.begin(user_id, selection)
            carry_out(self._memory, self._repairer, user_id, planned)
            self._unfinished.carried_out()
            files = self._clear_files(user_id)
            return replace(done, files=f"{files}; {_told(dropped, 'went')}" if dropped else files)

    @contextmanager
    def holding(self, user_id: str) -> Iterator[None]:
        """Hold the memory of *user_id* to forget something of it, with nothing of anybody's left unfinished."""
        with self._lock, ExitStack() as held:
            held.enter_context(self._memory.store.exclusive(user_id))
            while self._unfinished:
                held.close()
                self.resume()
                held.enter_context(self._memory.store.exclusive(user_id))
            yield

    def resume(self) -> bool:
        """Finish what an earlier process began; return whether there was such."""
        if not self._unfinished:
            return False
        with self._lock, self._memory.store.exclusive():
            if not self._unfinished:  # another process was at it
                return False
            drop_all_snapshots(self._folder)
            self.carry_on()
            self._clear_files(None)
            return True

    def carry_on(self, user_id: str | None = None) -> None:
        """
        Forget what a process that died had begun to forget of *user_id* (None: of anybody); the files can wait.

        Called before anything is added: "everything" and "before" name what was there when they were asked for. The
        caller holds the user's memory, or everybody's.
        """
        begun = self._unfinished.read() if self._unfinished else None
        if begun is not None and user_id in (None, begun[0]):
            planned = plan(self._memory, begun[0], begun[1], again=True)
            carry_out(self._memory, self._repairer, begun[0], planned)
            self._unfinished.carried_out()

    def _clear_files(self, user_id: str | None) -> str:
        try:
            files = self._erase(user_id)
        except StoreUnavailableError as exc:
            raise StoreUnavailableError(
                f"it is forgotten, but its bytes are still in the files: {exc}; "
                "they are cleared at the next start, or when anything is forgotten"
            ) from exc
        self._unfinished.end()
        return files


def _changes(done: ForgetReceipt, selection: Selection) -> bool:
    """Whether there is anything to forget."""
    return selection.everything or any(done.places.values()) or any(done.rewritten.values())


def _told(snapshots: int, went: str) -> str:
    """Return what becomes of the snapshots, which may hold what is forgotten, in words."""
    every = "the one snapshot" if snapshots == 1 else f"all {snapshots} snapshots"
    return f"{every} {went} with it, and a new one is taken soon"
