"""When retrieval speaks and when it stops."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.retrieval.ranking import Question, ask, is_silent
from memoryos_mcp.retrieval.ranking.gate import USUAL_BUDGET, budgets_worth, confidence
from memoryos_mcp.retrieval.rendering import NOTHING

from .make import NOON
from .retrieval_world import RetrievalWorld, exchange

CHAT = (
    exchange(0, "I adopted a kitten called Miso", "How sweet!"),
    exchange(1, "The car broke down on the motorway", "Is it at the garage?"),
    exchange(200, "We baked sourdough bread with caraway", "Was it good?"),
    exchange(400, "My brother plays the cello in Utrecht", "In an orchestra?"),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetrievalWorld]:
    """Return a memory of a few pages."""
    with RetrievalWorld(tmp_path) as opened:
        opened.remember(*CHAT)
        yield opened


def asked(text: str) -> Question:
    """Ask as Anna."""
    return ask(text, now=NOON, user_name="Anna")


def best(**signals: float) -> dict[str, np.ndarray]:
    """Return signals of one passage."""
    return {name: np.array([value], np.float32) for name, value in signals.items()}


def test_more_of_the_question_found_is_more_likely_an_answer() -> None:
    """Ours: every signal of the gate counts upwards."""
    low = confidence(asked("the cello"), best(own_words=0.2, pairs=0, context_vector=0.1), 2, measured=True)
    high = confidence(asked("the cello"), best(own_words=1, pairs=1, context_vector=0.6), 2, measured=True)

    assert 0 < low < high < 1
    assert is_silent(low)
    assert not is_silent(high)


def test_vectors_that_were_not_measured_do_not_open_the_gate() -> None:
    """Ours: cosines of a model or an endpoint have another scale; words judge alone then."""
    near = best(own_words=0.0, pairs=0, context_vector=0.95)

    assert confidence(asked("the cello"), near, 1, measured=False) < confidence(
        asked("the cello"), near, 1, measured=True
    )


@pytest.mark.parametrize("text", ["What does Anna like?", "What was on 3 May 2023?", "continue", "Where were we?"])
def test_some_questions_are_let_through(text: str) -> None:
    """Ours (measured): a name of the conversation, a day, and what goes on from the last words."""
    assert confidence(asked(text), best(own_words=0), 1, measured=True) == 1.0


def test_a_question_about_the_user_is_let_through_where_it_costs_little() -> None:
    """Ours: "What can't I eat?" shares no word with the only page there is, on an allergy; "hi" asks for nothing."""
    nothing = best(own_words=0, pairs=0, context_vector=0.2)

    assert not is_silent(confidence(asked("What can't I eat?"), nothing, 1, tokens=100, measured=True))
    assert is_silent(confidence(asked("What can't I eat?"), nothing, 1, tokens=5000, measured=True))
    assert is_silent(confidence(asked("hi"), nothing, 0, tokens=100, measured=True))


def test_worth_falls_with_rank_and_distance_and_length() -> None:
    """Ours: a passage must pay for its tokens, within the usual budget or a larger one."""
    scores, share = np.array([9.0, 8.9, 1.0, 0.9], np.float32), np.zeros(4, np.float32)
    short = budgets_worth(scores, share, np.full(4, 10, np.float32), 1.0)
    long = budgets_worth(scores, share, np.full(4, 20_000, np.float32), 1.0)

    assert short.tolist() == [USUAL_BUDGET] * 4
    assert (long[:2] == USUAL_BUDGET).all()
    assert USUAL_BUDGET < long[2] < long[3]
    assert (budgets_worth(scores, share, np.full(4, 150, np.float32), 0.001) > USUAL_BUDGET).all()


@pytest.mark.parametrize("text", ["hi", "thanks!", "what is the capital of Mongolia?", "convert miles to kilometres"])
def test_what_has_nothing_to_do_with_memory_gets_one_line(world: RetrievalWorld, text: str) -> None:
    """Ours (invariant 9): no padding."""
    found = world.recall(text, 1500)

    assert NOTHING in found.text
    assert found.token_count < 60
    assert found.mid_term == ()
    assert found.confidence < 0.1


def test_a_question_with_an_answer_gets_it_and_stops(world: RetrievalWorld) -> None:
    """Ours (invariant 9): `fill` is for those who want all that fits."""
    found = world.recall("Where does my brother play the cello?", 1500)
    full = world.recall("Where does my brother play the cello?", 1500, fill=True)

    assert "Utrecht" in found.text
    assert found.confidence > 0.3
    assert len(full.mid_term) == len(CHAT)
    assert full.token_count >= found.token_count
    assert found.omitted == 0


def evidence(world: RetrievalWorld, question: str, budget: int, texts: Sequence[str]) -> set[str]:
    """Return which of *texts* a reply holds."""
    said = world.recall(question, budget).text
    return {text for text in texts if text in said}


@pytest.mark.parametrize("budget", [100, 150, 250, 400, 700, 1000, 1500, 2500])
def test_twice_the_budget_holds_all_that_the_budget_holds(world: RetrievalWorld, budget: int) -> None:
    """Ours: over short talk and long answers alike."""
    topics = ("bread", "the cello", "my garden", "the deploy", "a novel")
    lines = [f"Note {at} on {topics[at % 5]}: number {at * at} matters" for at in range(60)]
    answers = ["\n".join(f"Step {step} for {line}" for step in range(9)) for line in lines]
    world.remember(*(exchange(500 + 7 * at, lines[at], answers[at] if at % 3 else "Noted.") for at in range(60)))
    wanted = [*lines, *(line for answer in answers for line in answer.split("\n"))]

    for question in (
        "Which numbers matter for my bread?",
        "What did you say about the deploy?",
        "my garden and a novel",
    ):
        assert evidence(world, question, budget, wanted) <= evidence(world, question, 2 * budget, wanted)
