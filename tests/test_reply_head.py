"""The head of a reply: what a question's type asks for, what is in force, and what of it is past."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.domain.records import Attribute, Fact, Profile
from memoryos_mcp.retrieval.asked_slots import SlotPattern, asked_slots, question_types, slots_of, told_patterns
from memoryos_mcp.retrieval.rendering import NOTHING, fact_line

from .make import NOON, fact
from .retrieval_world import ANNA, QuarterTokenizer, RetrievalWorld, exchange

MUCH = tuple(
    exchange(1000 + 7 * at, f"We spoke of nothing in particular, number {at}, for a while") for at in range(80)
)
AFAR = ("p77",)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetrievalWorld]:
    """Return a memory with far more pages than fit."""
    with RetrievalWorld(tmp_path) as opened:
        opened.remember(*MUCH)
        yield opened


def learnt(name: str, text: str, kind: str, **fields: Any) -> Fact:
    """Return a fact of a kind, read in a page that is not shown."""
    return fact(name, text, kind=kind, page_ids=AFAR, **fields)


def told(world: RetrievalWorld, query: str, max_tokens: int = 500, **fields: Any) -> list[str]:
    """Return the lines under "Known"."""
    lines = world.recall(query, max_tokens, **fields).text.splitlines()
    return [line for line in lines if line.startswith("- ")]


@pytest.mark.parametrize("known", question_types(), ids=lambda known: known.example)
def test_every_example_asks_for_its_slots(known: SlotPattern) -> None:
    """Ours: a row of the file that its own example does not match is a mistake."""
    assert set(known.slots) <= set(asked_slots(known.example))


@pytest.mark.parametrize(
    ("question", "slot"),
    [
        ("Could you suggest a place for dinner near us?", "allergy"),
        ("What should I bring to the potluck at work?", "diet"),
        ("What will the weather be like tomorrow?", "home"),
        ("How do we deploy this?", "tool"),
        ("Write a cover letter for me", "name"),
        ("\u6211\u5bf9\u4ec0\u4e48\u8fc7\u654f\uff1f", "allergy"),
        ("\u00bfD\u00f3nde vivo?", "home"),
        ("Wann habe ich Geburtstag?", "birthday"),
    ],
)
def test_other_questions_of_a_type_ask_for_it_too(question: str, slot: str) -> None:
    """Ours."""
    assert slot in asked_slots(question)


def test_a_question_is_read_at_both_ends_of_what_was_pasted() -> None:
    """Ours: the middle of a long prompt is a log or a document."""
    log = "2026-05-08 12:00:00 INFO nothing of interest happened\n" * 100

    assert "allergy" in asked_slots(f"What can I cook? {log}")
    assert "allergy" in asked_slots(f"{log} What can I cook?")
    assert "allergy" not in asked_slots(f"{log} dinner {log}")


@pytest.mark.parametrize("question", ["hi", "thanks", "Who wrote Hamlet?", "x" * 5000, "", "Use a third-party module"])
def test_other_questions_ask_for_nothing_of_the_user(question: str) -> None:
    """Ours: a head that nobody asked for is room taken from answers."""
    assert not {"allergy", "home", "name", "birthday"} & set(asked_slots(question))


@pytest.mark.parametrize("known", told_patterns(), ids=lambda known: known.example)
def test_every_example_of_a_told_fact_is_of_its_slot(known: SlotPattern) -> None:
    """Ours: likewise."""
    assert set(known.slots) <= slots_of(fact("f1", known.example))


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("Drives a van", "instruction"),
        ("Has never been to Rome", "instruction"),
        ("Said that one should always ask", "instruction"),
        ("Bought a caterpillar", "pet"),
    ],
)
def test_a_told_fact_is_not_of_a_slot_that_it_only_brushes(text: str, slot: str) -> None:
    """Ours: an order begins as one; a word is not a part of another."""
    assert slot not in slots_of(fact("f1", text))


def test_a_kind_says_it_all() -> None:
    """Ours: what an analyzer said a fact is, is not guessed again."""
    assert slots_of(fact("f1", "Never eats pork", kind="diet", key="diet")) == {"diet"}


def test_what_was_told_counts_like_what_was_read(world: RetrievalWorld) -> None:
    """Ours: a fact told by remember_fact has no kind; its words tell its slot, and that it is in force."""
    world.knows(
        fact("f1aaaa", "Is allergic to peanuts", page_ids=AFAR),
        fact("f2aaaa", "Always answer in short bullets", page_ids=AFAR),
    )

    assert told(world, "What number was it?") == ["- Always answer in short bullets (8 May 2026) f2aa"]
    assert len(told(world, "Suggest something to cook tonight")) == 2


def test_facts_come_by_slot_without_a_word_in_common(world: RetrievalWorld) -> None:
    """Ours: an allergy matters to a dinner that does not name it."""
    world.knows(learnt("f1aaaa", "Is allergic to peanuts", "allergy"), learnt("f2aaaa", "Lives in Oslo", "home"))

    assert told(world, "Suggest something to cook tonight") == ["- Is allergic to peanuts (8 May 2026) f1aa"]
    assert told(world, "Is it going to rain? I mean the weather") == ["- Lives in Oslo (8 May 2026) f2aa"]
    assert told(world, "What number was it?") == []


def test_attributes_come_by_name_unless_a_fact_says_them(world: RetrievalWorld) -> None:
    """Ours: with the day they were said; what a fact says needs no second line."""
    static = (Attribute("home", "Oslo", AFAR, NOON), Attribute("diet", "vegan", AFAR, NOON))
    world.profile = Profile(ANNA, "assistant", "home: Oslo; diet: vegan", static)
    assert told(world, "Where do I live?") == ["- home: Oslo (8 May 2026)"]
    assert world.recall("Where do I live?", 500).profile == "home: Oslo (8 May 2026)"

    world.profile = Profile(ANNA, "assistant", "", static, (), (learnt("f2aaaa", "Lives in Oslo", "home"),))
    assert told(world, "Where do I live?") == ["- Lives in Oslo (8 May 2026) f2aa"]


def test_what_is_in_force_comes_always(world: RetrievalWorld) -> None:
    """Ours: instructions, constraints and decisions, whatever is asked, "hi" too; with their condition."""
    world.knows(
        learnt("f1aaaa", "Always format dates as MM/DD when I ask about scheduling", "instruction"),
        learnt("f2aaaa", "Never push to main", "constraint"),
        learnt("f3aaaa", "Plays chess", "liking"),
    )

    for question in ("hi", "What did we speak of?", "When is it?"):
        lines = told(world, question, 600)
        assert "- instruction: Always format dates as MM/DD when I ask about scheduling (8 May 2026) f1aa" in lines
        assert "- constraint: Never push to main (8 May 2026) f2aa" in lines
        assert len(lines) == 2


def test_what_is_in_force_is_no_answer(tmp_path: Path) -> None:
    """Ours: where nothing is remembered on a question, the reply says so beneath what stands anyway."""
    with RetrievalWorld(tmp_path) as empty:
        empty.knows(learnt("f1aaaa", "Never push to main", "constraint"), learnt("f2aaaa", "Plays chess", "liking"))

        assert empty.recall("Who wrote Hamlet?").text.endswith(f"f1aa\n{NOTHING}")
        assert NOTHING not in empty.recall("May I push to main?").text
        assert NOTHING not in empty.recall("What games do I like, what would you recommend?").text


def test_only_the_project_that_is_worked_on_is_in_force(world: RetrievalWorld) -> None:
    """Ours: what was settled for one project says nothing in another; without a project it holds everywhere."""
    world.knows(
        learnt("f1aaaa", "Use JWT", "decision", project="api"),
        learnt("f2aaaa", "Use sessions", "decision", project="shop"),
        learnt("f3aaaa", "Answer in short bullets", "instruction"),
    )

    assert {line.rsplit(" ", 1)[1] for line in told(world, "hi", project="api")} == {"f1aa", "f3aa"}
    assert {line.rsplit(" ", 1)[1] for line in told(world, "hi")} == {"f3aa"}
    assert any("Use sessions" in line for line in told(world, "Did we say to use sessions?", project="api"))


def test_what_has_ended_is_told_as_past(world: RetrievalWorld) -> None:
    """Ours: never as if it held; an instruction that has ended is not in force."""
    ended = {"expires": NOON + timedelta(days=3)}
    world.knows(
        learnt("f1aaaa", "Flies to Rome on 11 May 2026", "event", **ended),
        learnt("f2aaaa", "Keep answers short this week", "instruction", **ended),
    )
    later, before = NOON + timedelta(days=30), NOON + timedelta(days=1)

    assert told(world, "What is on my calendar?", now=later) == [
        "- past, until 11 May 2026: Flies to Rome on 11 May 2026 (8 May 2026) f1aa"
    ]
    assert told(world, "What is on my calendar?", now=before)[0].startswith("- Flies to Rome")
    assert any("Keep answers short" in line for line in told(world, "hi", now=before))
    assert told(world, "hi", now=later) == []


@pytest.mark.parametrize(("budget", "most"), [(150, 40), (500, 50), (1000, 100), (1500, 150), (8000, 150)])
def test_the_head_keeps_to_its_share(world: RetrievalWorld, budget: int, most: int) -> None:
    """Ours: a tenth of the budget, at most 150 tokens; what does not fit is counted as omitted."""
    rules = [learnt(f"f{at}aaaa", f"Always do thing number {at} before lunch", "instruction") for at in range(40)]
    world.knows(*rules, *(learnt(f"g{at}aaaa", f"Cannot eat thing {at}", "allergy") for at in range(40)))
    world.remember(*(exchange(9000 + at, f"A long tale about lunch {at}. " * 30) for at in range(60)))
    found = world.recall("What shall I cook for lunch?", budget)
    lines = [line for line in found.text.splitlines() if line.startswith("- ")]

    assert lines
    assert sum(QuarterTokenizer().count("\n" + line) for line in lines) <= most
    assert found.omitted >= 80 - len(lines)


def test_of_a_slot_with_many_facts_the_best_come(world: RetrievalWorld) -> None:
    """Ours: a question of books does not bring all that is liked; of allergies none is left out while there is room."""
    likes = [learnt(f"f{at}aaaa", f"Likes thing {at}", "liking") for at in range(9)]
    world.knows(*likes, learnt("g1aaaa", "Likes novels and books of travel", "liking"))
    lines = told(world, "Could you recommend novels or other books?", 1500)

    assert len(lines) == 4
    assert lines[0].startswith("- Likes novels")

    world.knows(*(learnt(f"f{at}aaaa", f"Is allergic to thing {at}", "allergy") for at in range(9)))
    assert len(told(world, "What can I cook?", 1500)) == 9


def test_neither_what_is_asked_nor_what_is_in_force_takes_all_the_room(world: RetrievalWorld) -> None:
    """Ours: many allergies leave room for a rule, many rules for an allergy."""
    rules = [learnt(f"f{at}aaaa", f"Always do thing number {at} first", "instruction") for at in range(40)]
    world.knows(*rules, *(learnt(f"g{at}aaaa", f"Cannot eat thing {at}", "allergy") for at in range(40)))
    lines = told(world, "What shall I cook?", 600)

    assert any("instruction" in line for line in lines)
    assert any("Cannot eat" in line for line in lines)


def test_a_fact_is_left_out_only_where_its_words_are_shown(world: RetrievalWorld) -> None:
    """Ours: a long page may be shown without the passage that says it."""
    page = exchange(0, "I am allergic to peanuts")
    world.remember(page)
    world.knows(fact("f1aaaa", "Is allergic to peanuts", kind="allergy", page_ids=(page.page_id,)))
    assert told(world, "What am I allergic to?") == []

    world.knows(fact("f1aaaa", "Takes cetirizine daily", kind="medication", page_ids=(page.page_id,)))
    assert told(world, "Which pills, for what am I allergic to?") != []


def test_ids_of_facts_are_as_long_as_it_takes(world: RetrievalWorld) -> None:
    """Ours: four characters unless two facts share them, superseded ones counted too."""
    gone = learnt("fabcd2", "Lived in Rome", "home", superseded_by="fabcd1", superseded_at=NOON)
    world.knows(learnt("fabcd1", "Lives in Oslo", "home"), gone)

    assert told(world, "Where do I live?") == ["- Lives in Oslo (8 May 2026) fabcd1"]


def test_a_line_without_kind_and_end_is_as_it_was() -> None:
    """Ours: kinds of life need no label."""
    assert fact_line(fact("f1", "Likes tea", kind="liking"), "f1", NOON) == "- Likes tea (8 May 2026) f1"
    assert fact_line(fact("f1", "Likes\n## tea")) == "- Likes ## tea (8 May 2026)"


def test_under_a_question_that_memory_knows_nothing_of_only_a_line_or_two_stand(world: RetrievalWorld) -> None:
    """Issue: an off-topic prompt costs 60 tokens at most; what holds at any time comes first, decisions last."""
    occasion = learnt("f1", "Always show the proof when I ask about triangles", "instruction")
    always = learnt("f2", "Always answer in German", "instruction", about="user")
    decision = learnt(
        "f3", "Has decided on SQLite as the database since it is light enough for one machine", "decision"
    )
    second = learnt("f4", "Has decided on Flask for the pages that the harbour master is to look at", "decision")
    world.knows(decision, second, occasion, always)

    found = world.recall("xylophone qwertz", 1500)

    assert found.text.endswith(NOTHING)
    assert "German" in found.text
    assert "SQLite" not in found.text
    assert len(found.text) <= 4 * 60
