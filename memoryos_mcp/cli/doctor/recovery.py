"""
A new document store in place of a damaged one: the newest sound snapshot, and what was added since as far as SQL reads.

It is made whole in a folder beside the damaged one, as a memory of its own into which the rest is restored like an
export: what the snapshot has stays, of attributes and traits the newer wins, what was forgotten stays so.
"""

import json
import shutil
import struct
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from ...api.composition import assemble
from ...domain.errors import StoreCorruptError
from ...domain.protocols import Record
from ...domain.settings import Settings
from ...generation.llm import Usage
from ...storage.chroma import ChromaStore, open_store
from ...storage.chroma.damaged_database import DamagedDatabase
from ...storage.chroma.database import DATABASE, damage_of
from ...storage.folder import CHROMA, prepare_folder
from ...storage.snapshots import Snapshot, snapshots_in
from ...tiers.forgotten_facts import decode_bar
from ...tiers.mid_term import ARCHIVE, MID_TERM
from ...tiers.short_term import SHORT_TERM
from ...tiers.stored_records import decode_attribute, decode_fact, decode_page, decode_segment, decode_trait
from ...transfer.portable import restore
from ...transfer.portable.lines import Item, encode, header

__all__ = ["Recovered", "recover", "sound_snapshot"]

_DECODERS: Mapping[str, Callable[[Record], Item]] = {
    "page": decode_page,
    "segment": decode_segment,
    "fact": decode_fact,
    "attribute": decode_attribute,
    "trait": decode_trait,
    "bar": decode_bar,
}
_FIRST_BYTES, _PAGE_COUNT_AT = 65536, 28
_PAGES = (SHORT_TERM, MID_TERM, ARCHIVE)
_PAGE_DEFAULTS = {
    "noted": False,
    "chain_id": "",
    "chain_summary": "",
    "segment_id": "",
    "previous_id": "",
    "analyzer": "",
    "project": "",
}


@dataclass
class Recovered:
    """
    What a new store was made of.

    `snapshot` was restored and had `pages`; `added` are records by kind that the damaged database gave on top; `lost`
    counts records by place that are known to have been there and did not come back; `unreadable` says why nothing of
    the damaged database could be read.
    """

    snapshot: Snapshot | None
    pages: int = 0
    added: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    unreadable: str = ""


def sound_snapshot(data_dir: Path) -> Snapshot | None:
    """Return the newest snapshot whose documents are whole; None when there is none."""
    newest_first = reversed(snapshots_in(data_dir))
    return next((found for found in newest_first if not damage_of(found.folder / CHROMA / DATABASE)), None)


def recover(settings: Settings, damaged: Path, into: Path) -> Recovered:
    """
    Make a new store in the folder *into*.

    Args:
        settings: Whose memory.
        damaged: The damaged database; only read.
        into: A data folder for the new store, its documents in the folder `chroma` of it.
    """
    done = Recovered(sound_snapshot(settings.data_dir))
    older = None
    if done.snapshot is not None:
        shutil.copytree(done.snapshot.folder / CHROMA, into / CHROMA)
        older = done.snapshot.folder / CHROMA / DATABASE
    database = DamagedDatabase(damaged, older)
    if database.unreadable and older is not None and damaged.exists():
        database = replace(database, path=_with_first_page(damaged, older, into / "damaged.sqlite3"))
    done.unreadable = database.unreadable
    store = open_store(settings.model_copy(update={"data_dir": prepare_folder(into)}))
    try:
        memory = assemble(settings.model_copy(update={"data_dir": into}), store)
        try:
            done.pages = sum(store.count(user, place) for user in store.users() for place in (SHORT_TERM, MID_TERM))
            restored = restore(memory, _lines(database))
            done.added += +restored.added
            done.lost["unusable lines"] += restored.skipped
            done.lost += _still_lost(store, database.lost)
        finally:
            memory.index.close()
    finally:
        store.close()
    done.lost = +done.lost
    return done


def _with_first_page(damaged: Path, older: Path, copy: Path) -> Path:
    """
    Return a copy of a database whose first page is unreadable, with that of an *older* one.

    It says what tables there are and where they begin. That never changes but by the rewriting of the file when
    something is forgotten, and then every snapshot goes.
    """
    shutil.copy(damaged, copy)
    first = bytearray(older.read_bytes()[:_FIRST_BYTES])
    (size,) = struct.unpack_from(">H", first, 16)
    struct.pack_into(">I", first, _PAGE_COUNT_AT, 0)  # as large as the file is
    with copy.open("r+b") as file:
        file.write(first[: _FIRST_BYTES if size == 1 else size])
    return copy


def _still_lost(store: ChromaStore, lost: Collection[tuple[str, str, str]]) -> Counter[str]:
    """Return how many of the *lost* records are not in the new store either, by place."""
    users = {user for user, _, _ in lost}
    there = {(user, id_) for user in users for place in store.places(user) for id_ in store.ids(user, place)}
    return Counter(place for user, place, id_ in lost if (user, id_) not in there)


def _lines(database: DamagedDatabase) -> Iterator[str]:
    """Yield what can be read of a database as the lines of an export; what cannot be decoded is counted as lost."""
    yield header([])
    for user_id, place, record in database.records():
        if line := _line(user_id, place, record):
            yield line
        else:
            database.lost.add((user_id, place, record.id))


def _line(user_id: str, place: str, record: Record) -> str:
    """Return the line of a record; empty when its row is garbled."""
    try:
        return _encoded(user_id, place, record)
    except (StoreCorruptError, ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return ""


def _encoded(user_id: str, place: str, record: Record) -> str:
    if place == "usage":
        return encode(user_id, "", Usage.from_dict(json.loads(record.document)))
    kind = str(record.metadata.get("kind", ""))
    if place in _PAGES and kind in ("", "page"):
        record, place = _completed_page(record, place)
        kind = "page"
    tier = place if place in _PAGES else MID_TERM if kind == "segment" else ""
    return encode(user_id, tier, _DECODERS[kind](record))


def _completed_page(record: Record, place: str) -> tuple[Record, str]:
    """
    Return the record of a page with its place.

    A page whose text and time are there is one, whatever else is lost of it: it is consolidated anew then.
    """
    fields = {"kind": "page", **record.metadata}
    if "timestamp" not in fields and isinstance(fields.get("sequence"), int):
        arrived = datetime.fromtimestamp(int(fields["sequence"]) / 1e9, timezone.utc)
        fields["timestamp"] = arrived.isoformat()
    if "sequence" not in fields and isinstance(fields.get("timestamp"), str):
        fields["sequence"] = int(datetime.fromisoformat(str(fields["timestamp"])).timestamp() * 1e9)
    place = place if fields.get("segment_id") else SHORT_TERM
    return Record(record.id, record.document, {**_PAGE_DEFAULTS, **fields}), place
