"""
`doctor --repair`: a damaged document store is set aside and what is readable of it put into a new one.

The new store is made whole beside the damaged one before either is moved, all under the folder's lock. Nothing of the
damaged one is deleted: that is for the person who has looked at what was rescued.
"""

import logging
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from ...api.analysts import analysts_of
from ...api.composition import assemble
from ...domain.errors import StoreCorruptError, StoreUnavailableError
from ...domain.protocols import Record
from ...domain.settings import Settings
from ...storage.chroma import ChromaStore, open_store
from ...storage.chroma.clients import WriteCounter, writes_so_far
from ...storage.chroma.database import DATABASE, damage_of
from ...storage.chroma.names import user_digest
from ...storage.chroma.rescue import Rescue
from ...storage.folder import CHROMA, DAMAGED, LOCK, WRITES, prepare_folder, set_aside
from ...storage.lock import FolderLock, WorkLock
from ...tiers.forgotten_facts import decode_bar
from ...tiers.long_term import Item
from ...tiers.memory import Memory
from ...tiers.short_term import SHORT_TERM
from ...tiers.stored_records import decode_attribute, decode_fact, decode_page, decode_segment, decode_trait
from ...updating.forgetting import Forgetter
from ...updating.repair import Repairer
from .finding import Finding, error, ok, warning

__all__ = ["repair"]

logger = logging.getLogger(__name__)

_CHECK = "repair"
_AT_ONCE = 500
_WORK_WAIT_S = 30.0
_DECODERS = {
    "page": decode_page,
    "segment": decode_segment,
    "fact": decode_fact,
    "attribute": decode_attribute,
    "trait": decode_trait,
    "bar": decode_bar,
}
_PAGE_DEFAULTS = {
    "noted": False,
    "chain_id": "",
    "chain_summary": "",
    "segment_id": "",
    "previous_id": "",
    "analyzer": "",
    "project": "",
}


def repair(settings: Settings) -> Iterator[Finding]:
    """Set a damaged store aside and rescue it; bring what is derived in step. Yields what was done."""
    if settings.chroma:
        yield ok(_CHECK, f"the documents are kept by the Chroma server {settings.chroma}; they are not touched here")
    elif writes_so_far(settings.data_dir / WRITES) or (settings.data_dir / CHROMA).is_dir():
        yield from _rescue(settings)
    else:
        yield ok(_CHECK, "nothing is stored yet")
        return
    yield from _derived(settings)


def _rescue(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    counter, lock = WriteCounter(folder / WRITES), FolderLock(folder / LOCK)
    try:
        with lock.hold():
            damage = damage_of(folder / CHROMA / DATABASE, used=counter.read() > 0)
            if damage:
                yield from _replace(settings, damage)
                counter.advance()  # other processes open the new store
            else:
                yield ok(_CHECK, "the document store is whole; it was left as it is")
    except OSError as exc:
        yield error(
            _CHECK, f"the damaged store cannot be set aside: {exc}", "close the hosts that use it, then try again"
        )
    finally:
        counter.close()
        lock.close()


def _replace(settings: Settings, damage: str) -> Iterator[Finding]:
    folder = settings.data_dir
    chroma, gone = folder / CHROMA, set_aside(folder)
    # a repair that was ended between its two moves has set the store aside and left nothing in its place
    interrupted = bool(gone) and (not chroma.exists() or not any(chroma.iterdir()))
    source = (gone[-1] if interrupted else chroma) / DATABASE
    with tempfile.TemporaryDirectory(dir=folder, prefix="rescue-") as scratch:
        saved, lost = _fill(settings, source, Path(scratch))
        aside = gone[-1] if interrupted else folder / f"{DAMAGED}{datetime.now(timezone.utc):%Y%m%d-%H%M%S}"
        if not interrupted:
            chroma.rename(aside)
        elif chroma.exists():
            chroma.rmdir()
        (Path(scratch) / CHROMA).rename(chroma)
    logger.warning("a damaged document store was set aside in %s: %s", aside, damage)
    yield ok(_CHECK, f"{damage}; the damaged store was set aside in {aside}")
    told = ", ".join(f"{count:,} {place}" for place, count in sorted(saved.items())) or "nothing"
    yield ok(_CHECK, f"rescued: {told}")
    if lost:
        told = ", ".join(f"{count:,} {place}" for place, count in sorted(lost.items()))
        yield warning(_CHECK, f"not readable any more: {told}", f"keep {aside} if somebody is to look further")


def _fill(settings: Settings, source: Path, scratch: Path) -> tuple[Counter[str], Counter[str]]:
    """Put what can be read of *source* into a new store in *scratch*; return records saved and lost, by place."""
    saved: Counter[str] = Counter()
    fresh = settings.model_copy(update={"data_dir": prepare_folder(scratch)})
    rescue = Rescue(source, scratch / "rows.sqlite3", {settings.user_id, "default"})
    store = open_store(fresh)
    try:
        if source.exists():
            batch: list[tuple[str, str, Record]] = []
            for user_id, place, record in rescue.records():
                found, where = _completed(record, place)
                if found is None:
                    rescue.lost[place] += 1
                    continue
                batch.append((user_id, where, found))
                if len(batch) == _AT_ONCE:
                    saved += _put(store, batch)
                    batch = []
            saved += _put(store, batch)
            for user_id in store.users():
                saved[SHORT_TERM] -= _leave_one(store, user_id)
    finally:
        store.close()
    return +saved, rescue.lost


def _completed(record: Record, place: str) -> tuple[Record | None, str]:
    """
    Return the record with its place if it can be read, else None.

    A page whose text and time are there is one, whatever else is lost of it: it is consolidated anew then.
    """
    kind = str(record.metadata.get("kind", ""))
    if place in ("short_term", "mid_term", "archive") and kind in ("", "page") and '"user_input"' in record.document:
        try:
            record, place = _completed_page(record, place)
        except (ValueError, OverflowError, OSError):  # a time or an order of arrival that is none: the row is garbled
            return None, place
    decode = _DECODERS.get(str(record.metadata.get("kind", "")))
    if decode is None:
        return (record, place) if place == "usage" else (None, place)
    try:
        decode(record)
    except StoreCorruptError:
        return None, place
    return record, place


def _completed_page(record: Record, place: str) -> tuple[Record, str]:
    fields = {"kind": "page", **record.metadata}
    if "timestamp" not in fields and isinstance(fields.get("sequence"), int):
        arrived = datetime.fromtimestamp(int(fields["sequence"]) / 1e9, timezone.utc)
        fields["timestamp"] = arrived.isoformat()
    if "sequence" not in fields and isinstance(fields.get("timestamp"), str):
        fields["sequence"] = int(datetime.fromisoformat(str(fields["timestamp"])).timestamp() * 1e9)
    place = place if fields.get("segment_id") else SHORT_TERM
    return Record(record.id, record.document, {**_PAGE_DEFAULTS, **fields}), place


def _put(store: ChromaStore, batch: list[tuple[str, str, Record]]) -> Counter[str]:
    groups: dict[tuple[str, str], dict[str, Record]] = {}
    for user_id, place, record in batch:
        groups.setdefault((user_id, place), {})[record.id] = record
    for (user_id, place), records in groups.items():
        store.put(user_id, place, list(records.values()))
    return Counter(place for _, place, _ in batch)


def _leave_one(store: ChromaStore, user_id: str) -> int:
    """Take out of the queue what stands in a later tier too, as old rows do; return how many there were."""
    queue = store.ids(user_id, SHORT_TERM)
    later = {record.id for place in ("mid_term", "archive") for record in store.get(user_id, place, queue)}
    store.delete(user_id, SHORT_TERM, sorted(later))
    return len(later)


def _derived(settings: Settings) -> Iterator[Finding]:
    """Finish what was interrupted, make the indexes anew where they lack something, user by user."""
    store = open_store(settings)
    try:
        memory = assemble(settings, store)
        try:
            analysis = analysts_of(
                settings.model_copy(update={"analyzer": "local"}), memory, None
            )  # no model is asked here
            yield from _forgotten(settings, store, memory, analysis.repairer)
            for user_id in store.users():
                with WorkLock(settings.data_dir / "locks" / f"{user_digest(user_id)}.lock").hold(_WORK_WAIT_S):
                    cut = _cut_sources(memory, user_id)
                    analysis.repairer.repair(user_id)
                    while analysis.reembedder.step(user_id):
                        pass
                told = f"; {cut} facts, attributes and traits named pages that are lost" if cut else ""
                yield ok(_CHECK, f"{user_id}: segments and indexes are in step with the documents{told}")
        finally:
            memory.index.close()
    finally:
        store.close()


def _forgotten(settings: Settings, store: ChromaStore, memory: Memory, repairer: Repairer) -> Iterator[Finding]:
    """Finish what a process that died had begun to forget."""
    try:
        if Forgetter(memory, repairer, store.erase, settings.data_dir).resume():
            yield ok(_CHECK, "what an earlier process had begun to forget is forgotten and gone from the files")
    except StoreUnavailableError as exc:
        yield error(_CHECK, str(exc), "make room on the disk, or close the hosts that use the files, then try again")


def _cut_sources(memory: Memory, user_id: str) -> int:
    """Take pages that are not there out of what names them as its source, and return how many did."""
    with memory.store.exclusive():
        there = {page.page_id for page in memory.short_term.pages(user_id)}
        there |= {*memory.mid_term.page_ids(user_id), *memory.mid_term.archived_ids(user_id)}
        long_term = memory.long_term
        items: list[Item] = [
            *long_term.facts(user_id).values(),
            *long_term.attributes(user_id).values(),
            *long_term.traits(user_id).values(),
        ]
        wrong = [item for item in items if not there.issuperset(item.page_ids)]
        long_term.put(
            user_id, [replace(item, page_ids=tuple(id_ for id_ in item.page_ids if id_ in there)) for item in wrong]
        )
    return len(wrong)
