"""
Export: what is stored of users as lines, read a batch at a time while others go on writing.

Which pages are where is noted for each user in one moment; pages are read after that, so what moves on meanwhile is
neither missed nor told twice. What is forgotten meanwhile is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...domain.records import Page, Segment
from ...generation.usage_ledger import UsageLedger
from ...tiers.memory import Memory
from ...tiers.mid_term import ARCHIVE, MID_TERM
from ...tiers.short_term import SHORT_TERM
from ...tiers.stored_records import decode_page
from .lines import Item, encode, end, header

__all__ = ["export_lines"]

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Moment:
    """A user's small places, and the ids of the pages in the large ones."""

    queue: Sequence[Page]
    segments: Sequence[tuple[str, Segment]]
    pages: Sequence[tuple[str, str]]
    knowledge: Sequence[Item]


def export_lines(
    memory: Memory, users: Sequence[str], progress: Callable[[int, int], None] = lambda done, pages: None
) -> Iterator[str]:
    """
    Yield the lines of an export, without line breaks.

    Args:
        memory: The tiers.
        users: Whose.
        progress: Called with pages written and pages in all, of the user at hand.
    """
    yield header(list(users))
    count = 1
    for user_id in users:
        for line in _of_user(memory, user_id, progress):
            yield line
            count += 1
    yield end(count)


def _of_user(memory: Memory, user_id: str, progress: Callable[[int, int], None]) -> Iterator[str]:
    with memory.store.exclusive(user_id):
        moment = _moment_of(memory, user_id)
    yield from (encode(user_id, tier, segment) for tier, segment in moment.segments)
    total, done = len(moment.pages) + len(moment.queue), 0
    ordered = _in_order(memory, user_id, moment.pages)
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        found = _pages(memory, user_id, [page_id for _, page_id in part])
        yield from (encode(user_id, tier, found[page_id]) for tier, page_id in part if page_id in found)
        done += len(part)
        progress(done, total)
    yield from (encode(user_id, SHORT_TERM, page) for page in moment.queue)
    progress(total, total)
    yield from (encode(user_id, "", item) for item in moment.knowledge)


def _moment_of(memory: Memory, user_id: str) -> _Moment:
    mid_term, long_term = memory.mid_term, memory.long_term
    queue = memory.short_term.pages(user_id)
    there = {page.page_id for page in queue}
    stored = [(MID_TERM, id_) for id_ in mid_term.page_ids(user_id) if id_ not in there]
    there |= {id_ for _, id_ in stored}
    stored += [(ARCHIVE, id_) for id_ in mid_term.archived_ids(user_id) if id_ not in there]
    segments = [(MID_TERM, segment) for segment in mid_term.segments(user_id).values()]
    segments += [(ARCHIVE, segment) for segment in mid_term.archived_segments(user_id)]
    usage = UsageLedger(memory.store).total(user_id)
    knowledge: list[Item] = [
        *sorted(long_term.facts(user_id).values(), key=lambda fact: (fact.said_at, fact.fact_id)),
        *sorted(long_term.attributes(user_id).values(), key=lambda attribute: attribute.name),
        *sorted(long_term.traits(user_id).values(), key=lambda trait: trait.dimension),
        *([usage] if any(usage.as_dict().values()) else []),
        *sorted(long_term.bars(user_id).values(), key=lambda bar: bar.digest),
    ]
    ordered = sorted(segments, key=lambda pair: (pair[1].created_at, pair[1].segment_id))
    return _Moment(queue, ordered, stored, knowledge)


def _in_order(memory: Memory, user_id: str, stored: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return tiers and ids in order of arrival, which is only known from the pages themselves."""
    arrived: list[tuple[int, str, str]] = []
    for start in range(0, len(stored), _AT_ONCE):
        part = stored[start : start + _AT_ONCE]
        found = _pages(memory, user_id, [page_id for _, page_id in part])
        arrived += [(found[id_].sequence, id_, tier) for tier, id_ in part if id_ in found]
    return [(tier, id_) for _, id_, tier in sorted(arrived)]


def _pages(memory: Memory, user_id: str, ids: Sequence[str]) -> dict[str, Page]:
    """Return pages by id, wherever they are now."""
    with memory.store.exclusive(user_id):
        records = [
            record for place in (ARCHIVE, MID_TERM) for record in memory.store.get(user_id, place, ids)
        ]  # the later place wins: an interrupted eviction leaves a page in both
    return {record.id: decode_page(record) for record in records if record.metadata.get("kind") == "page"}
