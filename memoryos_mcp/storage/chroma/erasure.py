"""
Erasure: the bytes of what was deleted are overwritten in the files of embedded Chroma (invariant 6).

A delete alone leaves the text in Chroma's write-ahead queue (until the vector index of the collection is written), in
free pages and in the slack of its SQLite file, and the vector in the index file, where an element is only marked as
deleted; a dropped collection leaves its index files whole. `sync` has Chroma itself write the indexes and empty the
queue; `erase_deleted` does the rest on the files, with the client closed. Both come with the folder lock held. Nothing
here knows what is forgotten: it clears whatever is deleted.
"""

import logging
import mmap
import shutil
import sqlite3
import struct
import warnings
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .database import DATABASE
from .tested import unknown_chroma
from .translate import translate_errors

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

__all__ = [
    "CLEARED",
    "LEAST_SYNC",
    "NOBODY",
    "NOT_OURS",
    "SYNC_EVERY",
    "clearing_report",
    "erase_deleted",
    "erase_unused",
    "restore",
    "set_threshold",
    "sync",
]

logger = logging.getLogger(__name__)

CLEARED, NOT_OURS = "cleared", "left to the Chroma server"

SYNC_EVERY = 100
"""
Records after which Chroma saves a vector index. It reads again what came after the last save whenever a collection is
first used, after a start or after another process wrote: at its default of 1,000 that took 539 ms of CPU with 20,000
vectors of 256, at 100 it takes 84, and an addition costs 6 ms instead of 10.
"""

_WAIT_S = 30.0
LEAST_SYNC = 2
NOBODY = ["-nobody-1", "-nobody-2"]
"""Ids of no record. Deleting them changes nothing, and is what moves Chroma to write an index."""

_HEADER = struct.Struct("<i6Q")
_HEADER_VERSION = 1
_DELETED = 1
_DATA, _LENGTHS, _LENGTH_BYTES = "data_level0.bin", "length.bin", 4


def sync(collections: "Iterable[Collection]") -> None:
    """Have Chroma write the vector indexes and empty its queue. `restore` must follow, with a client opened anew."""
    for collection in collections:
        set_threshold(collection, LEAST_SYNC)


def restore(collections: "Iterable[Collection]") -> None:
    """Let the lowered threshold take effect, then put it back."""
    for collection in collections:
        collection.delete(ids=NOBODY)
        collection.count()
        set_threshold(collection, SYNC_EVERY)


def set_threshold(collection: "Collection", records: int) -> None:
    """Have a collection save its vectors after so many records, once it is opened anew."""
    with warnings.catch_warnings():  # Chroma's own, on reading back what it just wrote
        warnings.filterwarnings("ignore", message="legacy embedding function", category=DeprecationWarning)
        collection.modify(configuration={"hnsw": {"sync_threshold": records}})


def clearing_report(left: Sequence[str]) -> str:
    """Return what became of the files, when the vectors in the indexes *left* could not be cleared."""
    return f"{CLEARED}, but not the vectors in {', '.join(left)}: a layout we do not know" if left else CLEARED


def erase_deleted(folder: Path) -> list[str]:
    """
    Clear the files in Chroma's *folder* of what is deleted. Every client of this process is closed.

    Returns:
        The vector indexes of a layout that we do not know, which keep the vectors of what is deleted.

    Raises:
        StoreUnavailableError: No room for the copy that SQLite makes of what stays, or the file is in use.
    """
    database = folder / DATABASE
    if not database.exists():
        return []
    left = []
    with translate_errors("clear the files of what was forgotten"), closing(sqlite3.connect(database, _WAIT_S)) as db:
        db.isolation_level = None
        living = {str(id_) for (id_,) in db.execute("SELECT id FROM segments")}
        db.execute("INSERT INTO embedding_fulltext_search(embedding_fulltext_search) VALUES ('optimize')")
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # where somebody chose that journal; else it does nothing
    with translate_errors("clear the vector indexes of what was forgotten"):
        for index in folder.iterdir():
            if (index / "header.bin").exists() and index.name not in living:
                shutil.rmtree(index)
            elif index.name in living and not _erase_vectors(index):
                left.append(index.name)
    return left


def erase_unused(index: Path) -> None:
    """
    Clear the files of a vector index that holds nothing yet.

    Chroma writes them full of what its memory happened to hold: texts that were forgotten, or redacted, among it.
    """
    with translate_errors("begin a vector index"):
        found = _layout(index)
        if found is not None and found[0] == 0:
            for path, used in ((index / _DATA, 0), (index / _LENGTHS, 0)):
                _zero_behind(path, used)


def _erase_vectors(index: Path) -> bool:
    """
    Overwrite the vectors of deleted elements in an index's files, and the room behind its elements (`erase_unused`).

    Returns whether that is done: False for a layout that we do not know.
    """
    found = _layout(index)
    if found is None:
        return not (index / "header.bin").exists()
    count, size, start, end = found
    if count:
        with (index / _DATA).open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
            elements = np.ndarray((count, size), np.uint8, mapped)
            _replace_deleted(elements, start, end)
            del elements
            mapped.flush()
    _zero_behind(index / _DATA, count * size)
    _zero_behind(index / _LENGTHS, count * _LENGTH_BYTES)
    return True


def _zero_behind(path: Path, used: int) -> None:
    size = path.stat().st_size if path.exists() else 0
    if size > used:
        with path.open("r+b") as file:
            file.seek(used)
            file.write(bytes(size - used))


def _layout(index: Path) -> tuple[int, int, int, int] | None:
    """Return (elements, bytes of each, first and last byte of its vector) of an index on disk, None without one."""
    header, data = index / "header.bin", index / _DATA
    if not header.exists() or not data.exists():
        return None
    found = None if unknown_chroma() else _read_header(header.read_bytes(), data.stat().st_size)
    if found is None:
        logger.warning("%s has a layout we do not know: vectors of deleted records stay in it", index)
    return found


def _read_header(header: bytes, size: int) -> tuple[int, int, int, int] | None:
    """Return (elements, bytes of each, first and last byte of its vector) of an hnswlib file, None if it is none."""
    if len(header) < _HEADER.size:
        return None
    version, level0, _, count, each, label, vector = _HEADER.unpack_from(header)
    sane = level0 == 0 and level0 < vector < label < each and each - label == 8 and (label - vector) % 4 == 0
    return (count, each, vector, label) if version == _HEADER_VERSION and sane and count * each <= size else None


def _replace_deleted(elements: NDArray[np.uint8], start: int, end: int) -> None:
    """
    Give each deleted element the vector of the first living element it links to.

    The index still walks through deleted elements, so a vector that leads nowhere would cost recall. An element is
    its links (a count of two bytes, a byte of marks, one unused, then numbers of four bytes), its vector, its label.
    """
    deleted = (elements[:, 2] & _DELETED).astype(bool)
    for at in np.flatnonzero(deleted):
        row = elements[at]
        links: NDArray[Any] = row[4:start].view(np.uint32)[: int(row[0]) + 256 * int(row[1])]
        living = [int(link) for link in links if link < len(elements) and not deleted[link]]
        row[start:end] = elements[living[0], start:end] if living else 0
