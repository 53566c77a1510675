"""
What a selection touches: pages, segments, and what long-term memory learnt from them. Nothing is changed here.

An item of long-term memory that other pages support keeps those sources, unless its words came from the forgotten
ones; a fact that was superseded only by a forgotten one holds again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ...domain.errors import NotFoundError
from ...domain.records import Attribute, Fact, ForgetReceipt, Page, Segment, Trait
from ...tiers.forgotten_facts import PARTS, Bar, attribute_bar, fact_bars, trait_bar
from ...tiers.knowledge import ending_line, withdraw
from ...tiers.long_term import Item
from ...tiers.memory import Memory
from .selection import Selection
from .support import Support, told_by, without_fact

__all__ = ["Plan", "plan", "receipt"]

_SCAN = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a selection touches: what goes, and what is kept in another form; `traces` counts what is derived."""

    short_term: tuple[Page, ...] = ()
    mid_term: tuple[Page, ...] = ()
    archive: tuple[Page, ...] = ()
    gone_segments: tuple[str, ...] = ()
    kept_segments: tuple[str, ...] = ()
    gone_archived_segments: tuple[str, ...] = ()
    gone: tuple[Item, ...] = ()
    kept: tuple[Item, ...] = ()
    everything: bool = False
    chains: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    traces: Mapping[str, int] = field(default_factory=dict)

    @property
    def page_ids(self) -> set[str]:
        """The ids of every page that goes."""
        return {page.page_id for page in (*self.short_term, *self.mid_term, *self.archive)}


def plan(memory: Memory, user_id: str, selection: Selection, *, again: bool = False) -> Plan:
    """
    Return what *selection* touches. Nothing is changed.

    Args:
        memory: The tiers.
        user_id: Whose.
        selection: What the caller named.
        again: It may have been carried out in part already: ids that name nothing are no error.

    Raises:
        NotFoundError: An id that names nothing of this user's.
    """
    if selection.everything:
        return _plan_everything(memory, user_id)
    queue = [page for page in memory.short_term.pages(user_id) if _chosen(page, selection)]
    mid_term = _stored(memory, user_id, selection, archive=False)
    archive = _stored(memory, user_id, selection, archive=True)
    pages = {page.page_id for page in (*queue, *mid_term, *archive)}
    facts = memory.long_term.facts(user_id)
    if not again:
        _refuse_unknown("page_ids", selection.page_ids, pages)
        _refuse_unknown("fact_ids", selection.fact_ids, facts)
    support = _support(memory, user_id, (*queue, *mid_term, *archive))
    gone, kept = _plan_long_term(memory, user_id, support, selection)
    named = [facts[id_] for id_ in selection.fact_ids if id_ in facts]
    emptied, thinned = _plan_segments(memory.mid_term.segments(user_id), mid_term)
    return Plan(
        short_term=tuple(queue),
        mid_term=tuple(mid_term),
        archive=tuple(archive),
        gone_segments=emptied,
        kept_segments=thinned,
        gone_archived_segments=_plan_archived(memory, user_id, archive),
        gone=tuple(gone),
        kept=tuple(kept),
        chains=tuple({page.chain_id for page in (*mid_term, *archive) if page.chain_id}),
        bars=tuple(_bars(memory, user_id, named, pages)),
        traces=memory.index.traces(user_id, [page.page_id for page in (*mid_term, *archive)]),
    )


def receipt(user_id: str, planned: Plan, *, dry_run: bool) -> ForgetReceipt:
    """Return *planned* as the receipt a caller gets."""
    facts = [item for item in planned.gone if isinstance(item, Fact)]
    return ForgetReceipt(
        user_id=user_id,
        dry_run=dry_run,
        page_ids=tuple(sorted(planned.page_ids)),
        fact_ids=tuple(sorted(fact.fact_id for fact in facts)),
        places={
            "short_term": len(planned.short_term),
            "mid_term": len(planned.mid_term),
            "archive": len(planned.archive),
            "segments": len(planned.gone_segments) + len(planned.gone_archived_segments),
            "facts": len(facts),
            "attributes": sum(isinstance(item, Attribute) for item in planned.gone),
            "traits": sum(isinstance(item, Trait) for item in planned.gone),
            **planned.traces,
        },
        rewritten={
            "segments": len(planned.kept_segments),
            "facts": sum(isinstance(item, Fact) for item in planned.kept),
            "attributes": sum(isinstance(item, Attribute) for item in planned.kept),
            "traits": sum(isinstance(item, Trait) for item in planned.kept),
        },
    )


def _plan_everything(memory: Memory, user_id: str) -> Plan:
    segments = memory.mid_term.segments(user_id)
    long_term = memory.long_term
    return Plan(
        short_term=tuple(memory.short_term.pages(user_id)),
        mid_term=tuple(memory.mid_term.all_pages(user_id)),
        archive=tuple(memory.mid_term.archived_pages(user_id)),
        gone_segments=tuple(segments),
        gone_archived_segments=tuple(segment.segment_id for segment in memory.mid_term.archived_segments(user_id)),
        gone=(
            *long_term.facts(user_id).values(),
            *long_term.attributes(user_id).values(),
            *long_term.traits(user_id).values(),
        ),
        everything=True,
        traces=memory.index.traces(user_id),
    )


def _chosen(page: Page, selection: Selection) -> bool:
    early = selection.before is not None and page.timestamp < selection.before
    return early or page.page_id in selection.page_ids


def _stored(memory: Memory, user_id: str, selection: Selection, *, archive: bool) -> list[Page]:
    """Return the chosen pages of mid-term memory or the archive; a date has to look at every page."""
    mid_term = memory.mid_term
    if selection.before is None:
        ids = list(selection.page_ids)
        return mid_term.archived_pages(user_id, ids) if archive else mid_term.pages(user_id, ids)
    read = mid_term.archived_pages if archive else mid_term.all_pages
    chosen, offset = list[Page](), 0
    while pages := read(user_id, limit=_SCAN, offset=offset):
        chosen += [page for page in pages if _chosen(page, selection)]
        offset += len(pages)
    return chosen


def _support(memory: Memory, user_id: str, gone: Sequence[Page]) -> Support:
    """Return the words of the pages that go, and a way to those of the pages that stay."""

    def read(ids: Sequence[str]) -> list[Page]:
        queue = [page for page in memory.short_term.pages(user_id) if page.page_id in ids]
        return [*queue, *memory.mid_term.pages(user_id, ids, archive=True)]

    return Support(gone, read)


def _plan_long_term(
    memory: Memory, user_id: str, support: Support, selection: Selection
) -> tuple[list[Item], list[Item]]:
    """Return what goes and what is kept with fewer sources, or holds again."""
    long_term = memory.long_term
    facts = long_term.facts(user_id)
    gone, kept = list[Item](), list[Item]()
    for fact in facts.values():
        told_before = selection.before is not None and not fact.page_ids and fact.said_at < selection.before
        if told_before or fact.fact_id in selection.fact_ids:
            gone.append(fact)
        else:
            _sort_out(fact, support.without(fact), gone, kept)
    named = [facts[id_] for id_ in selection.fact_ids if id_ in facts]
    items: list[Item] = [*long_term.attributes(user_id).values(), *long_term.traits(user_id).values()]
    for item in items:
        left = support.without(item)
        for fact in named:
            left = None if left is None else without_fact(left, fact)
        _sort_out(item, left, gone, kept)
    gone += [fact for fact in facts.values() if fact not in gone and _only_ends(fact, gone)]
    return gone, _holding_again(facts, gone, kept)


def _sort_out(item: Item, left: Item | None, gone: list[Item], kept: list[Item]) -> None:
    if left is None:
        gone.append(item)
    elif left != item:
        kept.append(left)


def _holding_again(facts: Mapping[str, Fact], gone: Sequence[Item], kept: Sequence[Item]) -> list[Item]:
    """Return what is kept, with the facts that were superseded only by ones that go."""
    lost = {item.fact_id for item in gone if isinstance(item, Fact)}
    thinned = {item.fact_id: item for item in kept if isinstance(item, Fact) and item.fact_id not in lost}
    others = [item for item in kept if not isinstance(item, Fact)]
    thinned |= {fact.fact_id: fact for fact in withdraw({**facts, **thinned}, lost)}
    return [*thinned.values(), *others]


def _bars(memory: Memory, user_id: str, named: Sequence[Fact], going: Collection[str]) -> list[Bar]:
    """Return what must not be learnt again from the pages that stay, since it was named to be forgotten."""
    bars = list[Bar]()
    for fact in named:
        pages = [id_ for id_ in fact.page_ids if id_ not in going]
        if not pages:
            continue
        bars += fact_bars(user_id, fact, pages)
        for attribute in memory.long_term.attributes(user_id).values():
            parts = told_by(attribute, fact).split(PARTS)
            bars += [attribute_bar(user_id, attribute.name, part, pages) for part in parts if part]
        traits = memory.long_term.traits(user_id).values()
        bars += [trait_bar(user_id, trait.dimension, pages) for trait in traits if told_by(trait, fact)]
    return bars


def _only_ends(fact: Fact, gone: Sequence[Item]) -> bool:
    """Whether *fact* says no more than that a fact which goes has ended."""
    return any(
        isinstance(item, Fact) and item.superseded_by == fact.fact_id and fact.fact == ending_line(item)
        for item in gone
    )


def _plan_segments(segments: Mapping[str, Segment], pages: Sequence[Page]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the segments that lose all their pages, and those that lose some."""
    losses: dict[str, int] = {}
    for page in pages:
        losses[page.segment_id] = losses.get(page.segment_id, 0) + 1
    touched = [id_ for id_ in losses if id_ in segments]
    emptied = tuple(id_ for id_ in touched if losses[id_] >= segments[id_].pages)
    return emptied, tuple(id_ for id_ in touched if id_ not in emptied)


def _plan_archived(memory: Memory, user_id: str, pages: Sequence[Page]) -> tuple[str, ...]:
    """Return the archived segments that lose a page: the record goes, since the archive is never summarised again."""
    touched = {page.segment_id for page in pages}
    if not touched:
        return ()
    archived = memory.mid_term.archived_segments(user_id)
    return tuple(segment.segment_id for segment in archived if segment.segment_id in touched)


def _refuse_unknown(name: str, wanted: Sequence[str], found: Collection[str]) -> None:
    unknown = [id_ for id_ in wanted if id_ not in found]
    if unknown:
        shown = ", ".join(repr(id_) for id_ in unknown[:5])
        raise NotFoundError(f"{name}: {shown} name nothing in this user's memory; what is recalled shows ids")
