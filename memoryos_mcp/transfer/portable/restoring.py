"""
Restore: the lines of an export into a memory, empty or not, as often as one likes.

What is there already (by id) stays as it is; of attributes and traits the newer wins; of facts with one key the newest
holds. What was forgotten here by its id is not brought back. A line that cannot be used is told and left out.
Interrupted, it is simply done again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import groupby

from ...domain.errors import InputError
from ...domain.inputs import check_said_by, check_user_id
from ...domain.records import Attribute, Fact, Page, Segment, Trait
from ...generation.llm import Usage
from ...generation.usage_ledger import UsageLedger
from ...tiers.forgotten_facts import Bar, readmitted_item
from ...tiers.knowledge import active, supersede
from ...tiers.memory import Memory
from ...tiers.mid_term import ARCHIVE, MID_TERM
from ...tiers.short_term import SHORT_TERM
from .lines import Line, decode, read_header

__all__ = ["Restored", "decoded_lines", "restore"]

_AT_ONCE = 200
_TOLD = 20

Hold = Callable[[str], AbstractContextManager[None]]


@dataclass
class Restored:
    """
    What a restore did, by kind: "page", "segment", "fact", "attribute", "trait", "usage", "bar".

    `added` are new, `known` were there already, `barred` were forgotten here by their ids and stay so. `skipped` counts
    lines that could not be used; `reasons` says why, the first twenty with their line. `complete` is whether the end of
    the export was seen.
    """

    added: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    barred: Counter[str] = field(default_factory=Counter)
    users: list[str] = field(default_factory=list)
    skipped: int = 0
    reasons: list[str] = field(default_factory=list)
    complete: bool = False

    def skip(self, number: int, why: str) -> None:
        """Count a line that cannot be used."""
        self.skipped += 1
        if len(self.reasons) < _TOLD:
            self.reasons.append(f"line {number}: {why}")


def restore(
    memory: Memory,
    lines: Iterable[str],
    *,
    hold: Hold = lambda user_id: nullcontext(),
    progress: Callable[[int], None] = lambda lines: None,
) -> Restored:
    """
    Put the records of an export into *memory*.

    Args:
        memory: The tiers. Indexes and vectors are not made here: a repair and a re-embedding do that.
        lines: Of the file, the header first.
        hold: Keeps background work off a user while it runs.
        progress: Called with the lines read so far.

    Raises:
        InputError: This is no export, or one of a newer version; nothing was stored.
    """
    numbered = enumerate(lines, start=1)
    _, first = next(numbered, (1, ""))
    read_header(first)
    done = Restored()
    clock = datetime.now(timezone.utc)
    for user_id, found in groupby(decoded_lines(numbered, done, progress, clock), key=lambda line: line[0]):
        if user_id not in done.users:
            done.users.append(user_id)
        with hold(user_id):
            batch: list[Line] = []
            for line in found:
                batch.append(line)
                if len(batch) == _AT_ONCE:
                    _store(memory, user_id, batch, done)
                    batch = []
            _store(memory, user_id, batch, done)
            _settle_keys(memory, user_id)
    return done


def decoded_lines(
    numbered: Iterable[tuple[int, str]], done: Restored, progress: Callable[[int], None], clock: datetime
) -> Iterator[Line]:
    """Yield the usable records of an export's lines after the first; *done* counts those left out."""
    for number, text in numbered:
        if number % _AT_ONCE == 0:
            progress(number)
        if not text.strip():
            continue
        try:
            line = decode(text)
            if not isinstance(line, int):
                check_user_id(line[0])
                _check_time(line[2], clock)
        except InputError as exc:
            done.skip(number, str(exc))
            continue
        if isinstance(line, int):
            done.complete = line == number - 1
        else:
            yield line


def _check_time(item: object, clock: datetime) -> None:
    """Raise `InputError` for what nobody can have said yet."""
    if isinstance(item, Page):
        check_said_by("timestamp", item.timestamp, clock)
    elif isinstance(item, (Fact, Attribute)):
        check_said_by("said_at", item.said_at, clock)
    elif isinstance(item, Trait):
        check_said_by("updated_at", item.updated_at, clock)


def _store(memory: Memory, user_id: str, batch: list[Line], done: Restored) -> None:
    """Store what is new of a batch, all of it under the lock."""
    with memory.store.exclusive(user_id):
        segments = [(tier, item) for _, tier, item in batch if isinstance(item, Segment)]
        pages = [(tier, item) for _, tier, item in batch if isinstance(item, Page)]
        _segments(memory, user_id, segments, done)
        _pages(memory, user_id, pages, done)
        for _, _, item in batch:
            if isinstance(item, (Fact, Attribute, Trait)):
                _knowledge(memory, user_id, item, done)
            elif isinstance(item, Usage):
                _usage(memory, user_id, item, done)
            elif isinstance(item, Bar):
                _bar(memory, user_id, item, done)


def _segments(memory: Memory, user_id: str, found: list[tuple[str, Segment]], done: Restored) -> None:
    if not found:
        return
    mid_term = memory.mid_term
    known = set(mid_term.segments(user_id)) | {segment.segment_id for segment in mid_term.archived_segments(user_id)}
    new = {item.segment_id: (tier, item) for tier, item in found if item.segment_id not in known}
    mid_term.put_segments(user_id, [item for tier, item in new.values() if tier == MID_TERM])
    mid_term.put_archived(user_id, [], [item for tier, item in new.values() if tier == ARCHIVE])
    _count(done, "segment", len(new), len(found))


def _pages(memory: Memory, user_id: str, found: list[tuple[str, Page]], done: Restored) -> None:
    ids = list({item.page_id for _, item in found})
    known = {page.page_id for page in memory.short_term.pages(user_id)}
    known |= {page.page_id for page in memory.mid_term.pages(user_id, ids, archive=True)}
    new: dict[str, tuple[str, Page]] = {}
    for tier, item in found:
        if item.page_id not in known:
            new.setdefault(item.page_id, (tier, item))
    for place in (SHORT_TERM, MID_TERM, ARCHIVE):
        pages = [item for tier, item in new.values() if tier == place]
        if not pages:
            continue
        if place == SHORT_TERM:
            memory.short_term.put(user_id, pages)
        elif place == MID_TERM:
            memory.mid_term.put_pages(user_id, pages)
        else:
            memory.mid_term.put_archived(user_id, pages, [])
    _count(done, "page", len(new), len(found))


def _knowledge(memory: Memory, user_id: str, item: Fact | Attribute | Trait, done: Restored) -> None:
    long_term, kind = memory.long_term, type(item).__name__.lower()
    let_in = readmitted_item(user_id, item, long_term.bars(user_id))
    if let_in is None:
        done.barred[kind] += 1
        return
    item = let_in
    if isinstance(item, Fact):
        new = item.fact_id not in long_term.facts(user_id)
    elif isinstance(item, Attribute):
        there = long_term.attributes(user_id).get(item.name)
        new = there is None or there.said_at < item.said_at
    else:
        known = long_term.traits(user_id).get(item.dimension)
        new = known is None or known.updated_at < item.updated_at
    if new:
        long_term.put(user_id, [item])
    _count(done, kind, int(new), 1)


def _bar(memory: Memory, user_id: str, item: Bar, done: Restored) -> None:
    """Keep the worker from learning it again; what is there already stays."""
    held = memory.long_term.bars(user_id).get(item.digest)
    new = held is None or not set(item.page_ids) <= set(held.page_ids)
    if new:
        memory.long_term.bar(user_id, [item])
    _count(done, "bar", int(new), 1)


def _usage(memory: Memory, user_id: str, item: Usage, done: Restored) -> None:
    ledger = UsageLedger(memory.store)
    new = ledger.total(user_id) == Usage()
    if new:
        ledger.add(user_id, item)
    _count(done, "usage", int(new), 1)


def _settle_keys(memory: Memory, user_id: str) -> None:
    """Two memories that come together may hold two values for one slot: the one said last holds."""
    with memory.store.exclusive(user_id):
        slots: dict[tuple[str, str], list[Fact]] = {}
        for fact in active(memory.long_term.facts(user_id).values()):
            if fact.key and not fact.pinned:
                slots.setdefault((fact.about, fact.key), []).append(fact)
        closed: list[Fact] = []
        for facts in slots.values():
            *older, newest = sorted(facts, key=lambda fact: (fact.said_at, fact.fact_id))
            closed += [supersede(fact, newest) for fact in older]
        memory.long_term.put(user_id, [*closed])


def _count(done: Restored, kind: str, new: int, found: int) -> None:
    done.added[kind] += new
    done.known[kind] += found - new
