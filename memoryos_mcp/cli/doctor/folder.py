"""The data folder as the file system sees it: there, ours, private, on a local disk, with room. Creates nothing."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ...domain.counting import counted
from ...domain.settings import Settings
from ...storage.folder import bytes_in
from .finding import Finding, error, ok, warning
from .mounts import kind_of

__all__ = ["data_folder", "logs"]

_MB = 1 << 20
_LITTLE, _TOO_LITTLE = 500 * _MB, 50 * _MB
_LOG_BYTES = 100 * _MB
_ELSEWHERE = "set MEMORYOS_DATA_DIR to a folder on a local disk that you may write"
_SYNCED = ("dropbox", "onedrive", "google drive", "googledrive", "icloud drive", "mobile documents", "syncthing")


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Look at the data folder, or at where it will be made."""
    folder = settings.data_dir
    if folder.exists() and not folder.is_dir():
        yield error("data folder", f"{folder} is a file", _ELSEWHERE)
        return
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        yield error("data folder", f"{there} cannot be read and written by this user", _ELSEWHERE)
    elif there == folder:
        yield ok("data folder", f"{folder}, {bytes_in(folder) / _MB:,.1f} MB")
    else:
        yield ok("data folder", f"{folder} is not there yet; the first use makes it")
    yield from _privacy(folder)
    yield from _place(there)
    yield from _room(there)


def logs(settings: Settings) -> Iterator[Finding]:
    """Look at how much the log files in the data folder have grown."""
    files = [path for path in settings.data_dir.glob("**/*.log*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    if size > _LOG_BYTES:
        largest = max(files, key=lambda path: path.stat().st_size)
        yield warning("logs", f"log files hold {size / _MB:,.0f} MB", f"delete {largest} while no host is running")
    else:
        yield ok("logs", f"{counted(len(files), 'log file')}, {size / _MB:,.1f} MB")


def _privacy(folder: Path) -> Iterator[Finding]:
    if os.name != "nt" and folder.is_dir() and folder.stat().st_mode & 0o077:
        yield warning("data folder", f"{folder} can be read by other users of this machine", f"chmod 700 '{folder}'")


def _place(there: Path) -> Iterator[Finding]:
    kind = kind_of(there)
    if kind:
        yield warning(
            "data folder", f"{there} lies on {kind}, where locks and databases may fail several machines", _ELSEWHERE
        )
    synced = [part for part in there.parts if part.lower().startswith(_SYNCED)]
    if synced:
        yield warning(
            "data folder",
            f"{there} lies in {synced[0]}: a synchroniser that copies a database in use can damage it",
            "keep memory outside and synchronise what `memoryos-mcp export` or `backup` writes",
        )


def _room(there: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(there).free
    told = f"{free / _MB:,.0f} MB free"
    if free < _TOO_LITTLE:
        yield error("data folder", f"{told}: the next pages may not fit", "make room on this disk")
    elif free < _LITTLE:
        yield warning("data folder", told, "make room on this disk before it is full")
    else:
        yield ok("data folder", told)
