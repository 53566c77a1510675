"""
A user's turns as columns of numbers in memory: what ranking computes with, page after page.

Pages have positions 0, 1, 2 ... in order of arrival; page p has the turns 2p (user) and 2p + 1 (assistant). Columns
grow at the end and can be cut back, so that pages not yet in the index stand behind the indexed ones for one retrieval.
Not thread-safe: the caller holds the store's lock.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blocks import Block, block_of
from .rows import Row

__all__ = ["Columns", "Growing"]

Numbers = NDArray[Any]
_COMMON = 1 << 16
"""Ids below are a vocabulary's and counted one by one; the hashed ones above share as many counters."""


class Growing:
    """A one-dimensional array that grows at the end in amortised constant time."""

    def __init__(self, kind: Any) -> None:
        self._data: Numbers = np.zeros(64, kind)
        self.size = 0

    @property
    def values(self) -> Numbers:
        """The filled part, a view: valid until the next `extend`."""
        return self._data[: self.size]

    def extend(self, new: Numbers | Sequence[float]) -> None:
        """Add *new* at the end."""
        end = self.size + len(new)
        if end > len(self._data):
            data = np.zeros(max(end, 2 * len(self._data)), self._data.dtype)
            data[: self.size] = self.values
            self._data = data
        self._data[self.size : end] = new
        self.size = end

    def cut(self, size: int) -> None:
        """Keep the first *size* values."""
        self.size = size

    def last(self) -> int:
        """Return the last value, 0 when there is none."""
        return int(self._data[self.size - 1]) if self.size else 0


class Columns:
    """The columns; lengths are in pages for `stamps`, `days`, `sessions`, `states`, in turns for the rest."""

    def __init__(self) -> None:
        self.page_ids: list[str] = []
        self._stamps, self._days = Growing(np.float64), Growing(np.int32)
        self._sessions, self._states = Growing(np.int32), Growing(np.uint8)
        self._lengths, self._flags = Growing(np.float32), Growing(np.uint8)
        self._ends, self._pieces = Growing(np.int64), Growing(np.int32)
        self._mentions = Growing(np.int32)
        self._passage_ends, self._term_ends = Growing(np.int64), Growing(np.int64)
        self._char_ends, self._piece_ends = Growing(np.int64), Growing(np.int64)
        self._counts = np.zeros(2 * _COMMON, np.int64)

    @property
    def pages(self) -> int:
        """Number of positions, removed ones included."""
        return len(self.page_ids)

    @property
    def turns(self) -> int:
        """Number of turns, twice the positions."""
        return 2 * len(self.page_ids)

    @property
    def stamps(self) -> Numbers:
        """Seconds UTC, by page."""
        return self._stamps.values

    @property
    def days(self) -> Numbers:
        """Ordinals of the user's day, by page."""
        return self._days.values

    @property
    def sessions(self) -> Numbers:
        """Session numbers, by page; removed pages have one each that nobody else has."""
        return self._sessions.values

    @property
    def states(self) -> Numbers:
        """0 removed, 1 live, 2 archived, by page."""
        return self._states.values

    @property
    def lengths(self) -> Numbers:
        """Number of terms, by turn."""
        return self._lengths.values

    @property
    def flags(self) -> Numbers:
        """Bit 0 asks, bit 1 has a time word, by turn."""
        return self._flags.values

    @property
    def ends(self) -> Numbers:
        """Where the word pieces of each turn end in `pieces`."""
        return self._ends.values

    @property
    def pieces(self) -> Numbers:
        """The word-piece ids of all turns, one after the other."""
        return self._pieces.values

    @property
    def mentions(self) -> Numbers:
        """Dates mentioned: rows (turn, first day, last day)."""
        return self._mentions.values.reshape(-1, 3)

    @property
    def passage_ends(self) -> Numbers:
        """Where the passages of each turn end among all passages, by turn."""
        return self._passage_ends.values

    @property
    def term_ends(self) -> Numbers:
        """Where the terms of each passage end among all terms, by passage."""
        return self._term_ends.values

    @property
    def char_ends(self) -> Numbers:
        """Where the characters of each passage end among all characters, by passage."""
        return self._char_ends.values

    @property
    def piece_ends(self) -> Numbers:
        """Where the word pieces of each passage end in `pieces`, by passage."""
        return self._piece_ends.values

    def extend(self, rows: Sequence[Row]) -> None:
        """Add *rows* at the next positions."""
        if rows:
            self.append(block_of(rows))

    def append(self, block: Block) -> None:
        """Add a block at the next positions."""
        first = self.turns
        self.page_ids += block.page_ids
        self._stamps.extend(block.stamps)
        self._days.extend(block.days)
        self._sessions.extend(block.sessions)
        self._states.extend(block.states)
        self._flags.extend(np.stack([block.flags & 3, block.flags >> 2], axis=1).ravel())
        self._lengths.extend(block.lengths)
        self._ends.extend(np.cumsum(block.sizes, dtype=np.int64) + self._pieces.size)
        self._pieces.extend(block.pieces)
        for column, sizes in (
            (self._passage_ends, block.passage_numbers),
            (self._term_ends, block.passage_terms),
            (self._char_ends, block.passage_chars),
            (self._piece_ends, block.passage_pieces),
        ):
            column.extend(np.cumsum(sizes, dtype=np.int64) + column.last())
        self._count(block.distinct, block.counts, 1)
        mentions = block.mentions.reshape(-1, 3) + np.array([first, 0, 0], np.int32)
        self._mentions.extend(mentions.ravel())

    def change(self, states: Mapping[int, int]) -> None:
        """Take over states of positions that changed; what 0 stands for is removed from every column."""
        for position, state in states.items():
            self.states[position] = state
        gone = np.array(sorted(position for position, state in states.items() if not state), np.int64)
        if not len(gone):
            return
        turns = np.stack([2 * gone, 2 * gone + 1], axis=1).ravel()
        for position in gone:
            self.page_ids[position] = ""
            start = int(self.ends[2 * position - 1]) if position else 0
            pieces = self.pieces[start : int(self.ends[2 * position + 1])]
            self._count(*np.unique(pieces, return_counts=True), -1)
            pieces[:] = 0
        self.stamps[gone], self.days[gone], self.sessions[gone] = 0, 0, -1 - gone
        self.lengths[turns], self.flags[turns] = 0, 0
        kept = self.mentions[~np.isin(self.mentions[:, 0], turns)].ravel()
        self._mentions.cut(0)
        self._mentions.extend(kept)

    def cut(self, pages: int) -> None:
        """Forget every position from *pages* on."""
        if pages >= self.pages:
            return
        start = int(self.ends[2 * pages - 1]) if pages else 0
        self._count(*np.unique(self.pieces[start:], return_counts=True), -1)
        del self.page_ids[pages:]
        for column in (self._stamps, self._days, self._sessions, self._states):
            column.cut(pages)
        last_unit = int(self.passage_ends[2 * pages - 1]) if pages else 0
        for column in (self._term_ends, self._char_ends, self._piece_ends):
            column.cut(last_unit)
        for column in (self._lengths, self._flags, self._ends, self._passage_ends):
            column.cut(2 * pages)
        self._pieces.cut(start)
        self._mentions.cut(3 * int(np.searchsorted(self.mentions[:, 0], 2 * pages)))

    def last(self) -> tuple[float, int] | None:
        """Return (stamp, session) of the newest page that was not removed, or None."""
        position = self.pages - 1
        while position >= 0 and not self.states[position]:
            position -= 1
        return (float(self.stamps[position]), int(self.sessions[position])) if position >= 0 else None

    def turn_sessions(self) -> Numbers:
        """Return the session of every turn."""
        return np.repeat(self.sessions, 2)

    def occurrences(self, ids: NDArray[np.int32]) -> NDArray[np.float64]:
        """
        Return how often each word-piece id occurs in all turns.

        It stands for the number of turns that have the id: turns are short, and counting is thirty times faster.
        """
        return self._counts[_counter(ids)].astype(np.float64)

    def _count(self, distinct: Numbers, counts: Numbers, sign: int) -> None:
        """Count the occurrences of distinct pieces, added (1) or taken back (-1)."""
        np.add.at(self._counts, _counter(distinct), sign * counts.astype(np.int64))

    def pieces_of(self, passages: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the word-piece ids of *passages* (by number), one after the other, and how many each has."""
        return self._gathered(self.piece_ends, passages)

    def gather(self, turns: NDArray[np.int64], most: int | None = None) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the word-piece ids of *turns* (the first *most* of each) in a row, and how many each has."""
        return self._gathered(self.ends, turns, most)

    def _gathered(
        self, ends: Numbers, positions: NDArray[np.int64], most: int | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        starts = np.where(positions > 0, ends[np.maximum(positions - 1, 0)], 0)
        sizes = ends[positions] - starts if most is None else np.minimum(ends[positions] - starts, most)
        total = int(sizes.sum())
        offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) if total else starts[:0]
        return self.pieces[np.arange(total) + offsets], sizes


def _counter(ids: Numbers) -> NDArray[np.int64]:
    """Return the counter of each id."""
    wide = ids.astype(np.int64)
    return np.where(wide < _COMMON, wide, _COMMON + wide % _COMMON)
