"""
The audit: does what is stored of a user keep the invariants that can be checked without a model?

It reads everything under the store's lock, changes nothing and repairs nothing. `bench stress`, the crash tests and
`doctor` share it. What a crash left half-way shows here until `repair` has run: audit after it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..domain.errors import StoreCorruptError
from ..domain.protocols import Record
from ..domain.records import Fact, Page, Segment
from ..tiers.long_term import LONG_TERM, Item
from ..tiers.memory import Memory
from ..tiers.mid_term import ARCHIVE, MID_TERM, SEGMENTS
from ..tiers.short_term import SHORT_TERM
from ..tiers.stored_records import decode_attribute, decode_fact, decode_page, decode_segment, decode_trait

__all__ = ["CHECKS", "Violation", "audit", "stored_pages"]

CHECKS: Mapping[str, str] = {
    "records": "every stored record can be read",
    "tiers": "every page is in exactly one tier",
    "order": "no two pages have the same place in the order of arrival",
    "homes": "every page of mid-term memory belongs to a segment that is there",
    "counts": "every segment counts its pages right and knows the newest of them",
    "archive": "no segment is both in mid-term memory and in the archive",
    "segment vectors": "every segment has a vector, and nothing else has",
    "turn index": "the turn index holds the pages of mid-term memory and of the archive, and no others",
    "turn vectors": "both turns of every indexed page have a vector, and no others",
    "sources": "facts, attributes and traits name pages that are there",
    "superseded": "a superseded fact says since when and by another fact",
    "memory": "what this process holds in memory is what is stored",
}
"""The checks by name, with what holds when one passes. The first that fails may make others fail."""

_READ_AT_ONCE = 1000
_SHOWN = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Violation:
    """One check that failed: its name in `CHECKS`, what is wrong in words, and the ids concerned."""

    check: str
    detail: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Where:
    """Of a page, what the checks need: a whole page may be long, and there may be many."""

    page_id: str
    sequence: int
    segment_id: str


@dataclass(slots=True)
class _Stored:
    """Everything stored of a user, texts of pages left out."""

    short_term: list[_Where] = field(default_factory=list)
    mid_term: list[_Where] = field(default_factory=list)
    archive: list[_Where] = field(default_factory=list)
    segments: dict[str, Segment] = field(default_factory=dict)
    archived_segments: dict[str, Segment] = field(default_factory=dict)
    long_term: dict[str, Item] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def pages(self) -> Iterator[_Where]:
        """Every page of every tier, as often as it is stored."""
        yield from self.short_term
        yield from self.mid_term
        yield from self.archive


def audit(memory: Memory, user_id: str) -> list[Violation]:
    """
    Return every violation found in a user's memory; an empty list when all is well. Nothing is changed.

    Raises:
        StoreError: The store cannot be read at all.
    """
    with memory.store.exclusive(user_id):
        stored = _read(memory, user_id)
        return [
            *_violations_for("records", "cannot be read", stored.unreadable),
            *_tiers(stored),
            *_segments(stored),
            *_check_derived(memory, user_id, stored),
            *_sources(stored),
            *_check_cached(memory, user_id, stored),
        ]


def stored_pages(memory: Memory, user_id: str) -> Counter[str]:
    """Return how many times each page is stored, over all tiers: 1 for each when all is well."""
    with memory.store.exclusive(user_id):
        return Counter(id_ for place in (SHORT_TERM, MID_TERM) for id_ in memory.store.ids(user_id, place)) + Counter(
            memory.store.ids(user_id, ARCHIVE, where={"kind": "page"})
        )


def _read(memory: Memory, user_id: str) -> _Stored:
    """Read every place; a record that cannot be decoded is noted and left out."""
    stored = _Stored()
    for place, tier in ((SHORT_TERM, stored.short_term), (MID_TERM, stored.mid_term)):
        for record in _records(memory, user_id, place):
            tier += _decode_all(record, _where, stored)
    for record in _records(memory, user_id, ARCHIVE):
        if record.metadata.get("kind") == "segment":
            stored.archived_segments.update(
                {item.segment_id: item for item in _decode_all(record, decode_segment, stored)}
            )
        else:
            stored.archive += _decode_all(record, _where, stored)
    for record in _records(memory, user_id, SEGMENTS):
        stored.segments.update({item.segment_id: item for item in _decode_all(record, decode_segment, stored)})
    for record in _records(memory, user_id, LONG_TERM):
        for item in _decode_all(record, _item, stored):
            stored.long_term[record.id] = item
    return stored


def _records(memory: Memory, user_id: str, place: str) -> Iterator[Record]:
    offset = 0
    while records := memory.store.get(user_id, place, limit=_READ_AT_ONCE, offset=offset):
        yield from records
        offset += len(records)


def _decode_all(record: Record, decode: Callable[[Record], T], stored: _Stored) -> list[T]:
    try:
        return [decode(record)]
    except StoreCorruptError:
        stored.unreadable.append(record.id)
        return []


def _where(record: Record) -> _Where:
    page: Page = decode_page(record)
    return _Where(page.page_id, page.sequence, page.segment_id)


def _item(record: Record) -> Item:
    kind = record.metadata.get("kind")
    if kind == "fact":
        return decode_fact(record)
    return decode_trait(record) if kind == "trait" else decode_attribute(record)


def _tiers(stored: _Stored) -> Iterator[Violation]:
    times = Counter(page.page_id for page in stored.pages())
    yield from _violations_for("tiers", "stored more than once", [id_ for id_, count in times.items() if count > 1])
    order: dict[int, set[str]] = {}
    for page in stored.pages():
        order.setdefault(page.sequence, set()).add(page.page_id)
    shared = [id_ for ids in order.values() if len(ids) > 1 for id_ in ids]
    yield from _violations_for("order", "share a place in the order of arrival", shared)


def _segments(stored: _Stored) -> Iterator[Violation]:
    homes: dict[str, list[_Where]] = {}
    for page in stored.mid_term:
        homes.setdefault(page.segment_id, []).append(page)
    homeless = [page.page_id for id_, pages in homes.items() if id_ not in stored.segments for page in pages]
    yield from _violations_for("homes", "name no segment of mid-term memory", homeless)
    wrong, stale = dict[str, str](), dict[str, str]()
    for id_, segment in stored.segments.items():
        pages = homes.get(id_, [])
        if segment.pages != len(pages) or not pages:
            wrong[id_] = f"says {segment.pages}, has {len(pages)}"
        elif (newest := max(pages, key=lambda page: page.sequence)).page_id != segment.last_page_id:
            stale[id_] = f"says {segment.last_page_id}, is {newest.page_id}"
    yield from _violations_for("counts", "count their pages wrong", wrong)
    yield from _violations_for("counts", "do not know their newest page", stale)
    both = sorted(set(stored.segments) & set(stored.archived_segments))
    yield from _violations_for("archive", "are in mid-term memory and in the archive", both)


def _check_derived(memory: Memory, user_id: str, stored: _Stored) -> Iterator[Violation]:
    located = set(memory.store.ids(user_id, memory.mid_term.vector_place))
    yield from _difference("segment vectors", set(stored.segments), located, "vector")
    live = {page.page_id for page in stored.mid_term}
    archived = {page.page_id for page in stored.archive}
    yield from _difference("turn index", live, memory.index.page_ids(user_id), "entry")
    yield from _difference("turn index", archived, memory.index.page_ids(user_id, archived=True), "archived entry")
    turns = {f"{page_id}.{side}" for page_id in live | archived for side in "ua"}
    yield from _difference("turn vectors", turns, set(memory.store.ids(user_id, memory.index.vector_place)), "vector")


def _sources(stored: _Stored) -> Iterator[Violation]:
    there = {page.page_id for page in stored.pages()}
    lost = {id_: [source for source in item.page_ids if source not in there] for id_, item in stored.long_term.items()}
    orphans = {id_: f"names {', '.join(gone[:_SHOWN])}" for id_, gone in lost.items() if gone}
    yield from _violations_for("sources", "name pages that are not there", orphans)
    facts = [item for item in stored.long_term.values() if isinstance(item, Fact)]
    odd = [
        fact.fact_id
        for fact in facts
        if (fact.superseded_by is None) != (fact.superseded_at is None) or fact.superseded_by == fact.fact_id
    ]
    yield from _violations_for("superseded", "say only half of how they ended", odd)


def _check_cached(memory: Memory, user_id: str, stored: _Stored) -> Iterator[Violation]:
    """Compare with what the tiers answer, which may come from memory."""
    if stored.unreadable:
        return
    queue = [_Where(page.page_id, page.sequence, page.segment_id) for page in memory.short_term.pages(user_id)]
    if sorted(queue, key=lambda page: page.page_id) != sorted(stored.short_term, key=lambda page: page.page_id):
        yield Violation("memory", "short-term memory differs from what is stored")
    if memory.mid_term.segments(user_id) != stored.segments:
        yield Violation("memory", "the segments differ from what is stored")
    facts = {id_: item for id_, item in stored.long_term.items() if isinstance(item, Fact)}
    if memory.long_term.facts(user_id) != facts:
        yield Violation("memory", "the facts differ from what is stored")


def _difference(check: str, wanted: set[str], found: set[str], what: str) -> Iterator[Violation]:
    yield from _violations_for(check, f"have no {what}", sorted(wanted - found))
    yield from _violations_for(check, f"have a {what} and should not", sorted(found - wanted))


def _violations_for(check: str, wrong: str, found: Collection[str] | Mapping[str, str]) -> Iterator[Violation]:
    """Yield one violation for the ids *found*; a mapping has a remark for each."""
    if not found:
        return
    remarks = found if isinstance(found, Mapping) else {}
    shown = [f"{id_} ({remarks[id_]})" if id_ in remarks else id_ for id_ in list(found)[:_SHOWN]]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    yield Violation(check, f"{len(found)} {wrong}: {', '.join(shown)}{more}", tuple(found))
