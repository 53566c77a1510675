"""
Whether the document store's own file can be trusted: looked at before Chroma opens it, and after an operation failed.

Chroma makes a new database where the file is missing or empty, which would hide a loss: so a memory that was written
before is refused without its database. Nothing is written here, but that SQLite finishes what a crash interrupted.
"""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path

from ...domain.errors import StoreCorruptError, StoreUnavailableError
from .tested import unknown_chroma

__all__ = ["DATABASE", "check_database", "connection_to", "corrupt", "damage_of", "identity"]

DATABASE = "chroma.sqlite3"

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
_WHOLE_BYTES = 64 << 20
"""Up to this size every page is looked at when a process opens the memory: about 1 ms for a megabyte."""
_TABLES = {"collections", "collection_metadata", "segments", "embeddings", "embedding_metadata", "embeddings_queue"}


def check_database(folder: Path, *, used: bool, thorough: bool) -> None:
    """
    Look at the database in Chroma's *folder*.

    Args:
        folder: Chroma's own.
        used: Whether this memory was ever written: then an empty one is a loss.
        thorough: Look at every page too, if the file is not large.

    Raises:
        StoreCorruptError: It is damaged or gone; it was not touched.
        StoreUnavailableError: It cannot be read now.
    """
    path = folder / DATABASE
    try:
        whole = thorough and path.exists() and path.stat().st_size <= _WHOLE_BYTES
        found = damage_of(path, used=used, whole=whole)
    except OSError as exc:
        raise StoreUnavailableError(f"cannot read {path}: {exc}") from exc
    if found:
        raise corrupt(folder, found)


def corrupt(folder: Path, why: str) -> StoreCorruptError:
    """Return the error that refuses a damaged memory and names the way out."""
    return StoreCorruptError(
        f"the memory in {folder} is damaged: {why}. It was left as it is and nothing was stored. "
        "`memoryos-mcp doctor --repair` sets it aside, restores the newest snapshot and adds what is readable"
    )


def damage_of(path: Path, *, used: bool = True, whole: bool = True) -> str:
    """
    Return what is wrong with the database at *path*, empty when nothing is.

    Args:
        path: The file.
        used: Whether it ought to hold something.
        whole: Look at every page, not at the header and the list of tables alone.

    Raises:
        StoreUnavailableError: SQLite cannot read it now: locked, no permission.
    """
    if not path.exists() or path.stat().st_size == 0:
        return f"{path.name} is {'empty' if path.exists() else 'missing'}" if used else ""
    return _missing_bytes(path) or _sqlite_complaint(path, used=used, whole=whole)


def identity(path: Path) -> tuple[int, int]:
    """Return what tells a file from another one in its place: inode and time of making; zeros when it is missing."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_ino, found.st_dev)


def connection_to(path: Path, mode: str = "ro", timeout_s: float = 5.0) -> sqlite3.Connection:
    """Return a connection to a database that is there; `ro` reads only, `rw` finishes what a crash interrupted too."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=timeout_s)


def _missing_bytes(path: Path) -> str:
    """Compare the size with what the header says; with a journal SQLite has to be asked first."""
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if not header.startswith(_MAGIC) or len(header) < _HEADER_BYTES:
        return f"{path.name} is no SQLite database any more"
    (size,) = struct.unpack(">H", header[16:18])
    changes, pages = struct.unpack(">II", header[24:32])
    (valid_for,) = struct.unpack(">I", header[92:96])
    bytes_wanted = pages * (65536 if size == 1 else size)
    journals = [path.with_name(path.name + suffix) for suffix in ("-journal", "-wal")]
    waiting = any(journal.exists() and journal.stat().st_size for journal in journals)
    if not waiting and changes == valid_for and path.stat().st_size < bytes_wanted:
        return f"{path.name} is cut short: {path.stat().st_size:,} of {bytes_wanted:,} bytes"
    return ""


def _sqlite_complaint(path: Path, *, used: bool, whole: bool) -> str:
    """Have SQLite look at it."""
    try:
        with closing(connection_to(path, "rw")) as db:
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if used and not unknown_chroma() and not tables >= _TABLES:
                return f"{path.name} lacks the tables {', '.join(sorted(_TABLES - tables))}"
            answer = db.execute("PRAGMA quick_check(1)").fetchone()[0] if whole else "ok"
    except sqlite3.OperationalError as exc:
        raise StoreUnavailableError(f"cannot read {path}: {exc}; try again") from exc
    except sqlite3.DatabaseError as exc:
        return f"{path.name}: {exc}"
    except UnicodeDecodeError:  # sqlite3 cannot even decode the name of what is damaged
        return f"{path.name}: its schema is unreadable"
    return "" if answer == "ok" else f"{path.name}: {answer.splitlines()[-1]}"
