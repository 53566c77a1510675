"""
Carrying a plan out: removed are pages, what was learnt from them alone, and their traces in the derived places.

Segments and chains that lose pages are written anew from the pages that stay.
"""

from dataclasses import replace

from ...domain.records import Fact, Trait
from ...tiers.long_term import Item
from ...tiers.memory import Memory
from ..repair import Repairer
from .planning import Plan

__all__ = ["carry_out"]


def carry_out(memory: Memory, repairer: Repairer, user_id: str, planned: Plan) -> None:
    """Forget what is *planned*. The caller holds the store's lock from `plan` on."""
    if planned.everything:
        memory.index.drop(user_id)
        memory.store.drop(user_id)
        for tier in (memory.short_term, memory.mid_term, memory.long_term):
            tier.forget(user_id)
        return
    beside = _rewrite(memory, repairer, user_id, planned)
    memory.long_term.remove(user_id, [_record_id(item) for item in planned.gone])
    memory.long_term.put(user_id, list(planned.kept))
    memory.long_term.bar(user_id, planned.bars, planned.page_ids)
    stored = [page.page_id for page in (*planned.mid_term, *planned.archive)]
    memory.index.remove(user_id, stored, beside)
    memory.mid_term.remove_pages(user_id, [page.page_id for page in planned.mid_term])
    memory.mid_term.remove_segments(user_id, planned.gone_segments)
    archived = [page.page_id for page in planned.archive]
    memory.mid_term.remove_archived(user_id, [*archived, *planned.gone_archived_segments])
    memory.short_term.remove(user_id, [page.page_id for page in planned.short_term])


def _rewrite(memory: Memory, repairer: Repairer, user_id: str, planned: Plan) -> set[str]:
    """
    Write segments and running chain summaries anew from the pages that stay, before the others go.

    In this order a crash leaves the pages to be forgotten again, never words of theirs without them. Returns the ids
    of the pages just before and after those that go.
    """
    going = planned.page_ids
    segments = memory.mid_term.segments(user_id)
    for segment_id in planned.kept_segments:
        pages = [page for page in memory.mid_term.pages_of(user_id, segment_id) if page.page_id not in going]
        if pages:
            repairer.rebuild_segment(user_id, segment_id, pages, segments.get(segment_id))
    beside = _relink(memory, user_id, planned)
    for chain_id in planned.chains:
        pages = [page for page in memory.mid_term.chain(user_id, chain_id) if page.page_id not in going]
        summaries = [repairer.analyzer.summarize(pages[: place + 1]).summary for place in range(len(pages))]
        rewritten = [replace(page, chain_summary=text) for page, text in zip(pages, summaries, strict=True)]
        memory.mid_term.rewrite_pages(user_id, rewritten)
    return beside


def _relink(memory: Memory, user_id: str, planned: Plan) -> set[str]:
    """
    Have pages that arrived just after a forgotten one follow the page before it: an id is a hash of the words.

    Returns the ids of these pages and of the ones before.
    """
    before = {page.page_id: page.previous_id for page in (*planned.mid_term, *planned.archive)}
    followers = []
    for page in memory.mid_term.pages_following(user_id, list(before)):
        previous, passed = page.previous_id, set[str]()
        while previous in before:
            passed.add(previous)  # restored pages may name one another in a circle
            previous = "" if before[previous] in passed else before[previous]
        if page.page_id not in before:
            followers.append(replace(page, previous_id=previous))
    memory.mid_term.rewrite_pages(user_id, followers)
    return {*before.values(), *(page.page_id for page in followers)} - {*before, ""}


def _record_id(item: Item) -> str:
    if isinstance(item, Fact):
        return item.fact_id
    return f"trait:{item.dimension}" if isinstance(item, Trait) else f"attribute:{item.name}"
