"""The audit: silent when all is well, and every check finds the damage it is for."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from memoryos_mcp.domain.protocols import Record
from memoryos_mcp.domain.records import Segment
from memoryos_mcp.tiers.mid_term import ARCHIVE, SEGMENTS
from memoryos_mcp.tiers.stored_records import encode_segment
from memoryos_mcp.updating.audit import CHECKS, audit, stored_pages

from .make import NOON, fact, page
from .world import USER, Make, World


def settled(make: Make) -> World:
    """Return a world with pages in all three tiers, a fact, an attribute and a trait."""
    world = make(segments=1)
    world.say(*(f"tea {number}" for number in range(6)), "car one", "I am a nurse", "x", "y")
    world.settle()
    assert world.memory.long_term.facts(USER)
    assert world.memory.mid_term.archived_count(USER)
    return world


def segment_of(world: World) -> Segment:
    """Return the one segment of mid-term memory."""
    return next(iter(world.memory.mid_term.segments(USER).values()))


def both_tiers(world: World) -> None:
    """Leave a page of mid-term memory in short-term memory, as a crash in between does."""
    world.memory.short_term.put(USER, world.memory.mid_term.all_pages(USER, limit=1))


def same_order(world: World) -> None:
    """Let a new page have the order of an old one."""
    old = world.memory.short_term.pages(USER)[0]
    world.memory.short_term.put(USER, [page(50, "late", sequence=old.sequence)])


def homeless(world: World) -> None:
    """Let a page name a segment that is not there."""
    moved = replace(world.memory.mid_term.all_pages(USER, limit=1)[0], segment_id="nowhere")
    world.memory.mid_term.put_pages(USER, [moved])


def miscounted(world: World) -> None:
    """Let a segment count one page too many."""
    segment = segment_of(world)
    world.memory.mid_term.put_segments(USER, [replace(segment, pages=segment.pages + 1)])


def in_both(world: World) -> None:
    """Leave an evicted segment in mid-term memory, as a crash in between does."""
    world.store.put(USER, ARCHIVE, [encode_segment(segment_of(world))])


def no_vector(world: World) -> None:
    """Take a segment's vector away."""
    world.store.delete(USER, world.memory.mid_term.vector_place, [segment_of(world).segment_id])


def not_indexed(world: World) -> None:
    """Take a page out of the turn index."""
    world.memory.index.remove(USER, world.memory.mid_term.page_ids(USER)[:1])


def stray_vector(world: World) -> None:
    """Leave a turn's vector without its page."""
    world.store.put(USER, world.memory.index.vector_place, [Record("p99.u", "", {}, np.ones(64, np.float32))])


def unreadable(world: World) -> None:
    """Spoil a segment's document."""
    world.store.put(USER, SEGMENTS, [Record("s9", "no JSON", {"kind": "segment"})])


def orphan(world: World) -> None:
    """Leave a fact whose page is gone."""
    world.memory.long_term.put(USER, [fact("f1", page_ids=("gone",))])


def half_superseded(world: World) -> None:
    """Leave a fact that ended, with nothing that ended it."""
    world.memory.long_term.put(USER, [fact("f1", superseded_at=NOON, page_ids=())])


def stale_memory(world: World) -> None:
    """Write behind the back of what is held in memory."""
    world.store.put(USER, SEGMENTS, [encode_segment(replace(segment_of(world), visits=99))])


DAMAGES: dict[str, Callable[[World], None]] = {
    "records": unreadable,
    "tiers": both_tiers,
    "order": same_order,
    "homes": homeless,
    "counts": miscounted,
    "archive": in_both,
    "segment vectors": no_vector,
    "turn index": not_indexed,
    "turn vectors": stray_vector,
    "sources": orphan,
    "superseded": half_superseded,
    "memory": stale_memory,
}


def test_nothing_is_found_where_all_is_well(make: Make) -> None:
    """Ours: settled memory keeps every invariant, and the empty memory of a stranger too."""
    world = settled(make)
    assert audit(world.memory, USER) == []
    assert audit(world.memory, "nobody") == []
    assert stored_pages(world.memory, USER) == dict.fromkeys(world.everything(), 1)


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_finds_what_it_is_for(make: Make, check: str) -> None:
    """Ours: an audit that finds nothing proves something only if it would find it."""
    world = settled(make)
    DAMAGES[check](world)
    assert check in {violation.check for violation in audit(world.memory, USER)}


def test_a_violation_names_what_is_wrong_and_where(make: Make) -> None:
    """Ours: whoever reads it can look at the record."""
    world = settled(make)
    orphan(world)
    (found,) = audit(world.memory, USER)
    assert found.detail == "1 name pages that are not there: f1 (names gone)"
    assert found.ids == ("f1",)
