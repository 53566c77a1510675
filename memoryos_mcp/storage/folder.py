"""The data folder: made private to the user (0700), and refused with a clear error where it cannot be used."""

import logging
import os
import shutil
from pathlib import Path

from ..domain.errors import StoreUnavailableError

__all__ = [
    "CHROMA",
    "DAMAGED",
    "FORGETTING",
    "INDEX",
    "LOCK",
    "LOCKS",
    "ROOM_BYTES",
    "SNAPSHOTS",
    "WRITES",
    "bytes_in",
    "check_room",
    "ours_in",
    "prepare_folder",
    "remove_memory",
    "set_aside",
]

logger = logging.getLogger(__name__)

ROOM_BYTES = 16_000_000
"""Free room below which nothing is added; deleting goes on."""

CHROMA = "chroma"
DAMAGED = "chroma.damaged-"
FORGETTING = "forgetting.json"
INDEX = "index"
LOCK = "store.lock"
LOCKS = "locks"
SNAPSHOTS = "snapshots"
WRITES = "store.writes"
_OURS = {CHROMA, INDEX, LOCK, "store.turn", "store.holder", WRITES, LOCKS, "logs", FORGETTING, SNAPSHOTS}
_OURS |= {"spool", "endpoints", "tokens.json", "tokens.lock"}


def prepare_folder(folder: Path) -> Path:
    """
    Create *folder* for this user alone and return it.

    A folder that was there before and holds other people's files keeps its permissions: changing those of a
    home or project folder would be worse than a warning.

    Raises:
        StoreUnavailableError: It is a file, or cannot be created or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        names = {entry.name for entry in folder.iterdir()}
        if folder.stat().st_mode & 0o077:
            _make_private(folder, ours={name for name in names if not name.startswith(DAMAGED)} <= _OURS)
        for name in (CHROMA, INDEX, LOCKS):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as exc:
        raise StoreUnavailableError(
            f"cannot use the data folder {folder}: {exc}; set MEMORYOS_DATA_DIR to a folder you may write"
        ) from exc
    return folder


def ours_in(folder: Path) -> list[Path]:
    """Return what in a data *folder* is ours, sorted by name."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.name in _OURS or path.name.startswith(DAMAGED))


def remove_memory(folder: Path) -> list[Path]:
    """
    Delete all memory in a data *folder*, and the folder when nothing else is in it; return what stays.

    Raises:
        StoreUnavailableError: It cannot be deleted, for instance because a server uses it.
    """
    try:
        for path in ours_in(folder):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        left = sorted(folder.iterdir()) if folder.is_dir() else []
        if folder.is_dir() and not left:
            folder.rmdir()
    except OSError as exc:
        raise StoreUnavailableError(
            f"the data folder {folder} cannot be deleted: {exc}; close the hosts first"
        ) from exc
    return left


def set_aside(folder: Path) -> list[Path]:
    """Return the damaged stores in the data *folder* that a repair set aside, the newest last."""
    return sorted(path for path in folder.glob(f"{DAMAGED}*") if path.is_dir())


def bytes_in(folder: Path) -> int:
    """Return the bytes of all files in a folder and below."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def check_room(folder: Path) -> None:
    """
    Refuse to begin a write that a full disk would interrupt: Chroma would keep half of it, and then not even read.

    Raises:
        StoreUnavailableError: There are less than `ROOM_BYTES` free.
    """
    free = shutil.disk_usage(folder).free
    if free < ROOM_BYTES:
        raise StoreUnavailableError(
            f"the disk of {folder} is full: {free / 1e6:.1f} MB are free, {ROOM_BYTES / 1e6:.0f} MB are needed to "
            "store anything safely; nothing was changed, make room and try again"
        )


def _make_private(folder: Path, *, ours: bool) -> None:
    if os.name == "nt":  # permissions follow the profile folder there
        return
    if ours:
        folder.chmod(0o700)
    else:
        logger.warning("%s is readable by others and holds other files; its permissions were left alone", folder)
