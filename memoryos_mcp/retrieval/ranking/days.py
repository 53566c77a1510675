"""
The date signal: how well a turn's day, or the days it mentions, meets the days the question means.

Values are those that were fitted with the weights: the same day 1, within a week .6, the same month .5, the same year
.3; a mention of the day 1, one day off .9, four days off .5, a mentioned span around it .8 or .4.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ...storage.index.lexical import Columns

__all__ = ["day_scores", "near_pages"]

Scores = NDArray[np.float32]
Interval = tuple[int, int]
_WEEK, _MONTH = 8, 31
_EPOCH = date(1970, 1, 1).toordinal()


def day_scores(columns: Columns, asked: Sequence[Interval], turns: NDArray[np.int64]) -> Scores:
    """Return the signal in [0, 1] for *turns* (increasing); 0 for all when the question means no day."""
    scores = np.zeros(len(turns), np.float32)
    mentions = columns.mentions
    rows = np.searchsorted(turns, mentions[:, 0])
    mine = (rows < len(turns)) & (turns[np.minimum(rows, len(turns) - 1)] == mentions[:, 0]) if len(turns) else rows > 0
    for first, last in asked:
        np.maximum(scores, _said(columns.days[turns // 2], first, last), out=scores)
        if mine.any():
            values = _mentioned(mentions[mine, 1], mentions[mine, 2], first, last)
            np.maximum.at(scores, rows[mine], values)
    return scores


def near_pages(columns: Columns, asked: Sequence[Interval], most: int) -> NDArray[np.int64]:
    """Return up to *most* live pages said in or next to the days that the question means."""
    found = np.zeros(columns.pages, bool)
    for first, last in asked:
        if last - first <= _MONTH:
            found |= (columns.days >= first - 1) & (columns.days <= last + _WEEK)
    return np.flatnonzero(found)[:most]


def _said(days: NDArray[np.int32], first: int, last: int) -> Scores:
    """Score the day on which a turn was said."""
    length = last - first + 1
    away = np.maximum(np.maximum(first - days, days - last), 0)
    said, asked = _calendar(days), _calendar(np.array([first, last]))
    scores = np.where((said[1] >= asked[1][0]) & (said[1] <= asked[1][1]), 0.3, 0.0)
    if length <= _MONTH:
        scores = np.where((said[0] >= asked[0][0]) & (said[0] <= asked[0][1]), 0.5, scores)
    if length <= _WEEK:
        scores = np.where(away <= 7, 0.6, scores)
        scores = np.where(away == 0, 1.0 if length == 1 else 0.9, scores)
    return scores.astype(np.float32)


def _calendar(days: NDArray[np.int32] | NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return month and year numbers of ordinals."""
    dates = (days.astype(np.int64) - _EPOCH).astype("datetime64[D]")
    return dates.astype("datetime64[M]").astype(np.int64), dates.astype("datetime64[Y]").astype(np.int64)


def _mentioned(starts: NDArray[np.int32], ends: NDArray[np.int32], first: int, last: int) -> Scores:
    """Score days that a turn mentions."""
    spans = ends - starts + 1
    if last - first + 1 > _WEEK:
        inside = (starts >= first) & (ends <= last)
        return np.where(inside, 0.8 if last - first <= _MONTH else 0.4, 0.0).astype(np.float32)
    away = np.maximum(np.maximum(first - ends, starts - last), 0)
    single = np.select([away == 0, away == 1, away <= 4], [1.0, 0.9, 0.5], 0.0)
    covering = np.where(away == 0, np.select([spans <= _WEEK, spans <= _MONTH], [0.8, 0.4], 0.2), 0.0)
    return np.where(spans == 1, single, covering).astype(np.float32)
