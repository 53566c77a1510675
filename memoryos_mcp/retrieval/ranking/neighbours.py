"""
Some turns with their neighbours, as rows of arrays that can be shifted: context is computed for these turns alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...storage.index import View
from ...storage.index.lexical import Columns

__all__ = ["Around", "around", "around_turns"]

_REACH = 2


@dataclass(frozen=True, slots=True)
class Around:
    """
    Turns (increasing) with the two before and after each.

    `groups` is equal for turns that follow one another in one session; `rows` are the places of the turns asked for.
    """

    turns: NDArray[np.int64]
    groups: NDArray[np.int64]
    rows: NDArray[np.int64]


def around(view: View, turns: NDArray[np.int64]) -> Around:
    """Return *turns* (increasing) with their neighbours; removed pages are left out."""
    return around_turns(view.columns, turns)


def around_turns(columns: Columns, turns: NDArray[np.int64]) -> Around:
    """Return what `around` does, of columns."""
    near = np.unique((turns[:, None] + np.arange(-_REACH, _REACH + 1)).ravel())
    near = near[(near >= 0) & (near < columns.turns)]
    near = near[columns.states[near // 2] > 0]
    breaks = np.ones(len(near), bool)
    breaks[1:] = (np.diff(near) > 1) | (np.diff(columns.sessions[near // 2]) != 0)
    return Around(near, np.cumsum(breaks), np.searchsorted(near, turns))
