"""
What can be saved of a damaged Chroma database: records by user and place, from every copy the file holds of them.

A record stands in up to three places: its row with metadata, the full-text table, and (if it is recent) the write-ahead
queue. What is missing in one is taken from another. The file is only read; rows are sorted in a database beside it.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...domain.protocols import Record
from .carving import Value, carved_rows
from .names import META, is_vector_place, user_digest

__all__ = ["Rescue"]

_SCHEMA = """
CREATE TABLE collections (id TEXT PRIMARY KEY, name TEXT);
CREATE TABLE about (collection TEXT, key TEXT, value TEXT, PRIMARY KEY (collection, key));
CREATE TABLE segments (id TEXT PRIMARY KEY, collection TEXT);
CREATE TABLE records (id INTEGER PRIMARY KEY, segment TEXT, name TEXT, seq INTEGER);
CREATE TABLE fields (id INTEGER, key TEXT, text TEXT, number INTEGER, real REAL, flag INTEGER, PRIMARY KEY (id, key));
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE queue (seq INTEGER PRIMARY KEY, collection TEXT, name TEXT, operation INTEGER, fields TEXT);
CREATE INDEX queue_names ON queue (collection, name, seq);
CREATE INDEX record_names ON records (segment, name);
"""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"u-(?P<digest>[0-9a-f]{40})-(?P<place>.+)")
_DOCUMENT = "chroma:document"
_DELETE = 3
_COMMIT_ROWS = 20_000


@dataclass
class Rescue:
    """
    Reads what can be read of the database at `source`.

    Args:
        source: The damaged file; only read.
        scratch: A file to sort rows in; made here, to be deleted by the caller.
        users: User ids that may occur, for when only their digests can be read.
    """

    source: Path
    scratch: Path
    users: Collection[str]
    lost: Counter[str] = field(default_factory=Counter)
    """Records by place of which an id was read and the content was not."""

    def records(self) -> Iterator[tuple[str, str, Record]]:
        """Yield (user id, place, record) of all canonical places, each record once."""
        with closing(sqlite3.connect(self.scratch)) as db:
            db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
            for count, (rowid, values) in enumerate(carved_rows(self.source)):
                _sort(db, rowid, values)
                if count % _COMMIT_ROWS == 0:
                    db.commit()
            db.commit()
            for collection, (user_id, place) in sorted(self._collections(db).items(), key=lambda item: item[1]):
                if place and not is_vector_place(place):
                    for record in self._of(db, collection, place):
                        yield user_id, place, record

    def _collections(self, db: sqlite3.Connection) -> dict[str, tuple[str, str]]:
        """Return user id and place of each collection, from its metadata or its name."""
        digests = {user_digest(user_id): user_id for user_id in self.users}
        digests |= {
            user_digest(value): value for (value,) in db.execute("SELECT value FROM about WHERE key = 'user_id'")
        }
        ids = {id_ for (id_,) in db.execute("SELECT id FROM collections UNION SELECT collection FROM about")}
        found: dict[str, tuple[str, str]] = {}
        for id_ in ids:
            about = dict(db.execute("SELECT key, value FROM about WHERE collection = ?", (id_,)).fetchall())
            names = db.execute("SELECT name FROM collections WHERE id = ?", (id_,)).fetchone()
            parts = _NAME.fullmatch(names[0]) if names else None
            if names and names[0] == META:
                continue
            digest = parts["digest"] if parts else ""
            user_id = about.get("user_id") or digests.get(digest) or (f"rescued-{digest[:10]}" if digest else "")
            place = about.get("place") or (parts["place"] if parts else "")
            if user_id and place:
                found[id_] = (user_id, place)
        return found

    def _of(self, db: sqlite3.Connection, collection: str, place: str) -> Iterator[Record]:
        """Yield the records of a collection: rows first, then what only the queue has."""
        seen: set[str] = set()
        rows = db.execute(
            "SELECT records.id, name, seq FROM records JOIN segments ON segments.id = segment WHERE collection = ? "
            "ORDER BY seq DESC",
            (collection,),
        )
        for id_, name, seq in rows:
            if name not in seen:
                seen.add(name)
                yield from self._one(place, name, _from_row(db, id_, name), _from_queue(db, collection, name, seq))
        for (name,) in db.execute("SELECT DISTINCT name FROM queue WHERE collection = ?", (collection,)):
            if name not in seen:
                yield from self._one(place, name, None, _from_queue(db, collection, name, 0))

    def _one(self, place: str, name: str, row: Record | None, queued: Record | bool | None) -> Iterator[Record]:
        if queued is False:
            return  # deleted
        record = queued if isinstance(queued, Record) else row
        if record is not None:
            yield record
        else:
            self.lost[place] += 1


def _sort(db: sqlite3.Connection, rowid: int, values: Sequence[Value]) -> None:
    """Tell by its shape which of Chroma's tables a row belongs to, and keep it."""
    match list(values):
        case [str(id_), str(name), int() | None, str(), *_] if _UUID.fullmatch(id_) and (
            name == META or _NAME.fullmatch(name)
        ):
            _keep(db, "collections", id_, name)
        case [str(id_), ("user_id" | "place") as key, str(value), *_] if _UUID.fullmatch(id_):
            _keep(db, "about", id_, key, value)
        case [str(id_), str(kind), "METADATA", str(collection)] if kind.startswith("urn:chroma:segment/"):
            _keep(db, "segments", id_, collection)
        case [None, str(segment), str(name), (int() | bytes()) as seq, *rest] if len(rest) <= 1 and _UUID.fullmatch(
            segment
        ):
            _keep(db, "records", rowid, segment, name, seq if isinstance(seq, int) else int.from_bytes(seq, "big"))
        case [int(id_), str(key), text, number, real, *flag] if len(flag) <= 1:
            _keep(db, "fields", id_, key, text, number, real, *(flag or [None]))
        case [None, str(text)]:
            _keep(db, "texts", rowid, text)
        case [None, str(), int(operation), str(topic), str(name), _, _, (str() | None) as fields]:
            _keep(db, "queue", rowid, topic.rsplit("/", 1)[-1], name, operation, fields)


def _keep(db: sqlite3.Connection, table: str, *values: Value) -> None:
    db.execute(f"INSERT OR REPLACE INTO {table} VALUES ({','.join('?' * len(values))})", values)


def _from_row(db: sqlite3.Connection, id_: int, name: str) -> Record | None:
    """Return the record of a row; None without its document."""
    found: dict[str, Any] = {}
    for key, text, number, real, flag in db.execute(
        "SELECT key, text, number, real, flag FROM fields WHERE id = ?", (id_,)
    ):
        options = (text, number, real, None if flag is None else bool(flag))
        found[key] = next((value for value in options if value is not None), None)
    document = found.pop(_DOCUMENT, None)
    if not isinstance(document, str):
        copy = db.execute("SELECT text FROM texts WHERE id = ?", (id_,)).fetchone()
        document = copy[0] if copy else None
    fields = {key: value for key, value in found.items() if value is not None and not key.startswith("chroma:")}
    return Record(name, document, fields) if isinstance(document, str) and fields else None


def _from_queue(db: sqlite3.Connection, collection: str, name: str, seq: int) -> Record | bool | None:
    """Return what the queue says of a record from *seq* on: the record, False if it was deleted, None for nothing."""
    found = db.execute(
        "SELECT operation, fields FROM queue WHERE collection = ? AND name = ? AND seq >= ? ORDER BY seq DESC LIMIT 1",
        (collection, name, seq),
    ).fetchone()
    if found is None:
        return None
    operation, text = found
    if operation == _DELETE:
        return False
    try:
        fields = json.loads(text or "")
        document = fields.pop(_DOCUMENT)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    return Record(name, document, {key: value for key, value in fields.items() if not key.startswith("chroma:")})
