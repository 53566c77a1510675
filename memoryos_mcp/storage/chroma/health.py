"""
The vector indexes of one embedded Chroma: which collection has which files, and can they be trusted?

Looked at when a collection is first used, again only when somebody wrote its files; before Chroma reads them. Takes
nothing away by itself but an index that nobody searches. An index of a layout that we do not know is not judged.
"""

import logging
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domain.errors import StoreUnavailableError
from .database import DATABASE, connection_to
from .translate import translate_errors
from .vector_files import FlawError, UnknownLayoutError, entries, fingerprint

__all__ = ["VectorHealth"]

logger = logging.getLogger(__name__)

_SEGMENTS = "SELECT scope, id FROM segments WHERE collection = ?"
_DIMENSIONS = "SELECT dimension FROM collections WHERE id = ?"
_RECORDS = "SELECT COUNT(*) FROM embeddings WHERE segment_id = ?"
_SYNCED = "SELECT seq_id FROM max_seq_id WHERE segment_id = ?"
_WAITING = "SELECT COUNT(DISTINCT id) FROM embeddings_queue WHERE topic LIKE ? AND seq_id > ?"

Fingerprint = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Files:
    """Where a collection's index lies, the id of its records, and how long its vectors are."""

    folder: Path
    records: str
    dimensions: int


class VectorHealth:
    """
    Looks after the index folders in Chroma's *folder*. The caller holds the folder lock.

    Args:
        folder: Chroma's own.
        alone: Holds off other threads' operations, while the database is asked from outside (`operations`).
    """

    def __init__(self, folder: Path, alone: Callable[[], AbstractContextManager[None]] = nullcontext) -> None:
        self._folder = folder
        self._alone_with_files = alone
        self._files: dict[str, _Files] = {}
        self._trusted: dict[str, Fingerprint] = {}
        self.unchecked: dict[str, str] = {}
        """Folders of indexes whose layout is unknown, and why they were not checked."""

    def flaw(self, collection_id: str, *, searched: bool) -> str:
        """
        Return what is wrong with a collection's index, empty when nothing is.

        Args:
            collection_id: Chroma's id of the collection.
            searched: Whether its vectors are ever read: then each record must have one.

        Raises:
            StoreUnavailableError: The database cannot be asked now.
        """
        files = self._files_of(collection_id)
        if files is None:
            return ""
        state = fingerprint(files.folder)
        if self._trusted.get(collection_id) == state:
            return ""
        try:
            held = entries(files.folder, files.dimensions, thorough=collection_id not in self._trusted)
        except UnknownLayoutError as exc:
            logger.warning("the vector index %s is not checked: %s", files.folder.name, exc)
            self.unchecked[files.folder.name] = str(exc)
            self._trusted[collection_id] = state
            return ""
        except FlawError as exc:
            return str(exc)
        if searched and (flaw := self._incomplete(collection_id, files, held)):
            return flaw
        self._trusted[collection_id] = state
        return ""

    def folder(self, collection_id: str) -> Path | None:
        """Return where a collection's index lies; None while it has none."""
        files = self._files_of(collection_id)
        return None if files is None else files.folder

    def discard(self, collection_id: str) -> None:
        """Take away the files of an index that nobody searches: Chroma begins a new one."""
        files = self._files_of(collection_id)
        if files is not None:
            try:
                shutil.rmtree(files.folder)
            except OSError as exc:
                raise StoreUnavailableError(f"cannot remove the damaged index {files.folder}: {exc}") from exc
            self._trusted.pop(collection_id, None)

    def _incomplete(self, collection_id: str, files: _Files, held: int | None) -> str:
        """Every record has its vector in the index or waiting to go there; a killed process can break that."""
        synced = self._ask(_SYNCED, files.folder.name)
        if synced and held is None:
            return "its files are missing"
        ((records,),) = self._ask(_RECORDS, files.records)
        ((waiting,),) = self._ask(_WAITING, f"%{collection_id}", synced[0][0] if synced else 0)
        there = (held or 0) + waiting
        return f"it holds {there:,} vectors of {records:,}" if records > there else ""

    def _files_of(self, collection_id: str) -> _Files | None:
        if collection_id not in self._files:
            found = dict(self._ask(_SEGMENTS, collection_id))
            if {"VECTOR", "METADATA"} - set(found):
                return None
            ((dimensions,),) = self._ask(_DIMENSIONS, collection_id)
            if dimensions is None:
                return None
            self._files[collection_id] = _Files(self._folder / found["VECTOR"], found["METADATA"], dimensions)
        return self._files[collection_id]

    def _ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        path = self._folder / DATABASE
        with self._alone_with_files(), translate_errors(f"read {path}"), closing(connection_to(path)) as db:
            return db.execute(question, values).fetchall()
