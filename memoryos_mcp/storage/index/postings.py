"""
Postings: for a term the turns that have it and where in each, packed six bytes an occurrence, in order.

The position counts the turn's terms: it tells the passage, and which terms stand side by side. Postings lie in chunks
of at most 512, so that adding a page rewrites little and reading a term is a few
rows; numbers in, numbers out, no database here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK", "MOST", "Postings", "append_chunks", "pack", "unpack", "without"]

CHUNK = 512
_KIND = np.dtype([("turn", "<u4"), ("position", "<u2")])
MOST = 255
"""Occurrences of a term kept of one turn: fewer than a chunk holds, so that no two chunks begin with the same turn."""
_LAST = (1 << 16) - 1


@dataclass(frozen=True, slots=True)
class Postings:
    """The occurrences of a term in order: the turn of each, and its position among the turn's terms."""

    where: NDArray[np.int64]
    positions: NDArray[np.int64]

    @property
    def turns(self) -> NDArray[np.int64]:
        """The turns that have the term, increasing, each once."""
        return self.where[self._first()]

    @property
    def counts(self) -> NDArray[np.float32]:
        """How often each of `turns` has it."""
        starts = np.flatnonzero(self._first())
        return np.diff(starts, append=len(self.where)).astype(np.float32)

    def _first(self) -> NDArray[np.bool_]:
        """Return which occurrences are the first of their turn."""
        return np.concatenate([np.ones(min(1, len(self.where)), bool), self.where[1:] != self.where[:-1]])


def pack(pairs: Sequence[tuple[int, int]]) -> bytes:
    """Return (turn, position) pairs, in order, as bytes; positions over 65,535 are that."""
    return np.array([(turn, min(position, _LAST)) for turn, position in pairs], _KIND).tobytes()


def unpack(chunks: Sequence[bytes]) -> Postings:
    """Return chunks, in order, as postings."""
    found = np.frombuffer(b"".join(chunks), _KIND)
    return Postings(found["turn"].astype(np.int64), found["position"].astype(np.int64))


def append_chunks(last: bytes | None, new: bytes) -> list[bytes]:
    """Return the chunks that *last* (the term's last chunk, if any) and *new* make; the first replaces *last*."""
    data, size = (last or b"") + new, CHUNK * _KIND.itemsize
    return [data[start : start + size] for start in range(0, len(data), size)]


def without(chunk: bytes, turns: Collection[int]) -> bytes:
    """Return *chunk* without some turns."""
    found = np.frombuffer(chunk, _KIND)
    return found[~np.isin(found["turn"], list(turns))].tobytes()


def first_turn(chunk: bytes) -> int:
    """Return the first turn of a chunk: its key."""
    return int(np.frombuffer(chunk[: _KIND.itemsize], _KIND)["turn"][0])
