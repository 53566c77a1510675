"""
The passages of some turns as arrays, and what the words of a question find in each.

A passage is a turn, or a part of a long one (`storage.index.passage_spans`). Its own score is BM25 without neighbours;
beside it stand the share of the question's words it holds, and how many pairs of them stand side by side in it as in
the question. What the passages of neighbouring turns score is lent to it, weaker with distance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...storage.index.lexical import Columns
from .words import NEIGHBOURS, AskedWords, idf

__all__ = ["FoundWords", "PassageWords", "Passages", "long_share", "passages_of"]

Scores = NDArray[np.float32]
Numbers = NDArray[np.int64]
_K1, _B = 1.2, 0.75
_PAIRS = 3
_REACH = max(distance for distance, _ in NEIGHBOURS)
_LONG, _AROUND = 600, 8


@dataclass(frozen=True, slots=True)
class Passages:
    """
    Passages of turns, in order: `numbers` count all of memory's, `rows` say which of the turns asked for each is of.

    `firsts` are the places of each turn's first passage here; `chars` and `terms` are sizes.
    """

    turns: Numbers
    numbers: Numbers
    rows: Numbers
    firsts: Numbers
    chars: Numbers
    terms: Numbers

    @property
    def ordinals(self) -> Numbers:
        """Which passage of its turn each is."""
        return np.arange(len(self.rows)) - self.firsts[self.rows]


@dataclass(frozen=True, slots=True)
class PassageWords:
    """
    What words find, a value for each passage: `bm25` as a share of what the question's words can score, `near` what
    neighbours lend, `own` the share of the question's words by rarity, `pairs` in [0, 1].
    """

    bm25: Scores
    near: Scores
    own: Scores
    pairs: Scores


def passages_of(columns: Columns, turns: Numbers) -> Passages:
    """Return the passages of *turns* (increasing)."""
    ends = columns.passage_ends[turns]
    starts = np.where(turns > 0, columns.passage_ends[np.maximum(turns - 1, 0)], 0)
    counts = ends - starts
    rows = np.repeat(np.arange(len(turns)), counts)
    firsts = np.cumsum(counts) - counts
    numbers = np.arange(len(rows)) - firsts[rows] + starts[rows]
    sizes = (_sizes(each, numbers) for each in (columns.char_ends, columns.term_ends))
    return Passages(turns, numbers, rows, firsts, *sizes)


def long_share(columns: Columns, turns: Numbers) -> Scores:
    """Return for each of *turns* the share of long ones among it and the sixteen turns around it, in [0, 1]."""
    sizes = np.diff(columns.char_ends[columns.passage_ends - 1], prepend=0) if columns.turns else np.zeros(0)
    before = np.concatenate([[0], np.cumsum(sizes > _LONG)])
    first, last = np.maximum(turns - _AROUND, 0), np.minimum(turns + _AROUND + 1, columns.turns)
    return np.asarray((before[last] - before[first]) / np.maximum(last - first, 1), np.float32)


@dataclass(frozen=True, slots=True)
class FoundWords:
    """What the words of a question find in every passage of memory, by its number: see `PassageWords`."""

    bm25: Scores
    own: Scores
    pairs: Scores

    @classmethod
    def of(cls, columns: Columns, asked: AskedWords) -> "FoundWords":
        """Read every occurrence of the words."""
        hits = [_Hits.of(columns, where, positions) for where, positions in asked.places]
        total = max(len(columns.term_ends), 1)
        counted = [np.unique(each.passages, return_counts=True) for each in hits]
        rarity = [float(idf(len(having), total)) for having, _ in counted]
        whole = max(sum(rarity), 1e-6)
        mean = max(float(columns.term_ends[-1]) / total, 1e-6) if len(columns.term_ends) else 1.0
        bm25, own = (np.zeros(total, np.float32) for _ in range(2))
        for (having, counts), weight in zip(counted, rarity, strict=True):
            norm = _K1 * (1 - _B + _B * _sizes(columns.term_ends, having) / mean)
            bm25[having] += weight * counts / (counts + norm) / whole
            own[having] += weight / whole
        return cls(bm25, own, _pairs(hits, total))

    def best_turns(self, columns: Columns, count: int) -> Numbers:
        """Return the turns of the *count* passages that BM25 finds best."""
        found = np.flatnonzero(self.bm25)
        if len(found) > count:
            found = found[np.argpartition(-self.bm25[found], count)[:count]]
        return np.searchsorted(columns.passage_ends, found, side="right")

    def of_passages(self, columns: Columns, passages: Passages) -> PassageWords:
        """Return what was found in *passages*, and what their neighbours lend them."""
        at = passages.numbers
        return PassageWords(self.bm25[at], _near(columns, self.bm25, passages), self.own[at], self.pairs[at])


@dataclass(frozen=True, slots=True)
class _Hits:
    """Where one word of a question stands: the passages, and the places among all terms of memory."""

    passages: Numbers
    places: Numbers

    @classmethod
    def of(cls, columns: Columns, turns: Numbers, positions: Numbers) -> "_Hits":
        first = np.where(turns > 0, columns.passage_ends[np.maximum(turns - 1, 0)], 0)
        places = positions + np.where(first > 0, columns.term_ends[np.maximum(first - 1, 0)], 0)
        passages = first.copy()
        several = np.flatnonzero(columns.passage_ends[turns] - first > 1)
        passages[several] = np.searchsorted(columns.term_ends, places[several], side="right")
        return cls(np.minimum(passages, columns.passage_ends[turns] - 1), places)


def _pairs(hits: Sequence[_Hits], total: int) -> Scores:
    """Return for every passage how many pairs of neighbouring question words stand within two words in it too."""
    found = np.zeros(total, np.float32)
    if not hits:
        return found
    places = np.concatenate([each.places for each in hits])
    order = np.argsort(places, kind="stable")
    places = places[order]
    passages = np.concatenate([each.passages for each in hits])[order]
    words = np.repeat(np.arange(len(hits)), [len(each.places) for each in hits])[order]
    keys = []
    for step in (1, 2):
        apart = places[step:] - places[:-step]
        low, high = np.minimum(words[step:], words[:-step]), np.maximum(words[step:], words[:-step])
        met = (apart > 0) & (apart <= 2) & (high > low) & (high - low <= 2) & (passages[step:] == passages[:-step])
        keys.append(passages[step:][met] * len(hits) * 2 + low[met] * 2 + (high - low)[met] - 1)
    distinct = np.unique(np.concatenate(keys)) // (2 * len(hits))
    np.add.at(found, distinct, 1.0)
    return np.asarray(np.minimum(found, _PAIRS) / _PAIRS, np.float32)


def _near(columns: Columns, bm25: Scores, passages: Passages) -> Scores:
    """Return what the best passages of neighbouring turns lend, within the session."""
    turns = passages.turns
    spread = np.unique((turns[:, None] + np.arange(-_REACH, _REACH + 1)).ravel())
    spread = spread[(spread >= 0) & (spread < columns.turns)]
    around = passages_of(columns, spread)
    best = np.zeros(len(spread), np.float32)
    np.maximum.at(best, around.rows, bm25[around.numbers])
    lent = np.zeros(len(turns), np.float32)
    for distance, weight in NEIGHBOURS:
        for step in (-distance, distance):
            beside = turns + step
            inside = (beside >= 0) & (beside < columns.turns)
            place = np.minimum(np.searchsorted(spread, beside), len(spread) - 1)
            same = inside & (columns.sessions[np.where(inside, beside, turns) // 2] == columns.sessions[turns // 2])
            lent += weight * best[place] * same
    return lent[passages.rows]


def _sizes(ends: NDArray[np.int64], numbers: Numbers) -> Numbers:
    return np.asarray(ends[numbers] - np.where(numbers > 0, ends[np.maximum(numbers - 1, 0)], 0), np.int64)
