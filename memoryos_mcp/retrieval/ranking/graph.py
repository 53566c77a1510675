"""
Helping each other: after the first ten, a turn gains by the scores of the turns most like it elsewhere in memory.

Questions that join several sessions are answered by turns that resemble one another more than the question. Turns are
compared by their own vectors: in context, the ten nearest are one stretch of talk.
"""

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors
from .products import products

__all__ = ["like_means"]

_NEAREST = 10
_APART = 4


def like_means(
    scores: NDArray[np.float32], units: Vectors, turns: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """
    Return for each of *rows* the mean score of the ten turns nearest to it that are more than four turns away.

    Args:
        scores: Score per candidate.
        units: Unit vectors, a row per candidate.
        turns: Positions of the candidates.
        rows: The candidates that are asked for.
    """
    count = min(_NEAREST, len(turns))
    if not len(rows) or not count:
        return np.zeros(len(rows), np.float32)
    cosines = products(units[rows], units)
    cosines[np.abs(turns[rows][:, None] - turns[None, :]) <= _APART] = -2.0
    nearest = np.argpartition(cosines, len(turns) - count, axis=1)[:, -count:]
    apart = np.take_along_axis(cosines, nearest, axis=1) > -2.0
    total = (scores[nearest] * apart).sum(axis=1)
    return np.asarray(total / np.maximum(apart.sum(axis=1), 1), np.float32)
