"""
Snapshots: backups that are taken by themselves into the data folder, for `doctor --repair` to restore.

One is taken when memory changed and the newest is a day old; the oldest go when there are more than the settings
allow. The folder's lock is held while files are copied, not while the copy is looked at. Forgetting drops them all.
"""

import logging
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from ..domain.clock import now
from ..domain.errors import MemoryOSError, StoreCorruptError, StoreUnavailableError
from ..domain.settings import Settings
from ..storage.chroma.clients import writes_so_far
from ..storage.chroma.database import DATABASE
from ..storage.folder import CHROMA, FORGETTING, LOCK, LOCKS, ROOM_BYTES, SNAPSHOTS, WRITES
from ..storage.lock import BusyError, FolderLock, WorkLock
from ..storage.snapshots import Snapshot, draft_of, drop_snapshots, snapshot_folder, snapshots_in, taken_at_text
from .portable.backup import check_copy, copy_memory, files_of, write_through

__all__ = ["SNAPSHOT_EVERY", "Snapshots", "told_of_snapshots"]

logger = logging.getLogger(__name__)

SNAPSHOT_EVERY = timedelta(days=1)
_MB = 1_000_000
_LEFT_FREE = 20 * ROOM_BYTES
"""Free room that a snapshot leaves: it must never be what fills a disk."""


class Snapshots:
    """
    Takes the snapshots of one data folder. Safe to use from several processes: one of them takes a snapshot.

    Args:
        settings: Which folder, how many snapshots and how large.
        clock: The time.
    """

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        self._settings = settings
        self._clock = clock
        self._data_dir = settings.data_dir
        self._problem = ""

    @property
    def description(self) -> str:
        """The newest snapshot, or why there is none, and what went wrong with the last attempt; for people."""
        told = told_of_snapshots(self._settings)
        return f"{told} (the latest was not taken: {self._problem})" if self._problem else told

    def take_if_due(self) -> Snapshot | None:
        """Take a snapshot if one is due and nobody else does; return it. A failure is told in the log and in status."""
        try:
            if not (self._is_due() or self._too_many()):
                return None
            with WorkLock(self._data_dir / LOCKS / "snapshot.lock").hold(0):
                taken = self._take() if self._is_due() else None
                drop_snapshots(self._too_many())
        except BusyError:
            return None  # another process takes it
        except (MemoryOSError, OSError) as exc:
            self._problem = str(exc)
            logger.warning("no snapshot was taken: %s", exc)
            return None
        self._problem = ""
        return taken

    def _is_due(self) -> bool:
        """Whether memory was written since the newest snapshot, and that is a day old."""
        if not self._settings.snapshots or self._settings.chroma:
            return False
        if not (self._data_dir / CHROMA / DATABASE).exists() or (self._data_dir / FORGETTING).exists():
            return False
        there = snapshots_in(self._data_dir)
        if not there:
            return writes_so_far(self._data_dir / WRITES) > 0
        written = writes_so_far(self._data_dir / WRITES) != writes_so_far(there[-1].folder / WRITES)
        return written and abs(self._clock() - there[-1].taken_at) >= SNAPSHOT_EVERY  # a clock may have been wrong

    def _take(self) -> Snapshot | None:
        """Copy, look at the copy, and give it its name; None when something was forgotten meanwhile."""
        draft, moment = draft_of(self._data_dir), self._clock().replace(microsecond=0)
        with ExitStack() as at_end:
            at_end.callback(shutil.rmtree, draft, ignore_errors=True)
            lock = FolderLock(self._data_dir / LOCK)
            at_end.callback(lock.close)
            self._copy(lock, draft)
            try:
                check_copy(draft)
                write_through(draft)
            except (OSError, StoreCorruptError):
                if draft.exists():
                    raise
                return None  # forgetting took it away
            with lock.hold():
                if not draft.exists():
                    return None
                target = snapshot_folder(self._data_dir, moment)
                draft.rename(target)
        return Snapshot(target, moment)

    def _copy(self, lock: FolderLock, draft: Path) -> None:
        """Copy the memory as of one moment into *draft*; what a process that was killed left there goes."""
        if draft.exists():
            shutil.rmtree(draft)
        with lock.hold(), lock.tell_waiting("taking a snapshot"):
            if (self._data_dir / FORGETTING).exists():
                raise StoreUnavailableError("something is being forgotten")
            self._check_size()
            (self._data_dir / SNAPSHOTS).mkdir(mode=0o700, exist_ok=True)
            draft.mkdir(mode=0o700)
            copy_memory(self._data_dir, draft)

    def _check_size(self) -> None:
        size = sum(path.stat().st_size for path in files_of(self._data_dir))
        most = self._settings.snapshot_megabytes * _MB
        if size > most:
            raise StoreUnavailableError(
                f"memory takes {size / _MB:,.0f} MB, and MEMORYOS_SNAPSHOT_MEGABYTES allows {most / _MB:,.0f} for all "
                "snapshots: raise it, or set MEMORYOS_SNAPSHOTS=0"
            )
        free = shutil.disk_usage(self._data_dir).free
        if free < size + _LEFT_FREE:
            raise StoreUnavailableError(
                f"the disk has {free / _MB:,.0f} MB free, and a snapshot needs {(size + _LEFT_FREE) / _MB:,.0f}"
            )

    def _too_many(self) -> list[Snapshot]:
        """Return what is over the number and the bytes that the settings allow, and what a clock gone wrong named."""
        if self._settings.chroma:
            return []
        most, most_bytes = self._settings.snapshots, self._settings.snapshot_megabytes * _MB
        there = snapshots_in(self._data_dir)
        kept = [each for each in there if each.taken_at <= self._clock() + SNAPSHOT_EVERY]
        kept = kept[-most:] if most else []
        while len(kept) > 1 and sum(snapshot.size for snapshot in kept) > most_bytes:
            kept.pop(0)
        return [snapshot for snapshot in there if snapshot not in kept]


def told_of_snapshots(settings: Settings) -> str:
    """Return the newest snapshot of a data folder and how many there are, or why there are none; for people."""
    if settings.chroma:
        return "no snapshots: the documents are kept by the Chroma server"
    if there := snapshots_in(settings.data_dir):
        return f"newest snapshot {taken_at_text(there[-1])}, {len(there)} kept"
    return "no snapshot yet" if settings.snapshots else "no snapshots: MEMORYOS_SNAPSHOTS is 0"
