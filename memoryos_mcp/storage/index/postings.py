"""
Postings: for a term the turns that have it and how often, packed five bytes each in order of turns.

A term's postings lie in chunks of at most 512, so that adding a page rewrites little and reading a term is a few
rows; numbers in, numbers out, no database here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CHUNK", "Postings", "appended", "pack", "unpack", "without"]

CHUNK = 512
_KIND = np.dtype([("turn", "<u4"), ("count", "u1")])
_MOST = 255


@dataclass(frozen=True, slots=True)
class Postings:
    """Turns, increasing, and how often each has the term."""

    turns: NDArray[np.int64]
    counts: NDArray[np.float32]


def pack(pairs: Sequence[tuple[int, int]]) -> bytes:
    """Return (turn, count) pairs as bytes; counts over 255 are 255."""
    return np.array([(turn, min(count, _MOST)) for turn, count in pairs], _KIND).tobytes()


def unpack(chunks: Sequence[bytes]) -> Postings:
    """Return chunks, in order, as postings."""
    found = np.frombuffer(b"".join(chunks), _KIND)
    return Postings(found["turn"].astype(np.int64), found["count"].astype(np.float32))


def appended(last: bytes | None, new: bytes) -> list[bytes]:
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
