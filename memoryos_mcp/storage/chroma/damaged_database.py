"""
What a damaged Chroma database still holds: records by user and place, read by ordinary SELECTs.

A record stands in its rows and, if it is recent, in the write-ahead queue: what cannot be read in one is taken from the
other. The file is only read. Of another Chroma than the one we know nothing is read.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...domain.protocols import Record
from .database import connection_to
from .names import is_vector_place
from .readable_rows import readable_rows
from .tested import unknown_chroma

__all__ = ["DamagedDatabase"]

_DOCUMENT = "chroma:document"
_DELETE = 3
_DELETED: Mapping[str, Any] = {}

Home = tuple[str, str]
"""User id and place of a collection."""
Key = tuple[str, str]
"""Collection and id of a record."""
Version = tuple[int, Mapping[str, Any]]
"""What was written of a record at one time: the order of the write, and the fields, `_DELETED` when it was deleted."""


@dataclass
class DamagedDatabase:
    """
    Reads what can be read of the database at `path`.

    Args:
        path: The damaged file; only read.
        sound: An older database of the same memory: it knows most collections. None without one.
    """

    path: Path
    sound: Path | None
    lost: set[tuple[str, str, str]] = field(default_factory=set)
    """User id, place and id of records whose content cannot be read."""

    @property
    def unreadable(self) -> str:
        """Return why nothing at all can be read; empty when something may be."""
        if not self.path.exists():
            return "its file is gone"
        if why := unknown_chroma():
            return f"its layout is not known: {why}"
        try:
            with closing(_open(self.path)) as db:
                db.execute("SELECT * FROM collection_metadata WHERE FALSE")
        except sqlite3.DatabaseError as exc:
            return f"SQLite cannot read it: {exc}"
        return ""

    def records(self) -> Iterator[tuple[str, str, Record]]:
        """Yield (user id, place, record) of all canonical places, each record once, place by place."""
        if self.unreadable:
            return
        with closing(_open(self.path)) as db:
            homes, parts = _homes(db), _record_parts(db)
            if self.sound is not None:
                with closing(_open(self.sound)) as older:
                    homes, parts = {**_homes(older), **homes}, {**_record_parts(older), **parts}
            versions: dict[Key, list[Version]] = defaultdict(list)
            for (collection, name), version in (*_rows(db, parts), *_queue(db)):
                if collection in homes and not is_vector_place(homes[collection][1]):
                    versions[collection, name].append(version)
        for collection, name in sorted(versions, key=lambda key: homes[key[0]]):
            yield from self._newest(homes[collection], name, versions[collection, name])

    def _newest(self, home: Home, name: str, versions: list[Version]) -> Iterator[tuple[str, str, Record]]:
        """Yield the newest version of a record that can be read, unless it was deleted after that."""
        for _, fields in sorted(versions, key=lambda version: version[0], reverse=True):
            if fields is _DELETED:
                return
            if (record := _record(name, fields)) is not None:
                yield *home, record
                return
        self.lost.add((*home, name))


def _homes(db: sqlite3.Connection) -> dict[str, Home]:
    """Return user id and place of each collection."""
    about: dict[str, dict[str, str]] = defaultdict(dict)
    for collection, key, value in readable_rows(db, "collection_metadata", "collection_id, key, str_value"):
        if isinstance(value, str):
            about[collection][key] = value
    return {
        collection: (found["user_id"], found["place"])
        for collection, found in about.items()
        if "user_id" in found and "place" in found
    }


def _open(path: Path) -> sqlite3.Connection:
    db = connection_to(path)
    db.execute("PRAGMA writable_schema = ON")  # SQLite then reads a file that is cut short as far as it goes
    return db


def _record_parts(db: sqlite3.Connection) -> dict[str, str]:
    """Return the collection of each of Chroma's parts that hold records."""
    parts = readable_rows(db, "segments", "id, scope, collection")
    return {part: collection for part, scope, collection in parts if scope == "METADATA"}


def _rows(db: sqlite3.Connection, parts: Mapping[str, str]) -> Iterator[tuple[Key, Version]]:
    """Yield what the rows of records say."""
    fields = _fields(db)
    for number, part, name, sequence in readable_rows(db, "embeddings", "id, segment_id, embedding_id, seq_id"):
        if part in parts and isinstance(name, str) and isinstance(sequence, int | bytes):
            order = sequence if isinstance(sequence, int) else int.from_bytes(sequence, "big")
            yield (parts[part], name), (order, fields.pop(number, {}))


def _fields(db: sqlite3.Connection) -> dict[int, dict[str, Any]]:
    columns = "id, key, string_value, int_value, float_value, bool_value"
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for number, key, text, whole, real, flag in readable_rows(db, "embedding_metadata", columns):
        if isinstance(key, str):
            values = (text, whole, real, None if flag is None else bool(flag))
            found[number][key] = next((value for value in values if value is not None), None)
    return found


def _queue(db: sqlite3.Connection) -> Iterator[tuple[Key, Version]]:
    """Yield what the queue says of records."""
    columns = "seq_id, operation, topic, id, metadata"
    for sequence, operation, topic, name, text in readable_rows(db, "embeddings_queue", columns):
        if isinstance(name, str):
            fields = _DELETED if operation == _DELETE else _json(text)
            yield (str(topic).rsplit("/", 1)[-1], name), (sequence, fields)


def _json(text: object) -> Mapping[str, Any]:
    try:
        found = json.loads(str(text))
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _record(name: str, fields: Mapping[str, Any]) -> Record | None:
    """Return the record that has these *fields*; None without its document."""
    document = fields.get(_DOCUMENT)
    kept = {key: value for key, value in fields.items() if value is not None and not key.startswith("chroma:")}
    return Record(name, document, kept) if isinstance(document, str) and kept else None
