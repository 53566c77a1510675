"""Ranking as a whole: who comes first, with word pieces, with vectors alone, and without any."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.domain.errors import EmbedderUnavailableError
from memoryos_mcp.domain.protocols import Vectors
from memoryos_mcp.retrieval.ranking import Ranked, Ranker, ask
from memoryos_mcp.retrieval.ranking import rank as ranking

from .fakes import FirstWordEmbedder
from .make import NOON
from .retrieval_world import ANNA, RetrievalWorld, exchange


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetrievalWorld]:
    """Return an empty memory."""
    with RetrievalWorld(tmp_path) as opened:
        yield opened


class BrokenEmbedder(FirstWordEmbedder):
    """Makes vectors until its endpoint goes away."""

    down = False

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Fail when down."""
        if self.down:
            raise EmbedderUnavailableError("no route to the endpoint")
        return super().embed(texts)


def ranked(world: RetrievalWorld, question: str, **names: str) -> Ranked:
    """Rank every live page."""
    view = world.index.view(ANNA, world.short_term)
    asked = ask(question, now=NOON, **names)
    return Ranker(world.embedder).rank(view, asked, view.columns.states == 1, 80)


CHAT = (
    exchange(0, "I adopted a kitten called Miso", "How sweet!"),
    exchange(1, "The car broke down on the motorway", "Is it at the garage?"),
    exchange(200, "We baked sourdough bread", "Was it good?"),
    exchange(400, "My brother plays the cello", "In an orchestra?"),
)


def test_scores_fall_and_are_what_their_parts_add_up_to(world: RetrievalWorld) -> None:
    """Ours: a hit says why it was found."""
    topics = ("bread with caraway", "bread with rye", "the garden", "a choir", "chess on Sundays")
    world.remember(*(exchange(7 * at, f"We spoke of {topics[at % 5]}, for time {at}") for at in range(30)))
    found = ranked(world, "Which bread did I bake?")

    assert (np.diff(found.scores) <= 1e-6).all()
    sums = [sum(float(part[place]) for part in found.parts.values()) for place in range(len(found.turns))]
    assert sums == pytest.approx(found.scores.tolist(), abs=1e-5)


def test_the_turn_that_answers_comes_first_and_says_why(world: RetrievalWorld) -> None:
    """Ours: words and meaning together; the parts add up to the score."""
    world.remember(*CHAT)
    found = ranked(world, "What is my kitten's name?")

    assert found.turns[0] == 0
    assert {"words", "late", "vector", "person"} <= set(found.why(0))
    assert sum(found.why(0).values()) == pytest.approx(float(found.scores[0]), abs=0.01)


def test_meaning_finds_what_words_do_not(world: RetrievalWorld) -> None:
    """Ours: no word of the question is in the answer."""
    world.remember(*CHAT)

    assert ranked(world, "Which pets live with us?").turns[0] // 2 == 0
    assert ranked(world, "Do we have musicians among the siblings?").turns[0] // 2 == 3


def test_the_side_that_is_named_comes_before_the_other(world: RetrievalWorld) -> None:
    """Ours: +2 to +5 points; Anna's own words for a question about Anna."""
    world.remember(exchange(0, "Jazz is best", "Jazz is best"), exchange(300, "Rain", "Rain"))

    assert ranked(world, "Does Anna like jazz?", user_name="Anna").turns[0] == 0
    assert ranked(world, "Does Max like jazz?", assistant_name="Max").turns[0] == 1


def test_an_embedder_without_word_pieces_ranks_by_its_vectors(tmp_path: Path) -> None:
    """Ours: any endpoint's vectors do; late interaction is an extra."""
    with RetrievalWorld(tmp_path, FirstWordEmbedder()) as world:
        world.remember(*CHAT)
        world.short_term = [exchange(401, "Cellos need humid air")]
        found = ranked(world, "Cellos need what?")

        assert found.turns[0] == 8
        assert "vector" in found.parts
        assert "late" not in found.parts


def test_an_embedder_out_of_reach_costs_its_signals_not_the_reply(tmp_path: Path) -> None:
    """Ours (invariant 3): words and dates answer alone, also in a memory too large to look at whole."""
    embedder = BrokenEmbedder()
    with RetrievalWorld(tmp_path, embedder) as world:
        world.remember(*CHAT)
        embedder.down = True

        assert ranked(world, "Who plays the cello?").turns[0] // 2 == 3


def test_a_large_memory_is_searched_by_candidates(world: RetrievalWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: by words, by vectors, by day, and short-term memory; the rest only as a sample."""
    monkeypatch.setattr(ranking, "USUAL_BUDGET", 80)
    monkeypatch.setattr(ranking, "_ALL", 8)
    monkeypatch.setattr(ranking, "_BY_WORDS", 4)
    monkeypatch.setattr(ranking, "_BY_VECTOR", 4)
    monkeypatch.setattr(ranking, "_SAMPLE", 2)
    world.remember(*(exchange(5 * number, f"Topic{number} came up") for number in range(40)), CHAT[3])
    world.short_term = [exchange(401, "Nothing new")]

    found = ranked(world, "Who plays the cello?")
    assert found.turns[0] // 2 == 40
    assert {82, 83} <= set(found.turns.tolist())
    assert len(found.turns) < 40
    assert ranked(world, "What came up on 9 May 2026?").turns[0] // 2 in range(20, 40)


def test_a_large_memory_does_without_vectors_when_it_must(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: candidates by words remain."""
    monkeypatch.setattr(ranking, "_ALL", 2)
    monkeypatch.setattr(ranking, "_BY_WORDS", 4)
    embedder = BrokenEmbedder()
    with RetrievalWorld(tmp_path, embedder) as world:
        world.remember(*CHAT)
        embedder.down = True

        assert ranked(world, "Who plays the cello?").turns[0] // 2 == 3


def test_nothing_is_ranked_where_nothing_is_allowed(world: RetrievalWorld) -> None:
    """Ours: an empty memory, or dates that exclude everything."""
    world.remember(*CHAT)
    view = world.index.view(ANNA, [])

    found = Ranker(world.embedder).rank(view, ask("cello", now=NOON), np.zeros(4, bool))
    assert len(found.turns) == 0
