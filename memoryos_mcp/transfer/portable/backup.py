"""
Backup: a copy of the data folder that is whole, made while others go on using it.

Databases are copied by SQLite itself, the rest as files, all under the folder's lock; the copy is then opened and
counted. It is a data folder like any other. Locks, logs, snapshots and stores that were set aside are not part of it.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ...domain.data_dir import whole_path
from ...domain.errors import InputError, StoreCorruptError, StoreUnavailableError
from ...domain.settings import Settings
from ...storage.chroma import open_store
from ...storage.chroma.database import DATABASE, connection_to, damage_of
from ...storage.chroma.vector_files import FlawError, UnknownLayoutError, entries
from ...storage.folder import CHROMA, INDEX, LOCK, WRITES, bytes_in
from ...storage.lock import FolderLock
from ...tiers.mid_term import ARCHIVE, MID_TERM
from ...tiers.short_term import SHORT_TERM

__all__ = ["Backup", "back_up", "check_copy", "copy_memory", "files_of", "write_through"]

Progress = Callable[[int, int], None]


def _silent(done: int, files: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: where it is, its size in bytes, and what was counted in it after it was opened."""

    folder: Path
    size: int
    users: int
    pages: int


def back_up(settings: Settings, target: Path, progress: Progress = _silent) -> Backup:
    """
    Copy the data folder that *settings* name to *target*, which appears whole or not at all.

    Args:
        settings: Which data folder.
        target: A folder that is not there yet, or empty.
        progress: Called with files copied and files in all.

    Raises:
        InputError: *target* is in use or inside the data folder, or the documents are kept by a Chroma server.
        StoreUnavailableError: The folder is held by a process that hangs, or *target* cannot be written.
        StoreCorruptError: There is nothing whole to copy; *target* was not made.
    """
    source, target = settings.data_dir, whole_path(target)
    _check(settings, target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
            copy = Path(scratch) / "memory"
            copy.mkdir(mode=0o700)
            lock = FolderLock(source / LOCK)
            try:
                with lock.hold():
                    copy_memory(source, copy, progress)
            finally:
                lock.close()
            check_copy(copy)
            users, pages = _counted(settings, copy)
            write_through(copy)
            size = bytes_in(copy)
            if target.exists():
                target.rmdir()
            copy.rename(target)
    except OSError as exc:
        raise StoreUnavailableError(
            f"cannot write the backup {target}: {exc}; make room or name another folder"
        ) from exc
    return Backup(target, size, users, pages)


def _check(settings: Settings, target: Path) -> None:
    source = settings.data_dir
    if settings.chroma:
        raise InputError(
            f"the documents are kept by the Chroma server {settings.chroma}: back that up, or use memoryos-mcp export"
        )
    if not (source / CHROMA / DATABASE).exists():
        raise InputError(f"there is no memory in {source} to back up; MEMORYOS_DATA_DIR says where it is")
    if target == source or source in target.parents:
        raise InputError(f"{target} lies inside the data folder; name a folder outside of {source}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(f"{target} is there already; name a folder that is not, or an empty one")


def files_of(data_dir: Path) -> list[Path]:
    """Return the files of a data folder that a backup has."""
    files = [
        path
        for place in (CHROMA, INDEX)
        for path in sorted((data_dir / place).rglob("*"))
        if path.is_file() and not path.name.endswith(("-journal", "-wal", "-shm"))
    ]
    return [*files, data_dir / WRITES] if (data_dir / WRITES).exists() else files


def copy_memory(source: Path, target: Path, progress: Progress = _silent) -> None:
    """Copy the files of data folder *source* into folder *target*. The caller holds the lock of *source*."""
    files = files_of(source)
    for number, path in enumerate(files, start=1):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.suffix == ".sqlite3":
            _copy_database(path, copy)
        else:
            shutil.copy2(path, copy)
        progress(number, len(files))


def _copy_database(path: Path, copy: Path) -> None:
    """Have SQLite copy a database as of one moment: Chroma writes a little of its own after the lock is let go."""
    try:
        with (
            closing(connection_to(path, "rw", 30)) as whole,
            closing(sqlite3.connect(copy)) as target,
        ):
            target.execute("PRAGMA synchronous = OFF")  # others wait for the lock: `write_through` comes after it
            whole.backup(target)
    except sqlite3.OperationalError as exc:
        raise StoreUnavailableError(f"cannot copy {path}: {exc}; try again") from exc
    except sqlite3.DatabaseError as exc:
        raise StoreCorruptError(f"cannot copy {path}: {exc}; memoryos-mcp doctor says more") from exc


def check_copy(copy: Path) -> None:
    """
    Look at every file of a copy, and take damaged vector indexes out of it: they are made anew from the documents.

    Raises:
        StoreCorruptError: The documents are damaged.
    """
    if damage := damage_of(copy / CHROMA / DATABASE):
        raise StoreCorruptError(f"the store to copy is damaged: {damage}; memoryos-mcp doctor --repair mends it")
    for path in (copy / CHROMA).iterdir():
        if path.is_dir():
            try:
                entries(path)
            except UnknownLayoutError:
                continue  # not ours to judge: copied as it is
            except FlawError:
                shutil.rmtree(path)


def write_through(copy: Path) -> None:
    """Have the system write the files of a copy to the disk, so that a power cut finds them whole."""
    for path in copy.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())


def _counted(settings: Settings, copy: Path) -> tuple[int, int]:
    """Open a copy and return how many users and pages it has."""
    store = open_store(settings.model_copy(update={"data_dir": copy}))
    try:
        users = store.users()
        pages = sum(store.count(user_id, place) for user_id in users for place in (SHORT_TERM, MID_TERM))
        pages += sum(len(store.ids(user_id, ARCHIVE, where={"kind": "page"})) for user_id in users)
    finally:
        store.close()
    return len(users), pages
