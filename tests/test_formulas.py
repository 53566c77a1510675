"""Equations 3 and 4 of the paper, worked by hand."""

import math
from datetime import timedelta

import numpy as np
import pytest

from memoryos_mcp.domain.records import Topic
from memoryos_mcp.domain.similarity import f_scores, jaccard, unit
from memoryos_mcp.tiers.heat import HeatWeights, heat_of, segment_heat
from memoryos_mcp.updating.segment_assignment import assign

from .make import NOON, page, segment


@pytest.mark.parametrize(
    ("visits", "interactions", "idle", "expected"),
    [
        (0, 0, timedelta(0), 1.0),
        (3, 2, timedelta(0), 6.0),
        (3, 2, timedelta(seconds=1e7), 5.0 + 1 / math.e),
    ],
    ids=["fresh and empty", "fresh", "idle for one decay time"],
)
def test_heat_follows_equation_4(visits: int, interactions: int, idle: timedelta, expected: float) -> None:
    """The paper's: equation 4 with all weights 1 and mu = 1e7 s."""
    assert segment_heat(visits=visits, interactions=interactions, idle=idle) == pytest.approx(expected)


def test_a_segment_last_seen_in_the_future_is_refused_by_the_formula() -> None:
    """Ours: a backward clock must not read as a hot segment."""
    with pytest.raises(ValueError, match="negative"):
        segment_heat(visits=0, interactions=0, idle=timedelta(seconds=-1))


def test_a_clock_that_went_backwards_counts_as_no_idle_time() -> None:
    """Ours: a machine's clock may be set back; heat then is that of a segment just visited."""
    assert heat_of(segment("s"), NOON - timedelta(hours=1)) == pytest.approx(1.0)


def test_decay_must_be_positive() -> None:
    """Ours: a zero decay would divide by zero at the first use, far from here."""
    with pytest.raises(ValueError, match="decay"):
        HeatWeights(decay=timedelta(0))


def test_f_score_adds_cosine_and_jaccard() -> None:
    """The paper's: equation 3. cos = 0.6 and Jaccard of {a, b} and {b, c} = 1/3; then cos = 0 and the same words."""
    rows = np.array([[0.6, 0.8], [0.0, 1.0]], np.float32)
    scores = f_scores(np.array([1.0, 0.0], np.float32), {"a", "b"}, rows, [{"b", "c"}, {"b", "a"}])
    assert scores.tolist() == pytest.approx([0.6 + 1 / 3, 1.0])


def test_the_assignment_joins_the_segment_that_equation_3_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the formula tested here is the one that runs: with another formula, another segment is joined."""
    east, north = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)
    segments = {"east": segment("east", pages=1), "north": segment("north", pages=1)}

    def home() -> str:
        outcome = assign(
            [page(0)],
            east.reshape(1, -1),
            [()],
            [Topic(("p0",), "", ())],
            segments=segments,
            vectors={"east": east, "north": north},
            threshold=0.6,
            now=NOON,
            analyzer="local",
            summarize=lambda pages: Topic((), "", ()),
        )
        return outcome.pages[0].segment_id

    assert home() == "east"
    monkeypatch.setattr(
        "memoryos_mcp.updating.segment_assignment.f_scores", lambda *given: np.array([0.0, 1.0], np.float32)
    )
    assert home() == "north"


def test_empty_sets_and_zero_vectors_are_not_similar() -> None:
    """Ours: nothing in common is 0, not a division by zero."""
    zero = np.zeros(2, np.float32)
    assert jaccard((), ()) == 0.0
    assert f_scores(zero, (), np.ones((1, 2), np.float32), [()]).tolist() == [0.0]
    assert unit(zero).tolist() == [0.0, 0.0]
