"""The host's own model as analyzer: what it is asked, what is made of its answer, what is refused."""

from typing import Any

import pytest

from memoryos_mcp.analysis.host import HostAnalyzer, parse_answer, pending_batch
from memoryos_mcp.domain.errors import AnalyzerUnavailableError, InputError
from memoryos_mcp.domain.protocols import Analyzer
from memoryos_mcp.domain.records import Batch

from .fakes import FirstWordAnalyzer
from .make import fact, page, segment
from .scripted_answers import analysis, shown_pages

PAGES = (page(1, "I work as a nurse in Leeds.", "Which hospital?"), page(2, "My sister Anna paints.", "Lovely."))
BATCH = Batch(PAGES, page(0, chain_summary="Of work."))
KNOWN = [fact("fold", "Works as a porter")]
LOCAL = FirstWordAnalyzer()


def answer(**parts: Any) -> dict[str, Any]:
    """Return what a host's model would hand in, by the rules of the scripted one."""
    asked = pending_batch(BATCH, KNOWN, user_name="Tom")
    return {**analysis(shown_pages(asked.text), batch=True, traits=True), **parts}


def test_the_question_holds_rules_shape_and_pages_by_their_ids() -> None:
    """Ours: question and answer are two calls, so nothing hangs on what was shown in between."""
    asked = pending_batch(BATCH, KNOWN, user_name="Tom", language="French")

    assert asked.page_ids == ("p1", "p2")
    assert "call consolidate_memory with `analysis`" in asked.questions
    assert "p0 first when the first page goes on with it" in asked.questions
    assert "Write in French;" in asked.questions
    assert "[p0 2026-05-08 12:00] Of work." in asked.material
    assert "[fold 2026-05-08 user] Works as a porter" in asked.material
    assert "[p2 2026-05-08 12:02]\nU: My sister Anna paints.\nA: Lovely." in asked.material
    assert set(asked.schema["properties"]) >= {"chains", "topics", "user_facts", "traits"}
    assert asked.shape.startswith('{"chains": [{"pages": [text]')
    assert asked.questions in asked.text
    assert asked.material in asked.text


def test_the_question_is_short() -> None:
    """Ours: a host pays for it with its context; ten usual pages come to some 2,000 tokens."""
    pages = tuple(
        page(number, "I went hiking in the hills again with my brother.", "How was it?") for number in range(10)
    )

    assert len(pending_batch(Batch(pages), []).text) / 4 < 2_000
    long = tuple(page(number, "hills " * 10_000, "lakes " * 10_000) for number in range(64))
    assert len(pending_batch(Batch(long), []).text) / 4 < 7_000


def test_the_answer_is_checked_like_any_models() -> None:
    """Ours: one schema, one checker; traits come with the batch, so that no further question is needed."""
    found = parse_answer(
        answer(
            user_facts=[
                {"fact": "Works as a nurse", "pages": ["p1"], "said": "2026-05-08", "slot": "work", "replaces": "fold"},
                {"fact": "Is rich", "pages": ["p77"], "said": "2026-05-08", "slot": "", "replaces": ""},
            ]
        ),
        BATCH,
        KNOWN,
        LOCAL,
    )

    assert [topic.page_ids for topic in found.topics] == [("p1", "p2")]
    assert [(each.text, each.supersedes) for each in found.findings.facts] == [("Works as a nurse", "fold")]
    assert [(each.dimension, each.page_ids) for each in found.findings.traits] == [("painting", ("p2",))]
    assert [link.continues for link in found.links] == [False, True]


def test_an_answer_on_pages_that_left_since_counts_for_those_that_stayed() -> None:
    """Ours: a page forgotten between question and answer is ignored, one that came since is read locally."""
    now = Batch((PAGES[1], page(3, "Tea please")), None)

    found = parse_answer(answer(), now, KNOWN, LOCAL)

    assert [topic.page_ids for topic in found.topics] == [("p2",), ("p3",)]
    assert found.topics[1].keywords == ("tea",)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("all is well", "must be an object, got str"),
        (None, "must be an object, got NoneType"),
        ({}, "topics must name the pages p1, p2"),
        ({"topics": [{"pages": ["p8"], "summary": "S", "keywords": []}]}, "topics must name the pages"),
        ({"topics": "none"}, "topics must be a list"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_the_way_out(given: object, problem: str) -> None:
    """Ours: the host's model reads the error and can do better; nothing was changed."""
    with pytest.raises(InputError, match=f"{problem}.*nothing was changed; call consolidate_memory"):
        parse_answer(given, BATCH, KNOWN, LOCAL)


def test_until_the_host_answers_its_pages_wait() -> None:
    """Ours: the worker sees an analyzer that has no answer yet; all else is local work and needs no host."""
    host: Analyzer = HostAnalyzer(LOCAL)

    assert (host.name, host.eager) == ("host", False)
    with pytest.raises(AnalyzerUnavailableError, match="2 pages wait for the host"):
        host.analyze_batch(BATCH, KNOWN)
    assert host.note(PAGES, KNOWN).facts == ()
    assert host.keywords(PAGES[1]) == ("my",)
    assert host.summarize(PAGES) == LOCAL.summarize(PAGES)
    assert host.analyze_segment(segment("s1"), PAGES, KNOWN) == LOCAL.analyze_segment(segment("s1"), PAGES, KNOWN)
