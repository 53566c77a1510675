"""Consolidation, promotion, eviction and repair over real Chroma, with an analyzer one can compute by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from memoryos_mcp.domain.errors import AnalyzerUnavailableError, EmbedderUnavailableError, StoreCorruptError
from memoryos_mcp.domain.protocols import Record
from memoryos_mcp.domain.records import Batch, BatchAnalysis, Fact, Findings, Page, Segment, Topic

from .make import NOON
from .world import USER, Make


def test_the_oldest_pages_over_capacity_move_and_the_newest_stay(make: Make) -> None:
    """The paper's: short-term memory is a FIFO queue."""
    world = make()
    world.say("tea one", "tea two", "tea three", "tea four", "tea five")
    assert world.updater.pending_work(USER) == 5
    world.settle()
    assert [item.page_id for item in world.memory.short_term.pages(USER)] == ["p3", "p4"]
    assert sorted(world.memory.mid_term.page_ids(USER)) == ["p0", "p1", "p2"]
    assert world.memory.index.page_ids(USER) == {"p0", "p1", "p2"}
    assert world.updater.pending_work(USER) == 0


def test_pages_of_one_topic_share_a_segment_and_later_ones_join_it(make: Make) -> None:
    """The paper's: equation 3; the same first word is cosine 1 and the same keyword."""
    world = make()
    world.say("tea one", "car one", "tea two", "x", "y")
    world.settle()
    world.say("tea three", "z", "w")
    world.settle()
    by_word = {item.keywords[0]: item for item in world.memory.mid_term.segments(USER).values()}
    assert by_word["tea"].pages == 3
    assert by_word["car"].pages == 1
    assert {item.user_input for item in world.memory.mid_term.pages_of(USER, by_word["tea"].segment_id)} == {
        "tea one",
        "tea two",
        "tea three",
    }


def test_chains_run_on_while_the_talk_continues_and_carry_a_running_summary(make: Make) -> None:
    """The paper's: the meta chain of dialogue pages, across batches too."""
    world = make()
    world.say("tea one", "tea two", "car one", "x", "y")
    world.settle()
    world.say("z", "w")
    world.settle()
    pages = {item.page_id: item for item in world.memory.mid_term.all_pages(USER)}
    assert pages["p0"].chain_id == pages["p1"].chain_id != pages["p2"].chain_id
    assert pages["p1"].chain_summary == "up to tea two"
    assert [pages[id_].previous_id for id_ in ("p0", "p1", "p2", "p3")] == ["", "p0", "p1", "p2"]


def test_a_fact_is_noted_before_its_page_is_consolidated(make: Make) -> None:
    """Ours: a fact said once does not wait for heat; the paper notes facts at promotion alone."""
    world = make()
    world.say("I am allergic to nuts")
    world.settle()
    (fact,) = world.memory.long_term.facts(USER).values()
    assert (fact.fact, fact.page_ids, fact.said_at) == ("I am allergic to nuts", ("p0",), NOON)
    assert len(world.memory.short_term.pages(USER)) == 1


def test_an_analyzer_that_is_not_eager_notes_facts_at_consolidation(make: Make) -> None:
    """Ours: one call per batch does all, so a model is not asked for every page."""
    world = make(eager=False)
    world.say("I am one", "x", "y")
    world.settle()
    assert [item.fact for item in world.memory.long_term.facts(USER).values()] == ["I am one"]


def test_a_segment_hotter_than_tau_is_promoted_once_and_cools(make: Make) -> None:
    """The paper's: five pages and recency 1 make 6 > 5; L_interaction becomes 0, so heat falls to 1."""
    world = make()
    world.say(*[f"tea {number}" for number in range(5)], "x", "y")
    world.settle()
    (trait,) = world.memory.long_term.traits(USER).values()
    segment = next(item for item in world.memory.mid_term.segments(USER).values() if item.keywords == ("tea",))
    assert (trait.dimension, trait.level, len(trait.page_ids)) == ("openness", "high", 5)
    assert (segment.interactions, segment.pages) == (0, 5)


def test_pages_that_join_during_a_promotion_stay_unread(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: L_interaction becomes 0 for what was read; two pages that came in meanwhile are counted until they are."""
    world = make()
    world.say(*[f"tea {number}" for number in range(5)], "x", "y")
    while world.updater.consolidate(USER):
        pass
    analyze = world.analyzer.analyze_segment
    read: list[int] = []

    def talking(segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        if not read:
            world.say("tea 5", "tea 6", "v", "w")
            while world.updater.consolidate(USER):
                pass
        read.append(len(pages))
        return analyze(segment, pages, known)

    def tea() -> tuple[int, int]:
        found = next(item for item in world.memory.mid_term.segments(USER).values() if item.keywords == ("tea",))
        return found.pages, found.interactions

    monkeypatch.setattr(world.analyzer, "analyze_segment", talking)
    assert tea() == (5, 5)
    assert world.updater.promote(USER)
    assert tea() == (7, 2)
    assert world.updater.promote(USER, force=True)
    assert tea() == (7, 0)
    assert read == [5, 7]


def test_four_pages_are_not_hot_enough(make: Make) -> None:
    """The paper's: 4 + 1 is not above 5."""
    world = make()
    world.say(*[f"tea {number}" for number in range(4)], "x", "y")
    world.settle()
    assert world.memory.long_term.traits(USER) == {}


def test_visits_heat_a_segment_until_it_is_promoted(make: Make) -> None:
    """The paper's: N_visit counts retrievals. 4 pages + 1 visit + recency 1 = 6 > 5."""
    world = make()
    world.say(*[f"tea {number}" for number in range(4)], "x", "y")
    world.settle()
    segment = next(iter(world.memory.mid_term.segments(USER)))
    world.updater.visit(USER, {segment: 1, "gone": 3})
    assert world.updater.pending_work(USER) == 1
    world.settle()
    assert "openness" in world.memory.long_term.traits(USER)
    world.updater.visit(USER, {segment: 50})
    assert world.updater.pending_work(USER) == 0, "a segment without unread pages is not promoted again"


def test_over_capacity_the_coldest_segment_goes_to_the_archive(make: Make) -> None:
    """The paper's: eviction by heat; ours: the archive keeps what the paper deletes."""
    world = make(segments=2)
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    world.now += timedelta(days=100)
    world.say("car one", "car two", "bus one", "bus two", "z", "w")
    world.settle()
    assert len(world.memory.mid_term.segments(USER)) == 2
    archived = {item.page_id for item in world.memory.mid_term.archived_pages(USER)}
    assert archived
    assert archived.isdisjoint(world.memory.mid_term.page_ids(USER))
    assert archived.isdisjoint(world.memory.index.page_ids(USER))
    assert archived == world.memory.index.page_ids(USER, archived=True)
    assert world.everything() == sorted(f"p{number}" for number in range(10))


def test_a_model_that_is_down_costs_no_page(make: Make) -> None:
    """Invariant 3: the work waits, and is done when the model is back."""
    world = make()
    world.analyzer.down = True
    world.say("tea one", "tea two", "tea three")
    with pytest.raises(AnalyzerUnavailableError):
        world.updater.step(USER)
    assert len(world.memory.short_term.pages(USER)) == 3
    assert world.memory.long_term.facts(USER) == {}
    world.analyzer.down = False
    world.settle()
    assert world.updater.pending_work(USER) == 0


def test_topics_that_are_no_partition_lose_no_page(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 3: a model may name a page twice, forget one, or invent one."""
    world = make()
    monkeypatch.setattr(
        world.analyzer,
        "analyze_batch",
        lambda batch, known: BatchAnalysis((), (Topic(("p0", "p0", "p77"), "a", ()), Topic(("p0",), "b", ()))),
    )
    world.say("tea one", "car one", "x", "y")
    world.settle()
    assert world.everything() == ["p0", "p1", "p2", "p3"]
    assert all(item.segment_id for item in world.memory.mid_term.all_pages(USER))


def test_a_page_left_in_both_tiers_leaves_the_old_one(make: Make) -> None:
    """Invariant 2: a crash between the two writes is finished, and counted once."""
    world = make()
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    moved = world.memory.mid_term.all_pages(USER)
    world.memory.short_term.put(USER, moved)
    world = make()
    assert world.repairer.repair(USER)
    assert world.everything() == ["p0", "p1", "p2", "p3"]
    assert not world.repairer.repair(USER)


def test_a_lost_segment_is_rebuilt_from_its_pages(make: Make) -> None:
    """Invariant 2: pages are written before their segment, so a crash may leave them without one."""
    world = make()
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    (segment,) = world.memory.mid_term.segments(USER)
    world.memory.mid_term.remove_segments(USER, [segment])
    assert world.repairer.repair(USER)
    rebuilt = world.memory.mid_term.segments(USER)[segment]
    assert (rebuilt.pages, rebuilt.interactions, rebuilt.keywords) == (2, 2, ("tea",))
    assert world.reembedder.step(USER)
    assert segment in world.memory.mid_term.vectors(USER)


def test_an_eviction_cut_short_is_finished(make: Make) -> None:
    """Invariant 2: the archive is written first; what it holds leaves mid-term memory."""
    world = make()
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    (segment,) = world.memory.mid_term.segments(USER).values()
    pages = world.memory.mid_term.pages_of(USER, segment.segment_id)
    world.memory.mid_term.archive(USER, segment, pages)
    world.memory.mid_term.put_pages(USER, pages)
    world.memory.mid_term.put_segments(USER, [segment])
    assert world.repairer.repair(USER)
    assert world.memory.mid_term.page_ids(USER) == []
    assert world.memory.index.page_ids(USER) == set()
    assert world.everything() == ["p0", "p1", "p2", "p3"]


def test_a_turn_index_out_of_step_is_completed_and_trimmed(make: Make) -> None:
    """Ours: the index is derived, so a lost or left-over entry is mended from the pages."""
    world = make()
    world.say("tea one", "tea two", "car one", "x", "y")
    world.settle()
    world.memory.index.remove(USER, ["p0", "p1"])
    assert world.repairer.repair(USER)
    assert world.memory.index.page_ids(USER) == {"p0", "p1", "p2"}
    world.memory.mid_term.remove_pages(USER, ["p2"])
    assert world.repairer.repair(USER)
    assert world.memory.index.page_ids(USER) == {"p0", "p1"}


def test_a_page_forgotten_while_it_is_analysed_does_not_come_back(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 6: analysis runs outside the lock, so the world may change under it."""
    world = make()
    world.say("tea one", "tea two", "tea three")
    original = world.analyzer.analyze_batch

    def forgetful(batch, known):  # type: ignore[no-untyped-def]
        world.memory.short_term.remove(USER, ["p0"])
        return original(batch, known)

    monkeypatch.setattr(world.analyzer, "analyze_batch", forgetful)
    world.settle()
    assert world.everything() == ["p1", "p2"]


def test_a_clock_set_back_does_not_break_heat(make: Make) -> None:
    """Ours: no step raises when the machine's clock moves backwards."""
    world = make(segments=1)
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    world.now = datetime.fromisoformat("2001-01-01T00:00:00+00:00")
    world.say("car one", "z", "w")
    world.settle()
    assert len(world.memory.mid_term.segments(USER)) == 1


def test_an_unreadable_record_is_named(make: Make) -> None:
    """Ours: a damaged document is an error with its id, never silently skipped."""
    world = make()
    world.store.put(USER, "short_term", [Record("p9", "{not json", {"kind": "page"})])
    world = make()
    with pytest.raises(StoreCorruptError, match="p9"):
        world.memory.short_term.pages(USER)


def test_segments_get_vectors_of_a_new_embedder(make: Make) -> None:
    """Ours: without one no page could join them."""
    world = make()
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    world.store.drop(USER, world.memory.mid_term.vector_place)
    world.memory.mid_term.forget(USER)
    assert not world.repairer.repair(USER)
    assert world.reembedder.step(USER)
    assert set(world.memory.mid_term.vectors(USER)) == set(world.memory.mid_term.segments(USER))


def test_noting_marks_only_pages_still_there(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a page forgotten while it is read is not written back by the mark."""
    world = make()
    (first,) = world.say("I am here")
    original = world.analyzer.note

    def forgetful(pages, known, context=()):  # type: ignore[no-untyped-def]
        world.memory.short_term.remove(USER, [first.page_id])
        return original(pages, known, context)

    monkeypatch.setattr(world.analyzer, "note", forgetful)
    world.updater.note(USER)
    assert world.everything() == []


def test_the_same_page_again_is_put_over_itself(make: Make) -> None:
    """Ours: putting is idempotent by page id."""
    world = make()
    (first,) = world.say("tea one")
    world.memory.short_term.put(USER, [replace(first, noted=True)])
    assert [item.noted for item in world.memory.short_term.pages(USER)] == [True]


def test_an_embedder_that_fails_is_done_without_at_the_third_try(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 3: no model is asked in vain meanwhile, keywords find the segment, and vectors follow."""
    world = make()
    world.say("tea one", "tea two", "x", "y")
    analyze, asked = world.analyzer.analyze_batch, list[Batch]()

    def down(*_: object) -> None:
        raise EmbedderUnavailableError("no route to the embedder")

    def counted(batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        asked.append(batch)
        return analyze(batch, known)

    monkeypatch.setattr(world.analyzer, "analyze_batch", counted)
    with monkeypatch.context() as patch:
        patch.setattr(type(world.memory.embedder), "embed", down)
        for _ in range(2):
            with pytest.raises(EmbedderUnavailableError):
                world.updater.consolidate(USER)
        assert asked == []
        assert "mid_term" in world.updater.consolidate(USER)
        world.say("tea three", "z", "w")
        assert "mid_term" in world.updater.consolidate(USER)
    by_word = {item.keywords[0]: item.pages for item in world.memory.mid_term.segments(USER).values()}
    assert by_word["tea"] == 3
    assert world.memory.mid_term.vectors(USER) == {}
    assert world.memory.index.progress(USER) == (0, 5)
    world.settle()
    assert world.memory.index.progress(USER) == (5, 5)
    assert set(world.memory.mid_term.vectors(USER)) == set(world.memory.mid_term.segments(USER))
