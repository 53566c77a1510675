"""Equations 3 and 4 of the paper, worked by hand."""

import math
from datetime import timedelta

import numpy as np
import pytest

from memoryos_mcp.heat import HeatWeights, heat_of, segment_heat
from memoryos_mcp.similarity import cosine, f_score, jaccard, unit

from .make import NOON, segment


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
    """The paper's: equation 3. cos = 0.6, Jaccard of {a, b} and {b, c} = 1/3."""
    score = f_score(np.array([1.0, 0.0], np.float32), {"a", "b"}, np.array([0.6, 0.8], np.float32), {"b", "c"})
    assert score == pytest.approx(0.6 + 1 / 3)


def test_empty_sets_and_zero_vectors_are_not_similar() -> None:
    """Ours: nothing in common is 0, not a division by zero."""
    zero = np.zeros(2, np.float32)
    assert jaccard((), ()) == 0.0
    assert cosine(zero, np.ones(2, np.float32)) == 0.0
    assert unit(zero).tolist() == [0.0, 0.0]
