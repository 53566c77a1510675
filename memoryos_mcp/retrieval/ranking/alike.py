"""
Helping each other: after the first ten, a passage moves up by the scores of the passages most like it elsewhere.

Questions that join several sessions are answered by turns that resemble one another more than the question. Passages
are compared by their own vectors: in context, the nearest are one stretch of talk. Only the best are looked at.
"""

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors
from .products import products

__all__ = ["with_help"]

_SURE, _HELPED = 10, 200
_NEAREST, _APART = 10, 4
_SHORT, _LONG = 0.6, 0.1
"""What the mean score of the nearest counts, among short turns and among long ones."""

Scores = NDArray[np.float32]


def with_help(
    order: NDArray[np.int64], scores: Scores, turns: NDArray[np.int64], share: Scores, units: Vectors
) -> tuple[NDArray[np.int64], Scores]:
    """
    Return the order anew, and the score of each passage in it: those that were there, in the same falling order.

    Args:
        order: Passages, the best first.
        scores: Of passages.
        turns: The turn of each.
        share: Of long turns around each.
        units: The unit vector of each.
    """
    best, falling = order[:_HELPED], scores[order]
    if len(best) <= _SURE:
        return order, falling
    rows = best[_SURE:]
    cosines = products(units[rows], units[best])
    cosines[np.abs(turns[rows][:, None] - turns[best]) <= _APART] = -2.0
    count = min(_NEAREST, len(best))
    nearest = np.argpartition(cosines, len(best) - count, axis=1)[:, -count:]
    apart = np.take_along_axis(cosines, nearest, axis=1) > -2.0
    lent = (scores[best][nearest] * apart).sum(axis=1) / np.maximum(apart.sum(axis=1), 1)
    gains = (_SHORT + (_LONG - _SHORT) * share[rows]) * lent
    moved = rows[np.argsort(-(scores[rows] + gains), kind="stable")]
    return np.concatenate([best[:_SURE], moved, order[_HELPED:]]), falling
