"""
What a damaged Chroma database still holds: records by user and place, read by ordinary SELECTs.

A record stands in up to three places: its rows, the full-text table, and (if it is recent) the write-ahead queue. What
cannot be read in one is taken from another. The file is only read. Of another Chroma than the one we know nothing is.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...domain.protocols import Record
from .names import META, is_vector_place, user_digest
from .readable_rows import readable_rows
from .tested import unknown_chroma

__all__ = ["DamagedDatabase"]

_DOCUMENT = "chroma:document"
_DELETE = 3

Home = tuple[str, str]
"""User id and place of a collection."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A record's row: its number, its collection and name, and the order in which it was written."""

    number: int
    collection: str
    name: str
    sequence: int


@dataclass(frozen=True, slots=True)
class _Queued:
    """The latest word of the queue on a record: what was written (None: deleted, or unreadable), in which order."""

    sequence: int
    deleted: bool
    fields: Mapping[str, Any] | None


@dataclass
class DamagedDatabase:
    """
    Reads what can be read of the database at `path`.

    Args:
        path: The damaged file; only read.
        sound: An older database of the same memory: it knows most collections. None without one.
        users: User ids that may occur, for when only their digests can be read.
    """

    path: Path
    sound: Path | None
    users: Collection[str]
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
            homes, parts = self._homes(db), _record_parts(db)
            if self.sound is not None:
                with closing(_open(self.sound)) as older:
                    homes, parts = {**self._homes(older), **homes}, {**_record_parts(older), **parts}
            wanted = {collection for collection, (_, place) in homes.items() if not is_vector_place(place)}
            rows = [row for row in _rows(db, parts) if row.collection in wanted]
            fields, texts = _fields(db, {row.number for row in rows}), _texts(db, {row.number for row in rows})
            queue = _queue(db, wanted)
        rows.sort(key=lambda row: (homes[row.collection], -row.sequence))
        seen: set[tuple[str, str]] = set()
        for row in rows:
            key = (row.collection, row.name)
            if key not in seen:
                seen.add(key)
                queued = queue.get(key)
                newer = queued if queued is not None and queued.sequence >= row.sequence else None
                own = _of_row(row, fields.get(row.number, {}), texts.get(row.number))
                yield from self._one(homes[row.collection], row.name, own, newer)
        for (collection, name), queued in queue.items():
            if (collection, name) not in seen:
                yield from self._one(homes[collection], name, None, queued)

    def _one(
        self, home: Home, name: str, own: Record | None, queued: _Queued | None
    ) -> Iterator[tuple[str, str, Record]]:
        if queued is not None and queued.deleted:
            return
        record = _of_queue(name, queued) or own
        if record is None:
            self.lost.add((*home, name))
        else:
            yield *home, record

    def _homes(self, db: sqlite3.Connection) -> dict[str, Home]:
        """Return user id and place of each collection, from its metadata, else from its name."""
        about: dict[str, dict[str, str]] = defaultdict(dict)
        for collection, key, value in readable_rows(db, "collection_metadata", "collection_id, key, str_value"):
            if isinstance(value, str):
                about[collection][key] = value
        users = {*self.users, *(found["user_id"] for found in about.values() if found.get("user_id"))}
        digests = {user_digest(user): user for user in users}
        for collection, name in readable_rows(db, "collections", "id, name"):
            digest, _, place = str(name).removeprefix("u-").partition("-")
            if name != META and place:
                found = about[collection]
                found.setdefault("user_id", digests.get(digest, f"rescued-{digest[:10]}"))
                found.setdefault("place", place)
        return {
            collection: (found["user_id"], found["place"])
            for collection, found in about.items()
            if found.get("user_id") and found.get("place")
        }


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
    db.execute("PRAGMA writable_schema = ON")  # SQLite then reads a file that is cut short as far as it goes
    return db


def _record_parts(db: sqlite3.Connection) -> dict[str, str]:
    """Return the collection of each of Chroma's parts that hold records."""
    parts = readable_rows(db, "segments", "id, scope, collection")
    return {part: collection for part, scope, collection in parts if scope == "METADATA"}


def _rows(db: sqlite3.Connection, parts: Mapping[str, str]) -> Iterator[_Row]:
    """Yield the rows of records: those of the table, then those that only its index still has, which has no order."""
    seen: set[int] = set()
    table = readable_rows(db, "embeddings", "id, segment_id, embedding_id, seq_id")
    for number, part, name, sequence in (*table, *((*row, 0) for row in _indexed_rows(db))):
        if number not in seen and part in parts and isinstance(name, str) and isinstance(sequence, int | bytes):
            seen.add(number)
            order = sequence if isinstance(sequence, int) else int.from_bytes(sequence, "big")
            yield _Row(number, parts[part], name, order)


def _indexed_rows(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Return what the index by name gives from either end up to where it is broken."""
    found: list[tuple[Any, ...]] = []
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.DatabaseError):
            found.extend(
                db.execute(
                    "SELECT id, segment_id, embedding_id FROM embeddings "
                    f"ORDER BY segment_id {order}, embedding_id {order}"
                )
            )
    return found


def _fields(db: sqlite3.Connection, wanted: set[int]) -> dict[int, dict[str, Any]]:
    columns = "id, key, string_value, int_value, float_value, bool_value"
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for number, key, text, whole, real, flag in readable_rows(db, "embedding_metadata", columns):
        if number in wanted and isinstance(key, str):
            values = (text, whole, real, None if flag is None else bool(flag))
            found[number][key] = next((value for value in values if value is not None), None)
    return found


def _texts(db: sqlite3.Connection, wanted: set[int]) -> dict[int, str]:
    found = readable_rows(db, "embedding_fulltext_search_content", "id, c0")
    return {number: text for number, text in found if number in wanted and isinstance(text, str)}


def _queue(db: sqlite3.Connection, wanted: set[str]) -> dict[tuple[str, str], _Queued]:
    """Return the latest entry of the queue for each record of the *wanted* collections."""
    found: dict[tuple[str, str], _Queued] = {}
    for sequence, operation, topic, name, text in readable_rows(
        db, "embeddings_queue", "seq_id, operation, topic, id, metadata"
    ):
        collection = str(topic).rsplit("/", 1)[-1]
        if collection in wanted:
            found[collection, name] = _Queued(sequence, operation == _DELETE, _json(text))
    return found


def _json(text: object) -> Mapping[str, Any] | None:
    try:
        found = json.loads(str(text))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _of_row(row: _Row, fields: Mapping[str, Any], text: str | None) -> Record | None:
    """Return the record of a row; None without its document."""
    return _record(row.name, fields.get(_DOCUMENT, text), fields)


def _of_queue(name: str, queued: _Queued | None) -> Record | None:
    if queued is None or queued.fields is None:
        return None
    return _record(name, queued.fields.get(_DOCUMENT), queued.fields)


def _record(name: str, document: object, fields: Mapping[str, Any]) -> Record | None:
    kept = {key: value for key, value in fields.items() if value is not None and not key.startswith("chroma:")}
    return Record(name, document, kept) if isinstance(document, str) and kept else None
