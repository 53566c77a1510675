"""The signals of ranking, one by one, on values computed by hand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.retrieval.ranking import words
from memoryos_mcp.retrieval.ranking.days import day_scores, near_pages
from memoryos_mcp.retrieval.ranking.passages import FoundWords, long_share, passages_of
from memoryos_mcp.retrieval.ranking.products import products
from memoryos_mcp.retrieval.ranking.score import SIGNALS, Weights, add_up, load_weights, min_max
from memoryos_mcp.retrieval.ranking.words import idf, read_words, word_scores
from memoryos_mcp.storage.index import View
from memoryos_mcp.storage.index.lexical import Columns, make_entry, row_of

from .make import NOON
from .retrieval_world import ANNA, RetrievalWorld, exchange

DAY = NOON.date().toordinal()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetrievalWorld]:
    """Return an empty memory."""
    with RetrievalWorld(tmp_path) as opened:
        yield opened


def told(*texts: str) -> Columns:
    """Return columns of pages said at noon, minutes apart."""
    columns = Columns()
    columns.extend([row_of(make_entry(exchange(number, text), None), 0) for number, text in enumerate(texts)])
    return columns


@pytest.mark.parametrize(
    ("first", "last", "score"),
    [
        (DAY, DAY, 1.0),
        (DAY + 5, DAY + 5, 0.6),
        (DAY + 12, DAY + 12, 0.5),
        (DAY + 100, DAY + 100, 0.3),
        (DAY + 400, DAY + 400, 0.0),
        (DAY - 2, DAY + 4, 0.9),
        (date(2026, 5, 1).toordinal(), date(2026, 5, 31).toordinal(), 0.5),
        (date(2026, 1, 1).toordinal(), date(2026, 12, 31).toordinal(), 0.3),
    ],
)
def test_a_turn_is_scored_by_the_day_it_was_said(first: int, last: int, score: float) -> None:
    """Ours (fitted): the same day 1, within a week .6, the same month .5, the same year .3."""
    assert day_scores(told("Hello"), [(first, last)], np.array([0])).tolist() == pytest.approx([score])


@pytest.mark.parametrize(
    ("text", "offset", "score"),
    [
        ("I ran on 1 January 2020", 0, 1.0),
        ("I ran on 2 January 2020", 0, 0.9),
        ("I ran on 4 January 2020", 0, 0.5),
        ("January 2020 was dry", 0, 0.4),
        ("I ran on 1 January 2020", -30, 0.0),
    ],
)
def test_a_turn_is_scored_by_the_days_it_mentions(text: str, offset: int, score: float) -> None:
    """Ours (fitted): the day itself 1, one off .9, four off .5, a month around it .4."""
    day = date(2020, 1, 1).toordinal() + offset

    assert day_scores(told(text), [(day, day)], np.array([0, 1])).tolist() == pytest.approx([score, 0.0])


def test_a_mention_within_a_month_asked_for_counts() -> None:
    """Ours: "in January" is met by any day of it."""
    month = (date(2020, 1, 1).toordinal(), date(2020, 1, 31).toordinal())

    assert day_scores(told("I ran on 7 January 2020"), [month], np.array([0])).tolist() == pytest.approx([0.8])


def test_pages_of_the_days_in_question_become_candidates() -> None:
    """Ours: even when no word of theirs is in the question; a whole year names no days."""
    assert near_pages(told("Hello"), [(DAY, DAY)], 10).tolist() == [0]
    assert near_pages(told("Hello"), [(DAY - 200, DAY + 100)], 10).tolist() == []


def test_a_rare_word_weighs_more() -> None:
    """Ours: Robertson's inverse document frequency with one added, so never below zero."""
    assert idf(1, 100) > idf(50, 100) > idf(100, 100) > 0
    assert idf(np.array([1.0, 300.0]), 100).shape == (2,)


def scores_of(world: RetrievalWorld, question: str) -> list[float]:
    """Return the word scores of every turn."""
    view: View = world.index.view(ANNA, world.short_term)
    return [
        float(score) for score in word_scores(view, read_words(view, question), np.repeat(view.columns.states > 0, 2))
    ]


def test_a_turn_gains_by_its_neighbours_words_within_its_session(world: RetrievalWorld) -> None:
    """Ours: +6.5 points of recall; the answer often stands beside the word that was asked for."""
    world.remember(exchange(0, "My violin is old", "Since when?"), exchange(1, "For ten years"), exchange(250, "Fine"))
    scores = scores_of(world, "violin")

    assert scores[0] > scores[1] > scores[2] > scores[3] > 0
    assert scores[4:] == [0.0, 0.0]


def test_words_of_the_sessions_date_are_words_of_its_turns(world: RetrievalWorld) -> None:
    """Ours: +2.2 points; "in May" finds what was said in May, by month, day or year."""
    world.remember(exchange(0, "Hello"), exchange(4000, "Hello"))

    for word in ("May", "8th", "8"):
        in_may, in_june = scores_of(world, f"What about {word}?")[::2]
        assert in_may > in_june == 0


@pytest.mark.parametrize("question", ["violin", "violin in May"])
def test_few_and_many_turns_are_spread_alike(
    world: RetrievalWorld, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """Ours: the way for rare words is only quicker."""
    world.remember(*(exchange(30 * at, "My violin is old" if at % 5 == 0 else "Fine") for at in range(20)))
    few = scores_of(world, question)
    monkeypatch.setattr(words, "_FEW", 0.0)
    many = scores_of(world, question)
    monkeypatch.setattr(words, "_FEW", 2.0)

    assert many == pytest.approx(few)
    assert scores_of(world, question) == pytest.approx(few)


def test_pages_of_short_term_memory_are_scored_like_the_rest(world: RetrievalWorld) -> None:
    """Ours: the queue stands behind the index, in the same session when no pause lies between."""
    world.remember(exchange(0, "My violin is old"))
    world.short_term = [exchange(1, "The violin was my aunt's")]
    scores = scores_of(world, "violin")

    assert min(scores) > 0
    assert scores[2] > scores[3]


def test_signals_are_stretched_and_added_up() -> None:
    """Ours: parts say what each signal adds; equal values add nothing."""
    assert min_max(np.array([2.0, 4.0, 3.0], np.float32)).tolist() == [0.0, 1.0, 0.5]
    assert min_max(np.array([2.0, 2.0], np.float32)).tolist() == [0.0, 0.0]
    assert min_max(np.zeros(0, np.float32)).tolist() == []
    signals = {"late": np.array([3.0, 5.0], np.float32), "person": np.array([0.5, 0.5], np.float32)}
    weights = Weights({"late": 2, "person": 4}, {"late": 1, "person": 8})
    total, parts = add_up(signals, np.array([0.0, 0.5], np.float32), weights)

    assert {name: part.tolist() for name, part in parts.items()} == {"late": [0.0, 1.5], "person": [2.0, 3.0]}
    assert total.tolist() == [2.0, 4.5]
    assert add_up(signals, np.zeros(2, np.float32), weights.without(["late"]))[0].tolist() == [2.0, 2.0]


@pytest.mark.parametrize("name", ["table", "model"])
def test_every_signal_has_its_weights(name: str) -> None:
    """Ours: they are data, and a signal without one would count nothing unseen."""
    weights = load_weights(name)

    assert set(weights.short) == set(weights.long) == set(SIGNALS)


LONG = "\n".join(["We talked about the weather."] * 20 + ["Your violin teacher lives in Delft."] + ["And more."] * 60)


def test_the_passage_with_the_words_scores_and_not_the_rest_of_its_turn(world: RetrievalWorld) -> None:
    """Ours: pieces of long answers are ranked one by one; what stands side by side counts besides."""
    world.remember(exchange(0, "Hello", LONG), exchange(1, "The violin is old, said my teacher"))
    view = world.index.view(ANNA, [])
    passages = passages_of(view.columns, np.arange(4))
    found = FoundWords.of(view.columns, read_words(view, "violin teacher")).of_passages(view.columns, passages)

    assert passages.rows.tolist() == [0, 1, 1, 1, 2, 3]
    assert passages.ordinals.tolist() == [0, 0, 1, 2, 0, 0]
    assert [int(size) for size in passages.chars] == [5, *(int(size) for size in passages.chars[1:4]), 34, 6]
    assert found.own.tolist() == pytest.approx([0, 0, 1, 0, 1, 0])
    assert found.pairs.tolist() == pytest.approx([0, 0, 1 / 3, 0, 0, 0])
    assert found.bm25.argmax() == 4
    assert found.bm25[2] > 0
    assert found.bm25[[0, 1, 3, 5]].tolist() == [0, 0, 0, 0]


def test_a_passage_is_lent_what_the_best_of_its_neighbours_scores(world: RetrievalWorld) -> None:
    """Ours: .4 of the turn beside, .2 of the next but two, nothing of another session."""
    world.remember(exchange(0, "Violin", "Oh"), exchange(1, "Fine", "Well"), exchange(300, "Late"))
    view = world.index.view(ANNA, [])
    everywhere = FoundWords.of(view.columns, read_words(view, "violin"))
    found = everywhere.of_passages(view.columns, passages_of(view.columns, np.arange(6)))

    assert (found.near / found.bm25[0]).tolist() == pytest.approx([0, 0.4, 0.3, 0.2, 0, 0])


def test_a_word_that_nobody_said_counts_in_what_is_asked(world: RetrievalWorld) -> None:
    """Ours: half of what was asked is half an answer."""
    world.remember(exchange(0, "My violin is old"))
    view = world.index.view(ANNA, [])
    everywhere = FoundWords.of(view.columns, read_words(view, "violin zither"))
    found = everywhere.of_passages(view.columns, passages_of(view.columns, np.arange(2)))

    assert everywhere.best_turns(view.columns, 5).tolist() == [0]

    assert 0 < found.own[0] < 0.5


def test_the_share_of_long_turns_is_read_around_each() -> None:
    """Ours: a memory of short talk and of long answers is weighed turn by turn, not as a whole."""
    columns = Columns()
    said = [exchange(number, text, text) for number, text in enumerate(["x"] * 20 + ["long " * 200] * 20)]
    columns.extend([row_of(make_entry(page, None), 0) for page in said])
    share = long_share(columns, np.arange(columns.turns))

    assert share[[0, 31, 79]].tolist() == [0, 0, 1]
    assert share[39:41].tolist() == pytest.approx([8 / 17, 9 / 17])
    assert (np.diff(share) >= 0).all()


@pytest.mark.parametrize(
    ("left", "right", "size"), [(0, 3, 256), (3, 0, 256), (1, 1, 1), (700, 9, 256), (50, 601, 384)]
)
def test_products_by_tiles_are_the_whole_product(left: int, right: int, size: int) -> None:
    """Ours: small enough for one thread each, or a question in a script cost twice the processor time."""
    numbers = np.random.default_rng(left + right)
    one, other = (numbers.random((rows, size), dtype=np.float32) for rows in (left, right))
    np.testing.assert_allclose(products(one, other), one @ other.T, rtol=1e-4)
