"""Whatever is typed, the local analyzer answers: no error, no unbounded work, no nonsense."""

from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos_mcp.analysis.local import LocalAnalyzer
from memoryos_mcp.domain.records import Batch, Page
from memoryos_mcp.domain.traits import DIMENSIONS
from memoryos_mcp.retrieval.embedders.bundled import BundledEmbedder

from .make import page, segment

ANALYZER = LocalAnalyzer(BundledEmbedder())
LONG = 100_000
WORDS = (
    "I I'm I've we my our not no longer never a the to of at in on is am are was were have had will would love "
    "moved live work nurse Oslo Anna sister dog named Rex yesterday last week Friday 2023 (7) , . ? ! - ; ... and but "
    "because if when who that this me myself can't don't favorite color allergic peanuts 34 years old birthday born "
    "married got job as quit lost 😀 你好 ``` http://x.y recommend suggest used going want been doing actually instead "
    'it\'s "Dune" " \n'
)


def everything(text: str) -> tuple[str, ...]:
    """Run every question on a page of *text* and return the lines found."""
    one = Page("p1", text, text, datetime(2023, 5, 8, tzinfo=timezone.utc))
    found = ANALYZER.note([one], [])
    analysis = ANALYZER.analyze_batch(Batch((one, page(2))), [])
    assert len(analysis.links) == 2
    assert sorted(id_ for topic in analysis.topics for id_ in topic.page_ids) == ["p1", "p2"]
    assert all(len(topic.summary) <= 300 and len(topic.keywords) <= 10 for topic in analysis.topics)
    assert all(trait.dimension in DIMENSIONS for trait in found.traits)
    ANALYZER.analyze_segment(segment("s1"), [one], [])
    assert all(fact.text and "\n" not in fact.text and len(fact.text) < 200 for fact in found.facts)
    return tuple(fact.text for fact in found.facts)


@settings(deadline=None)
@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=40).map(" ".join))
def test_any_jumble_of_words_is_read(text: str) -> None:
    """Ours: lines are single, short and never empty."""
    everything(text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_characters_are_read(text: str) -> None:
    """Ours: any script, any control character."""
    everything(text)


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "I am ",
            "my ",
            "I have been ",
            "a, ",
            "(",
            '"',
            '"a" ',
            ". ",
            "x",
            "my name is ",
            "12 ",
            "😀",
            "我住在北京",
            "# ",
        ),
        *("\n", " ", "I like cats and ", "you can try ", "<a", "`", "-", "'", "my dog's ", "the last the next "),
        *("helps me ", "def f(): x\n"),
    ],
)
def test_a_text_at_the_limit_of_size_is_read(unit: str) -> None:
    """Ours: 100,000 characters a side is what a page may hold; at most four lines come of one."""
    assert len(everything((unit * LONG)[:LONG])) <= 7


@pytest.mark.parametrize(
    "text",
    [
        "Jag heter Anna och bor i Lund.",
        "Nazywam się Anna i mieszkam w Krakowie.",
        "Меня зовут Иван, я живу в Москве.",
        "أنا أحمد وأعيش في القاهرة",
        "I miei amici amano la pizza. I am",
        "저는 서울에 살고 있습니다.",
    ],
)
def test_other_languages_yield_nothing_rather_than_nonsense(text: str) -> None:
    """Ours: a language without a table yields nothing, and breaks nothing."""
    assert everything(text) == ()
