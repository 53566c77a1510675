"""
Forgetting: pages and facts leave every tier, and what was derived from them alone leaves too (invariant 6).

First `plan` finds what a selection touches, without changing anything; a dry run ends there. `carry_out` then removes
and rewrites: facts, attributes and traits that other pages support keep those sources; segments and chains that lose
pages are written anew from the pages that stay; a fact that was superseded only by a forgotten one holds again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from .errors import InputError, NotFoundError
from .knowledge import ended, withdraw
from .long_term import Item
from .records import Attribute, Fact, ForgetReceipt, Page, Segment, Trait
from .repair import Repairer
from .tiers import Memory

__all__ = ["Plan", "Selection", "carry_out", "plan", "receipt"]

_SCAN = 1000

Sourced = TypeVar("Sourced", Attribute, Fact, Trait)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a caller wants forgotten; at least one part is given."""

    page_ids: tuple[str, ...] = ()
    fact_ids: tuple[str, ...] = ()
    before: datetime | None = None
    everything: bool = False

    def __post_init__(self) -> None:
        if not (self.page_ids or self.fact_ids or self.before or self.everything):
            raise InputError("nothing to forget was named: give page_ids, fact_ids, before, or everything=true")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a selection touches: what goes, and what is kept in another form."""

    short_term: tuple[Page, ...] = ()
    mid_term: tuple[Page, ...] = ()
    archive: tuple[Page, ...] = ()
    gone_segments: tuple[str, ...] = ()
    kept_segments: tuple[str, ...] = ()
    gone_archived_segments: tuple[str, ...] = ()
    gone: tuple[Item, ...] = ()
    kept: tuple[Item, ...] = ()
    everything: bool = False
    chains: tuple[str, ...] = field(default=())

    @property
    def page_ids(self) -> set[str]:
        """The ids of every page that goes."""
        return {page.page_id for page in (*self.short_term, *self.mid_term, *self.archive)}


def plan(memory: Memory, user_id: str, selection: Selection) -> Plan:
    """
    Return what *selection* touches. Nothing is changed.

    Raises:
        NotFoundError: An id that names nothing of this user's.
    """
    if selection.everything:
        return _plan_everything(memory, user_id)
    queue = [page for page in memory.short_term.pages(user_id) if _chosen(page, selection)]
    mid_term = _stored(memory, user_id, selection, archive=False)
    archive = _stored(memory, user_id, selection, archive=True)
    pages = {page.page_id for page in (*queue, *mid_term, *archive)}
    _refuse_unknown("page_ids", selection.page_ids, pages)
    gone, kept = _plan_long_term(memory, user_id, pages, selection)
    _refuse_unknown("fact_ids", selection.fact_ids, {item.fact_id for item in gone if isinstance(item, Fact)})
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
        },
        rewritten={
            "segments": len(planned.kept_segments),
            "facts": sum(isinstance(item, Fact) for item in planned.kept),
            "attributes": sum(isinstance(item, Attribute) for item in planned.kept),
            "traits": sum(isinstance(item, Trait) for item in planned.kept),
        },
    )


def carry_out(memory: Memory, repairer: Repairer, user_id: str, planned: Plan) -> None:
    """Forget what is *planned*. The caller holds the store's lock from `plan` on."""
    if planned.everything:
        memory.index.drop(user_id)
        memory.store.drop(user_id)
        for tier in (memory.short_term, memory.mid_term, memory.long_term):
            tier.forget(user_id)
        return
    _rewrite(memory, repairer, user_id, planned)
    memory.long_term.remove(user_id, [_record_id(item) for item in planned.gone])
    memory.long_term.put(user_id, list(planned.kept))
    stored = [page.page_id for page in (*planned.mid_term, *planned.archive)]
    memory.index.remove(user_id, stored)
    memory.mid_term.remove_pages(user_id, [page.page_id for page in planned.mid_term])
    memory.mid_term.remove_segments(user_id, planned.gone_segments)
    archived = [page.page_id for page in planned.archive]
    memory.mid_term.remove_archived(user_id, [*archived, *planned.gone_archived_segments])
    memory.short_term.remove(user_id, [page.page_id for page in planned.short_term])


def _rewrite(memory: Memory, repairer: Repairer, user_id: str, planned: Plan) -> None:
    """
    Write segments and running chain summaries anew from the pages that stay, before the others go.

    In this order a crash leaves the pages to be forgotten again, never words of theirs without them.
    """
    going = planned.page_ids
    segments = memory.mid_term.segments(user_id)
    for segment_id in planned.kept_segments:
        pages = [page for page in memory.mid_term.pages_of(user_id, segment_id) if page.page_id not in going]
        if pages:
            repairer.rebuild_segment(user_id, segment_id, pages, segments.get(segment_id))
    for chain_id in planned.chains:
        pages = [page for page in memory.mid_term.chain(user_id, chain_id) if page.page_id not in going]
        summaries = [repairer.analyzer.summarize(pages[: place + 1]).summary for place in range(len(pages))]
        rewritten = [replace(page, chain_summary=text) for page, text in zip(pages, summaries, strict=True)]
        memory.mid_term.rewrite_pages(user_id, rewritten)


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


def _plan_long_term(
    memory: Memory, user_id: str, pages: Collection[str], selection: Selection
) -> tuple[list[Item], list[Item]]:
    """Return what goes and what is kept with fewer sources, or holds again."""
    facts = memory.long_term.facts(user_id)
    gone, kept = list[Item](), list[Item]()
    for fact in facts.values():
        told_before = selection.before is not None and not fact.page_ids and fact.said_at < selection.before
        _sort_out(fact, pages, gone, kept, named=told_before or fact.fact_id in selection.fact_ids)
    for attribute in memory.long_term.attributes(user_id).values():
        _sort_out(attribute, pages, gone, kept, named=False)
    for trait in memory.long_term.traits(user_id).values():
        _sort_out(trait, pages, gone, kept, named=False)
    gone += [fact for fact in facts.values() if fact not in gone and _only_ends(fact, gone)]
    lost = {item.fact_id for item in gone if isinstance(item, Fact)}
    kept = [item for item in kept if not (isinstance(item, Fact) and item.fact_id in lost)]
    thinned = {item.fact_id: item for item in kept if isinstance(item, Fact)}
    others = [item for item in kept if not isinstance(item, Fact)]
    revived = withdraw({**facts, **thinned}, lost)
    thinned |= {fact.fact_id: fact for fact in revived}
    return gone, [*thinned.values(), *others]


def _only_ends(fact: Fact, gone: Sequence[Item]) -> bool:
    """Whether *fact* says no more than that a fact which goes has ended."""
    return any(
        isinstance(item, Fact) and item.superseded_by == fact.fact_id and fact.fact == ended(item) for item in gone
    )


def _sort_out(item: Sourced, pages: Collection[str], gone: list[Item], kept: list[Item], *, named: bool) -> None:
    left = tuple(id_ for id_ in item.page_ids if id_ not in pages)
    if named or (item.page_ids and not left):
        gone.append(item)
    elif left != item.page_ids:
        thinned = replace(item, page_ids=left)
        if isinstance(thinned, Trait) and item.page_ids[-1] not in left:
            thinned = replace(thinned, evidence="")  # the words were the newest page's
        kept.append(thinned)


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
        raise NotFoundError(f"{name}: {shown} name nothing in this user's memory; retrieve_context shows ids")


def _record_id(item: Item) -> str:
    if isinstance(item, Fact):
        return item.fact_id
    return f"trait:{item.dimension}" if isinstance(item, Trait) else f"attribute:{item.name}"
