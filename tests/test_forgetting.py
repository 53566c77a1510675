"""Forgetting reaches every place, and only what it should."""

from datetime import timedelta

import pytest

from memoryos_mcp.domain.errors import InputError, NotFoundError
from memoryos_mcp.domain.records import Attribute, ForgetReceipt, Trait
from memoryos_mcp.updating.forgetting import Selection, carry_out, plan, receipt

from .make import NOON, fact
from .world import USER, Make, World


def forget(world: World, *, dry_run: bool = False, **selection: object) -> ForgetReceipt:
    """Plan and, unless dry, carry out a selection."""
    with world.store.exclusive():
        planned = plan(world.memory, USER, Selection(**selection))  # type: ignore[arg-type]
        if not dry_run:
            carry_out(world.memory, world.repairer, USER, planned)
    return receipt(USER, planned, dry_run=dry_run)


def stored_text(world: World) -> str:
    """Return everything stored of the user, as one text."""
    places = ["short_term", "mid_term", "segments", "long_term", "archive"]
    records = [record for place in places for record in world.store.get(USER, place)]
    return "\n".join(f"{record.document} {record.metadata}" for record in records)


def test_a_dry_run_changes_nothing_and_counts_the_same(make: Make) -> None:
    """Ours: what is shown first is what is done after."""
    world = make()
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    dry = forget(world, page_ids=("p0", "p3"), dry_run=True)
    assert world.everything() == ["p0", "p1", "p2", "p3"]
    done = forget(world, page_ids=("p0", "p3"))
    assert (dry.places, dry.rewritten, dry.page_ids) == (done.places, done.rewritten, done.page_ids)
    assert dry.dry_run
    assert not done.dry_run
    assert world.everything() == ["p1", "p2"]


def test_a_forgotten_page_leaves_summaries_keywords_chains_and_index(make: Make) -> None:
    """Invariant 6: what was derived from it is written anew from the pages that stay."""
    world = make()
    world.say("tea secret", "tea open", "x", "y")
    world.settle()
    answer = forget(world, page_ids=("p0",))
    assert answer.places["mid_term"] == 1
    assert answer.rewritten["segments"] == 1
    assert "secret" not in stored_text(world)
    assert world.memory.index.page_ids(USER) == {"p1"}
    (segment,) = world.memory.mid_term.segments(USER).values()
    assert (segment.pages, segment.summary) == (1, "tea open")


def test_a_segment_without_pages_goes(make: Make) -> None:
    """Invariant 6: nothing is left to summarise."""
    world = make()
    world.say("tea one", "x", "y")
    world.settle()
    assert forget(world, page_ids=("p0",)).places["segments"] == 1
    assert world.memory.mid_term.segments(USER) == {}
    assert world.memory.mid_term.vectors(USER) == {}


def test_facts_attributes_and_traits_of_forgotten_pages_alone_go_and_others_keep_their_sources(make: Make) -> None:
    """Invariant 6: two sources, one forgotten, leaves one."""
    world = make()
    world.say("I am a nurse", "other")
    world.settle()
    world.memory.long_term.put(
        USER,
        [
            fact("f-both", page_ids=("p0", "p1")),
            fact("f-told", page_ids=()),
            Attribute("home", "Oslo", ("p0", "p1"), NOON),
            Trait("openness", "high", "tries things", ("p0",), NOON),
        ],
    )
    answer = forget(world, page_ids=("p0",))
    assert answer.places == {
        "short_term": 1,
        "mid_term": 0,
        "archive": 0,
        "segments": 0,
        "facts": 1,
        "attributes": 1,
        "traits": 1,
        "word_index": 0,
        "turn_vectors": 0,
    }
    facts = world.memory.long_term.facts(USER)
    assert facts["f-both"].page_ids == ("p1",)
    assert set(facts) == {"f-both", "f-told"}
    assert world.memory.long_term.attributes(USER)["home"].page_ids == ("p1",)
    assert "nurse" not in stored_text(world)


def test_a_fact_superseded_only_by_a_forgotten_one_holds_again(make: Make) -> None:
    """Ours: that it ended was known from the forgotten page alone."""
    world = make()
    world.say("I am a nurse", "I am a pilot")
    world.settle()
    forget(world, page_ids=("p1",))
    (held,) = world.memory.long_term.facts(USER).values()
    assert (held.fact, held.superseded_by, held.superseded_at) == ("I am a nurse", None, None)


def test_a_line_that_only_says_what_ended_goes_with_it(make: Make) -> None:
    """Invariant 6: "No longer: ..." quotes the forgotten fact."""
    world = make()
    world.say("tea one", "tea two")
    ended = fact("f-old", "Works at Secret Ltd", page_ids=("p0",), superseded_by="f-end", superseded_at=NOON)
    world.memory.long_term.put(USER, [ended, fact("f-end", "No longer: Works at Secret Ltd", page_ids=("p1",))])
    forget(world, page_ids=("p0",))
    assert "Secret" not in stored_text(world)


def test_a_trait_loses_the_words_of_a_forgotten_page_and_keeps_the_other(make: Make) -> None:
    """Invariant 6: the evidence is a quotation of the newest source."""
    world = make()
    world.say("tea one", "tea two")
    world.memory.long_term.put(USER, [Trait("openness", "high", "secret words", ("p0", "p1"), NOON)])
    forget(world, page_ids=("p1",))
    (trait,) = world.memory.long_term.traits(USER).values()
    assert (trait.page_ids, trait.evidence) == (("p0",), "")


def test_facts_are_forgotten_by_id(make: Make) -> None:
    """Ours: the page stays, the line goes."""
    world = make()
    world.say("I am a nurse")
    world.settle()
    (id_,) = world.memory.long_term.facts(USER)
    assert forget(world, fact_ids=(id_,)).fact_ids == (id_,)
    assert world.memory.long_term.facts(USER) == {}
    assert world.everything() == ["p0"]


def test_everything_before_a_time_goes_told_facts_included(make: Make) -> None:
    """Ours: strictly before; the page said at that very time stays."""
    world = make(segments=1)
    world.say("tea one", "car one", "x", "y")
    world.settle()
    world.memory.long_term.put(USER, [fact("f-told", page_ids=(), said_at=NOON)])
    answer = forget(world, before=NOON + timedelta(minutes=2))
    assert world.everything() == ["p2", "p3"]
    assert world.memory.long_term.facts(USER) == {}
    assert answer.places["archive"] == 1


def test_everything_of_a_user_goes_and_nobody_elses(make: Make) -> None:
    """Invariants 5 and 6."""
    world = make()
    world.say("tea one", "tea two", "x", "y")
    world.settle()
    world.store.put("bob", "short_term", world.store.get(USER, "short_term"))
    answer = forget(world, everything=True)
    assert answer.places["mid_term"] == 2
    assert world.everything() == []
    assert world.memory.index.page_ids(USER) == set()
    assert world.store.users() == ["bob"]
    world.say("tea again")
    assert world.everything() == ["p0"]


@pytest.mark.parametrize("named", ["page_ids", "fact_ids"])
def test_an_unknown_id_is_named_and_nothing_is_forgotten(make: Make, named: str) -> None:
    """Ours: a typing error must not pass for success."""
    world = make()
    world.say("tea one")
    selection = {named: ("x9",)}
    with pytest.raises(NotFoundError, match="x9"):
        forget(world, dry_run=False, **selection)
    assert world.everything() == ["p0"]


def test_naming_nothing_is_refused() -> None:
    """Ours: an empty call says what it takes."""
    with pytest.raises(InputError, match="page_ids, fact_ids, before, or everything"):
        Selection()


def test_a_fact_of_two_pages_goes_when_its_words_came_from_the_forgotten_one(make: Make) -> None:
    """Invariant 6: a line put together from two pages must not tell of the one that is gone."""
    world = make()
    world.say("tea with zanzibarine", "tea with milk", "x", "y")
    world.settle()
    world.memory.long_term.put(
        USER,
        [
            fact("f-mixed", "Drinks tea with zanzibarine and milk", page_ids=("p0", "p1")),
            fact("f-plain", "Drinks tea", page_ids=("p0", "p1")),
        ],
    )
    forget(world, page_ids=("p0",))
    assert {id_: item.page_ids for id_, item in world.memory.long_term.facts(USER).items()} == {"f-plain": ("p1",)}
