"""How findings change long-term memory."""

from dataclasses import replace
from datetime import timedelta

from memoryos_mcp.domain.records import AttributeFinding, Fact, TraitFinding
from memoryos_mcp.tiers.knowledge import (
    active,
    apply_attributes,
    apply_facts,
    apply_traits,
    ids_to_leave,
    withdraw,
)

from .make import NOON, fact, finding

LATER = NOON + timedelta(days=1)


def learn(*findings: object, known: dict[str, Fact] | None = None) -> dict[str, Fact]:
    """Return what is known after *findings*."""
    changes = apply_facts(known or {}, findings, analyzer="local")  # type: ignore[arg-type]
    return {**(known or {}), **changes.changed}


def holding(known: dict[str, Fact]) -> list[str]:
    """Return the lines that hold now."""
    return [item.fact for item in active(known.values())]


def test_a_newer_fact_of_the_same_key_supersedes_the_older() -> None:
    """Ours: the paper overwrites; here the older fact stays, closed by the newer at the time that was said."""
    known = learn(finding("Lives in Paris", 1, key="home"), finding("Lives in Oslo", 2, key="home"))
    old = next(item for item in known.values() if item.fact == "Lives in Paris")
    new = next(item for item in known.values() if item.fact == "Lives in Oslo")
    assert holding(known) == ["Lives in Oslo"]
    assert (old.superseded_by, old.superseded_at) == (new.fact_id, new.said_at)


def test_a_fact_without_a_key_supersedes_nothing() -> None:
    """Ours: most facts can hold side by side."""
    assert holding(learn(finding("Has a cat", 1), finding("Has a dog", 2))) == ["Has a cat", "Has a dog"]


def test_old_history_imported_late_does_not_override_what_is_newer() -> None:
    """Ours: time said decides, not the order of arrival."""
    known = learn(finding("Lives in Oslo", 9, key="home"))
    known = learn(finding("Lives in Paris", 1, key="home"), known=known)
    assert holding(known) == ["Lives in Oslo"]


def test_the_same_line_again_only_adds_its_source() -> None:
    """Ours: case, spaces and punctuation do not make a new fact."""
    known = learn(finding("Allergic to peanuts", 1), finding("allergic to  peanuts.", 2))
    assert [item.page_ids for item in known.values()] == [("p1", "p2")]


def test_applying_findings_twice_changes_nothing_the_second_time() -> None:
    """Ours: consolidation may run again after a crash."""
    findings = [finding("Lives in Paris", 1, key="home"), finding("Lives in Oslo", 2, key="home")]
    known = learn(*findings)
    assert apply_facts(known, findings, analyzer="local").changed == {}


def test_a_retraction_without_words_says_what_no_longer_holds() -> None:
    """Ours: a fact is never closed without a successor that carries the source."""
    known = learn(finding("Works at Acme", 1, key="work"), finding("", 2, key="work", retracts=True))
    assert holding(known) == ["No longer: Works at Acme"]


def test_a_retraction_of_nothing_known_is_nothing() -> None:
    """Ours: there is no line to write."""
    assert learn(finding("", 2, key="work", retracts=True)) == {}


def test_what_a_withdrawn_fact_superseded_passes_to_the_next_living_successor() -> None:
    """Ours: Oslo, then Bergen, then Paris; without Bergen, Oslo is closed by Paris and does not hold again."""
    known = learn(finding("Oslo", 1, key="home"), finding("Bergen", 2, key="home"), finding("Paris", 3, key="home"))
    by_text = {item.fact: item for item in known.values()}
    (changed,) = withdraw(known, {by_text["Bergen"].fact_id})
    assert (changed.fact, changed.superseded_by) == ("Oslo", by_text["Paris"].fact_id)
    (revived,) = withdraw(known, {by_text["Bergen"].fact_id, by_text["Paris"].fact_id})
    assert (revived.fact, revived.superseded_by) == ("Oslo", None)


def test_a_pinned_fact_is_not_superseded_by_an_analyzer() -> None:
    """Ours: who pinned it decides when it goes."""
    known = {"f1": fact("f1", "Lives in Paris", key="home", pinned=True)}
    assert holding(learn(finding("Lives in Oslo", 2, key="home"), known=known)) == ["Lives in Paris", "Lives in Oslo"]


def test_a_named_fact_is_superseded_whatever_its_key() -> None:
    """Ours: a model may say which fact it replaces."""
    known = {"f1": fact("f1", "Has a cat")}
    assert holding(learn(finding("Gave the cat away", 2, supersedes="f1"), known=known)) == ["Gave the cat away"]


def test_over_capacity_superseded_facts_leave_first_then_the_oldest_and_pinned_never() -> None:
    """Ours: the order in which facts are taken away, worked on four facts."""
    facts = [
        fact("pinned", pinned=True),
        fact("old", said_at=NOON + timedelta(minutes=1)),
        fact("new", said_at=NOON + timedelta(minutes=2)),
        fact("closed", said_at=NOON + timedelta(minutes=3), superseded_by="new", superseded_at=LATER),
    ]
    assert ids_to_leave(facts, "user", 3) == ["closed"]
    assert ids_to_leave(facts, "user", 2) == ["closed", "old"]
    assert ids_to_leave(facts, "user", 0) == ["closed", "old", "new"]
    assert ids_to_leave(facts, "assistant", 0) == []


def test_the_newest_value_of_an_attribute_wins_and_an_empty_one_removes_it() -> None:
    """Ours: attributes hold one value; the history is in the facts."""
    oslo = AttributeFinding("home", "Oslo", ("p1",), NOON)
    changed, _ = apply_attributes({}, [replace(oslo, value="Bergen", said_at=LATER), oslo])
    assert [item.value for item in changed] == ["Bergen"]
    known = {"home": changed[0]}
    assert apply_attributes(known, [oslo]) == ([], [])
    assert apply_attributes(known, [replace(oslo, value="bergen", page_ids=("p2",), said_at=LATER)])[0][0].page_ids == (
        "p1",
        "p2",
    )
    assert apply_attributes(known, [replace(oslo, value="", said_at=LATER)]) == ([], ["home"])


def test_traits_follow_the_newest_evidence_and_add_up_sources_while_the_level_stays() -> None:
    """The paper's 90 dimensions; the bookkeeping is ours."""
    first = TraitFinding("openness", "high", "tries new food", ("p1",), NOON)
    (trait,), _ = apply_traits({}, [first])
    (again,), _ = apply_traits({"openness": trait}, [replace(first, page_ids=("p2",), said_at=LATER)])
    assert again.page_ids == ("p1", "p2")
    (lower,), _ = apply_traits({"openness": again}, [replace(first, level="low", page_ids=("p3",), said_at=LATER)])
    assert (lower.level, lower.page_ids) == ("low", ("p3",))
    assert apply_traits({"openness": lower}, [first]) == ([], [])
    assert apply_traits({"openness": lower}, [replace(first, evidence="", said_at=LATER)]) == ([], ["openness"])
