"""The checker that every model's answer goes through: ids, dates, dimensions, texts, partitions. No server needed."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.analysis.answers import batch_material, read_batch, read_segment, segment_material
from memoryos_mcp.analysis.answers.cleaning import clipped, fitted, one_line
from memoryos_mcp.analysis.answers.shapes import ATTRIBUTES, BATCH, SEGMENT, SLOT_KEYS
from memoryos_mcp.domain.records import Batch, BatchAnalysis, Findings
from memoryos_mcp.tiers.knowledge import apply_facts

from .fakes import FirstWordAnalyzer
from .make import NOON, fact, page

PAGES = (
    page(1, "Tea is what I drink", "Noted"),
    page(2, "Tea again", "Yes"),
    page(3, "Trains are late", "Often", timestamp=NOON + timedelta(days=2)),
)
LOCAL = FirstWordAnalyzer()
KNOWN = [fact("fa", "Drinks coffee"), fact("fb", "Was told of trains", about="assistant")]


def batch(answer: dict[str, Any], *, previous: bool = False) -> BatchAnalysis:
    """Return what is made of an answer on the three pages."""
    before = page(0, "Coffee first", chain_summary="Of coffee.") if previous else None
    return read_batch(answer, batch_material(Batch(PAGES, before), KNOWN), LOCAL)


def topics(*pages: list[str], **more: Any) -> dict[str, Any]:
    """Return an answer with these topics."""
    listed = [{"pages": names, "summary": f"Of {names[0]}.", "keywords": ["Tea"]} for names in pages]
    return {"chains": [], "topics": listed, "user_facts": [], "assistant_facts": [], "attributes": [], **more}


def learnt(**parts: Any) -> Findings:
    """Return what is made of a segment's answer on the three pages."""
    return read_segment(parts, segment_material("Tea", PAGES, KNOWN))


def said(text: str, **fields: Any) -> dict[str, Any]:
    """Return a fact as a model writes it, on page 1."""
    return {"fact": text, "pages": ["p1"], "said": "2026-05-08", "slot": "", "replaces": "", **fields}


def test_topics_are_made_a_partition() -> None:
    """Ours: a page named twice stays in the first, one left out gets a topic of its own, unknown ones go."""
    found = batch(topics(["p1", "p9"], ["p2", "p1"])).topics

    assert [topic.page_ids for topic in found] == [("p1",), ("p2",), ("p3",)]
    assert found[2] == LOCAL.summarize([PAGES[2]])


def test_a_page_left_out_joins_the_topic_of_what_it_continues() -> None:
    """Ours: the answer's own chains say more than a stand-in."""
    answer = topics(["p1"], ["p3"], chains=[{"pages": ["p1", "p2"], "summary": "Of tea."}])

    assert [topic.page_ids for topic in batch(answer).topics] == [("p1", "p2"), ("p3",)]


def test_keywords_of_a_topic_have_the_form_of_page_keywords() -> None:
    """Ours: equation 3 compares both, so the pages' own are among them."""
    (topic, _) = batch(topics(["p1", "p2"], ["p3"])).topics

    assert topic.keywords == ("tea",)


def test_chains_are_runs_of_neighbours() -> None:
    """The paper's continuity: p0 is the page before the batch; a chain with a gap is two."""
    answer = topics(["p1", "p2", "p3"])
    answer["chains"] = [{"pages": ["p0", "p1"], "summary": "Of coffee and tea."}, {"pages": ["p2"], "summary": ""}]

    links = batch(answer, previous=True).links
    assert [link.continues for link in links] == [True, False, False]
    assert [link.chain_summary for link in links] == ["Of coffee and tea.", "Of p1.", "Of p1."]

    answer["chains"] = [{"pages": ["p1", "p3"], "summary": "Of tea and trains."}, {"pages": ["p2"], "summary": "Tea."}]
    assert [link.continues for link in batch(answer).links] == [False, False, False]


def test_p0_means_nothing_when_there_is_no_page_before() -> None:
    """Ours: the first page of all continues none."""
    answer = topics(["p1"], chains=[{"pages": ["p0", "p1"], "summary": "Of tea."}])

    assert batch(answer).links[0].continues is False


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"topics": []},
        {"topics": "p1"},
        {"topics": ["p1", "p2"]},
        {"topics": [{"pages": ["x1"], "summary": "S", "keywords": []}]},
        {"topics": [{"pages": None, "summary": "S", "keywords": []}]},
        {"topics": [{"pages": ["p1"], "summary": "", "keywords": []}]},
        topics(["p1"], chains="p1 continues"),
        topics(["p1"], user_facts="none"),
        topics(["p1"], attributes={"name": "Tom"}),
    ],
)
def test_an_answer_of_another_shape_is_refused_with_the_reason(answer: dict[str, Any]) -> None:
    """Ours: the reason goes back to the model, which may do better."""
    with pytest.raises(ValueError, match=r"topics must|must be a list"):
        batch(answer)


@pytest.mark.parametrize("answer", [{}, {"result": []}, {"user_facts": 3}, {"traits": [1]}])
def test_a_segments_answer_of_another_shape_is_refused(answer: dict[str, Any]) -> None:
    """Ours: as for a batch."""
    with pytest.raises(ValueError, match=r"the object needs|must be a list"):
        learnt(**answer)


def test_a_segment_may_say_nothing() -> None:
    """Ours: small talk is a right answer."""
    assert learnt(user_facts=[], traits=[]) == Findings()


@pytest.mark.parametrize(
    "item",
    [
        said("Rich", pages=["p7"]),
        said("Rich", pages=[]),
        said("Rich", pages="everything"),
        said("Rich", pages=[["p1"]]),
        said("Rich", said="2019-01-01"),
        said("Rich", said="2026-05-20"),
        said("Rich", said="yesterday"),
        said("Rich", said="2026-13-45"),
        said(""),
        said(" \u200b. "),
        said(["Rich"]),  # type: ignore[arg-type]
        {"fact": "Rich"},
    ],
)
def test_what_does_not_stand_on_a_page_is_dropped(item: dict[str, Any]) -> None:
    """Ours: unknown pages, days nobody spoke on, no text: refused, and the good one beside it kept."""
    assert [each.text for each in learnt(user_facts=[item, said("Drinks tea")]).facts] == ["Drinks tea"]


def test_an_answer_with_nothing_but_inventions_is_refused_as_a_whole() -> None:
    """Ours: it was not read from the pages, so it is asked for again."""
    with pytest.raises(ValueError, match="no item names a page"):
        learnt(user_facts=[said("Rich", pages=["p7"])])


def test_the_time_said_is_a_pages_own() -> None:
    """Ours: of the pages named, the one said on that day, give or take one for the time zone; else the newest."""
    both = ["p1", "p3"]
    found = learnt(
        user_facts=[
            said("A", pages=both),
            said("B", pages=both, said="2026-05-10"),
            said("C", pages=both, said="2026-05-11"),
            said("D", pages=both, said=""),
        ]
    )

    assert {each.text: each.said_at for each in found.facts} == {
        "A": PAGES[0].timestamp,
        "B": PAGES[2].timestamp,
        "C": PAGES[2].timestamp,
        "D": PAGES[2].timestamp,
    }
    assert all(each.page_ids == ("p1", "p3") for each in found.facts)


def test_texts_are_single_bounded_clean_lines() -> None:
    """Ours: what a model writes goes into replies to other models."""
    (found,) = learnt(user_facts=[said("- Likes\ntea\x00 \u202eand\u2028cake. " + "x" * 5_000)]).facts

    assert found.text.startswith("Likes tea and cake. xxx")
    assert len(found.text) <= 240
    assert found.text.isprintable()


def test_relative_dates_are_written_out() -> None:
    """Ours: against the page's date, even when the model forgot."""
    (found,) = learnt(user_facts=[said("Went to the support group yesterday")]).facts

    assert "7 May 2026" in found.text


def test_a_known_fact_said_again_only_adds_its_page() -> None:
    """Ours: whatever its dots and capitals."""
    (found,) = learnt(user_facts=[said("drinks Coffee.")]).facts
    changes = apply_facts({each.fact_id: each for each in KNOWN}, [found], analyzer="openai")

    assert [each.fact_id for each in changes.changed.values()] == []
    assert found.text == "Drinks coffee"


def test_a_fact_supersedes_the_known_one_it_names() -> None:
    """Ours: by the name it was shown under; f1 is the first in the order said."""
    known = [fact("old", "Drinks coffee", said_at=NOON)]
    material = segment_material("Tea", PAGES, known)
    found = read_segment({"user_facts": [said("Drinks tea now", replaces="f1")]}, material).facts
    changes = apply_facts({each.fact_id: each for each in known}, found, analyzer="openai")

    assert found[0].supersedes == "old"
    assert changes.superseded == ("old",)


@pytest.mark.parametrize(
    ("old", "named"),
    [
        (fact("old", "Drinks coffee"), "f9"),
        (fact("old", "Drinks coffee"), "old"),
        (fact("old", "Drinks coffee", pinned=True), "f1"),
        (fact("old", "Drinks coffee", about="assistant"), "f1"),
        (fact("old", "Drinks coffee", said_at=NOON + timedelta(days=30)), "f1"),
    ],
)
def test_a_fact_supersedes_nothing_it_may_not(old: Any, named: str) -> None:
    """Ours: an invented name, a pinned fact, another person's, a later one: the new fact stands beside it."""
    material = segment_material("Tea", PAGES, [old])
    (found,) = read_segment({"user_facts": [said("Drinks tea now", replaces=named)]}, material).facts

    assert found.supersedes is None


def test_slots_are_the_keys_that_every_analyzer_uses() -> None:
    """Ours: a move read by a model closes the home read by rules; a slot of the model's own making closes nothing."""
    slots = {"Moved to Oslo": "Home", "Likes tea": "likes", "From Rome": "hometown"}
    found = learnt(user_facts=[said(text, slot=slot) for text, slot in slots.items()])
    told = learnt(assistant_facts=[said("Lives in a server", slot="home")])

    assert [each.key for each in found.facts] == ["home", "", "origin"]
    assert [each.key for each in told.facts] == [""]


def test_attributes_are_of_the_list() -> None:
    """Ours: unknown names and values that say nothing are dropped; "-" removes."""

    def attribute(name: str, value: Any) -> dict[str, Any]:
        return {"name": name, "value": value, "pages": ["p1"], "said": "2026-05-08"}

    given = [("Name", "Tom"), ("marital_status", "-"), ("password", "x"), ("age", "unknown"), ("home", ""), ("diet", 3)]
    found = learnt(attributes=[attribute(*pair) for pair in given])

    assert [(each.name, each.value) for each in found.attributes] == [("name", "Tom"), ("marital status", "")]
    assert set(SLOT_KEYS) <= set(ATTRIBUTES)


def test_traits_are_of_the_90() -> None:
    """The paper's: dimension and level from its lists, with evidence."""

    def trait(dimension: Any, level: Any, evidence: str = "says so") -> dict[str, Any]:
        return {"dimension": dimension, "level": level, "evidence": evidence, "pages": ["p1"], "said": "2026-05-08"}

    found = learnt(
        traits=[
            trait("Gourmet Food", "HIGH"),
            trait("tea_drinking", "high"),
            trait("openness", "extreme"),
            trait("openness", "low", ""),
            trait(None, None),
        ]
    )

    assert [(each.dimension, each.level) for each in found.traits] == [("gourmet_food", "high")]


def test_an_answer_is_bounded_in_number_too() -> None:
    """Ours: a flood of facts cannot push out what is known: four a page."""
    found = learnt(user_facts=[said(f"Likes thing {number}") for number in range(1_000)])

    assert len(found.facts) == 12


def test_schemas_are_strict() -> None:
    """OpenAI's: every object closed, every property required, no keyword it does not take."""

    def check(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
            if isinstance(node.get("type"), str):  # and not a table of properties, of which one may be called "type"
                assert set(node) <= {"type", "properties", "required", "additionalProperties", "items", "enum"}
            for each in node.values():
                check(each)

    check(BATCH)
    check(SEGMENT)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["p1", "p2", "f1", "2026-05-08"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=6), each, max_size=3),
    max_leaves=12,
)
FIELDS = [
    "fact",
    "pages",
    "said",
    "slot",
    "replaces",
    "name",
    "value",
    "dimension",
    "level",
    "evidence",
    "summary",
    "keywords",
]
ITEM = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANYTHING))
PARTS = ["chains", "topics", "user_facts", "assistant_facts", "attributes", "traits"]


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, st.lists(ITEM, max_size=3) | ANYTHING)))
def test_any_answer_is_read_or_refused(answer: dict[str, Any]) -> None:
    """Ours: whatever a model writes, the result is a link per page in order and a partition, or a refusal."""
    try:
        found = batch(answer, previous=True)
    except ValueError:
        return
    assert [link.page_id for link in found.links] == ["p1", "p2", "p3"]
    assert sorted(id_ for topic in found.topics for id_ in topic.page_ids) == ["p1", "p2", "p3"]
    assert all(set(each.page_ids) <= {"p1", "p2", "p3"} for each in found.findings.facts)


def test_room_is_shared_fairly() -> None:
    """Ours: short texts stay whole, long ones share what is left by their weights."""
    texts = ["a" * 10, "b " * 500, "c " * 500]
    found = fitted(texts, [1, 2, 1], 310)

    assert found[0] == texts[0]
    assert sum(map(len, found)) <= 320
    assert 1.8 < len(found[1]) / len(found[2]) < 2.2
    assert fitted(texts, [1, 1, 1], 5_000) == texts


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    """Ours: people put what they want first or last."""
    (found,) = fitted(["First of all. " + "blah " * 300 + "And that is what I want."], [1], 200)

    assert found.startswith("First of all.")
    assert found.endswith("that is what I want.")


@pytest.mark.parametrize(
    ("text", "line"), [("a\n b", "a b"), (None, ""), (7, ""), ("\u200b", ""), ("x" * 30, "x" * 9 + "…")]
)
def test_a_line_is_one_line(text: object, line: str) -> None:
    """Ours: anything but text is none."""
    assert one_line(text, 10) == line


def test_cutting_prefers_a_word() -> None:
    """Ours: unless none is in reach."""
    assert clipped("one two three four", 12) == "one two…"
    assert clipped("onetwothreefour", 12) == "onetwothree…"
