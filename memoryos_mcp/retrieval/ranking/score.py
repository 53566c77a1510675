"""
Adding the signals up: fixed weights, fitted on conversations other than the ones we measure with.

Each signal is a column over the candidates; the parts are kept, so that a hit can say why it was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MODEL_WEIGHTS", "WEIGHTS", "Signals", "Weights", "add_up", "min_max"]

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal counts, all signals in [0, 1]; `graph` is the share of the mean of a turn's nearest turns."""

    words: float = 0.6
    vector: float = 0.4
    late: float = 0.6
    person: float = 0.4
    date: float = 0.7
    asks: float = -0.12
    timed: float = 0.04
    first: float = 0.04
    when: float = 0.25
    graph: float = 0.3
    project: float = 0.25


WEIGHTS = Weights()
MODEL_WEIGHTS = Weights(late=1.0, date=0.8, asks=-0.13, first=0.05, graph=0.0)
"""
For an embedder whose word pieces were read by a model in their context.

Its vectors of turns are of their context too, so the turns nearest to one are of the same stretch of talk, and the
graph has nothing to tell: with it recall was lower.
"""


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of the candidates, one value each; `late` is None without word pieces, `vector` without vectors,
    `project` when none was told."""

    words: Scores
    vector: Scores | None
    late: Scores | None
    person: Scores
    date: Scores
    asks: Scores
    timed: Scores
    first: Scores
    when: Scores
    project: Scores | None = None


def add_up(signals: Signals, weights: Weights) -> tuple[Scores, Mapping[str, Scores]]:
    """Return the score of each candidate and what each part adds to it."""
    parts = {
        "words": weights.words * min_max(signals.words),
        "person": weights.person * signals.person,
        "date": weights.date * signals.date,
        "form": weights.asks * signals.asks
        + weights.timed * signals.timed
        + weights.first * signals.first
        + weights.when * signals.when,
    }
    if signals.vector is not None:
        parts["vector"] = weights.vector * min_max(signals.vector)
    if signals.late is not None:
        parts["late"] = weights.late * min_max(signals.late)
    if signals.project is not None:
        parts["project"] = weights.project * signals.project
    return np.asarray(sum(parts.values()), np.float32), parts


def min_max(values: Scores) -> Scores:
    """Return *values* stretched to [0, 1]; all 0 when they are equal."""
    if not len(values):
        return values
    low, high = float(values.min()), float(values.max())
    return np.asarray((values - low) / (high - low), np.float32) if high > low else np.zeros_like(values)
