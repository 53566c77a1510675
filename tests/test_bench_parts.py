"""The parts of `bench locomo`: pages from dialogues, marks, and the baselines, on texts one can count by hand."""

import json
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.cli.bench.baselines import Bm25, GatedSegments, PlainVectors, Topic
from memoryos_mcp.cli.bench.dialogues import Question, read_dialogues
from memoryos_mcp.cli.bench.figures import mark, page_reply, summarise
from memoryos_mcp.domain.records import Page

from .fakes import FirstWordEmbedder
from .make import page

__all__ = ["locomo_file"]


def locomo_file(folder: Path, *sessions: Sequence[tuple[str, str]], questions: Sequence[dict[str, Any]] = ()) -> Path:
    """Write a LoCoMo file of one conversation between Ann and Bob, a day a session, and return it."""
    talk: dict[str, Any] = {"speaker_a": "Ann", "speaker_b": "Bob"}
    for number, session in enumerate(sessions, 1):
        talk[f"session_{number}_date_time"] = f"1:56 pm on {number} May, 2023"
        talk[f"session_{number}"] = [
            {"speaker": speaker, "dia_id": f"D{number}:{at}", "text": text}
            for at, (speaker, text) in enumerate(session, 1)
        ]
    file = folder / "locomo.json"
    file.write_text(json.dumps([{"sample_id": "tiny", "conversation": talk, "qa": list(questions)}]), encoding="utf-8")
    return file


def sides(file: Path) -> list[tuple[str, str]]:
    """Return both sides of every exchange."""
    return [(each.user_input, each.agent_response) for each in read_dialogues(file)[0].exchanges]


def test_speakers_in_turn_make_a_page_each_two(tmp_path: Path) -> None:
    """Ours: a page is one exchange, dated as its session."""
    file = locomo_file(tmp_path, [("Ann", "hi"), ("Bob", "hello"), ("Ann", "how?"), ("Bob", "well")])
    (dialogue,) = read_dialogues(file)
    assert sides(file) == [("hi", "hello"), ("how?", "well")]
    assert (dialogue.user_name, dialogue.assistant_name) == ("Ann", "Bob")
    assert dialogue.exchanges[0].timestamp == datetime(2023, 5, 1, 13, 56, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ([("Bob", "b1"), ("Ann", "a1"), ("Bob", "b2")], [("a1", "b1\nb2")]),
        ([("Ann", "a1"), ("Bob", "b1"), ("Ann", "a2")], [("a1\na2", "b1")]),
        ([("Ann", "a1"), ("Ann", "a2"), ("Bob", "b1")], [("a1\na2", "b1")]),
        ([("Bob", "b1"), ("Ann", "a1")], [("a1", "b1")]),
        ([("Ann", "a1")], [("a1", "\u2026")]),
        ([("Bob", "b1")], [("\u2026", "b1")]),
        ([("Ann", " ")], []),
    ],
)
def test_no_word_is_lost_and_no_side_is_blank(
    tmp_path: Path, session: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    """Ours: sessions begin and end with either speaker, and one may speak twice."""
    assert sides(locomo_file(tmp_path, session)) == expected


def test_questions_without_evidence_or_with_no_answer_are_left_out(tmp_path: Path) -> None:
    """Ours: categories 1 to 4 with labelled evidence count, as in the published figures."""
    questions = [
        {"question": "q1", "answer": 2022, "evidence": ["D1:1; D1:2"], "category": 2},
        {"question": "q2", "answer": "x", "evidence": [], "category": 1},
        {"question": "q3", "adversarial_answer": "x", "evidence": ["D1:1"], "category": 5},
        {"question": "q4", "answer": "x", "evidence": ["D9:9"], "category": 1},
    ]
    (dialogue,) = read_dialogues(locomo_file(tmp_path, [("Ann", "hi"), ("Bob", "hello")], questions=questions))
    assert dialogue.questions == (Question("q1", "2022", 2, ("hi", "hello")),)


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": 1}', '[{"conversation": {}}]'])
def test_a_file_that_is_not_locomo_is_named(tmp_path: Path, content: str) -> None:
    """Ours: an error with the file's name, not a traceback about a key."""
    file = tmp_path / "other.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.json is not a LoCoMo file"):
        read_dialogues(file)


ASKED = Question("q", "a red kite", 1, ("flew a red kite", "by the sea"))


def test_evidence_and_answer_words_are_counted_in_the_reply() -> None:
    """Ours: one of two utterances, and both content words of the answer; line breaks do not matter."""
    found = mark(ASKED, "Ann: flew\n  a red kite", 100)
    assert (found.evidence, found.answer, found.tokens) == (0.5, 1.0, 22 / 4)


def test_what_stands_beyond_the_budget_does_not_count() -> None:
    """Ours: the whole reply is counted, four characters a token."""
    assert mark(ASKED, "x" * 40 + " flew a red kite by the sea", 10).evidence == 0.0


def test_means_are_in_percent_and_by_category() -> None:
    """Ours: an answer without words (nan) leaves the answers' mean alone."""
    silent = Question("q", "the", 2, ("tea",))
    score = summarise([mark(ASKED, "by the sea", 100), mark(silent, "tea", 100)])
    assert score.evidence == {"multi-hop": 50.0, "temporal": 100.0, "all": 75.0}
    assert score.answer == {"multi-hop": 0.0, "temporal": 0.0, "all": 0.0}


def test_baselines_hand_over_whole_pages_within_the_budget() -> None:
    """Ours: same budget, same day headings, no ids: the comparison favours the baselines."""
    pages = [page(0, "tea?", "yes"), page(1, "x" * 500, "y"), page(2, "milk?", "no")]
    assert page_reply([pages[2], pages[1], pages[0]], 30, ("A", "B")) == "8 May 2026\nA: tea?\nB: yes\nA: milk?\nB: no"


PAGES = [page(0, "tea is green", "so it is"), page(1, "cars are fast", "vroom"), page(2, "tea is black", "also cars")]


def names(pages: Sequence[Page]) -> list[str]:
    """Return the ids of pages."""
    return [each.page_id for each in pages]


def test_bm25_prefers_rare_words() -> None:
    """Okapi BM25: "black" is in one page, "tea" in two."""
    assert names(Bm25(PAGES).rank("black teas"))[:2] == ["p2", "p0"]


def test_plain_vectors_rank_by_cosine() -> None:
    """Ours: with this embedder the first word decides."""
    assert set(names(PlainVectors(PAGES, FirstWordEmbedder()).rank("tea please"))[:2]) == {"p0", "p2"}


def test_the_gate_hides_pages_of_segments_it_does_not_open() -> None:
    """The paper's: pages come from the best five segments alone, then the queue; the sixth segment's are lost."""
    pages = [page(at, f"{word} today") for at, word in enumerate(["ant", "bee", "cat", "dog", "elk", "fox", "gnu"])]
    pages += [page(at, f"filler {at}") for at in range(10, 20)]
    embedder = FirstWordEmbedder()
    topics = [Topic(frozenset({each.page_id}), (each.user_input.split()[0],)) for each in pages[:7]]
    gated = GatedSegments(PlainVectors(pages, embedder), topics, pages, embedder)
    ranked = names(gated.rank("gnu and fox"))
    assert ranked[0] == "p6"
    assert len([name for name in ranked if name in {f"p{at}" for at in range(7)}]) == 5
    assert ranked[5:] == [f"p{at}" for at in range(19, 9, -1)]
