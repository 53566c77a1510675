"""
A block: consecutive positions of one user as arrays, and as bytes from which they are loaded without reading row by
row.

Every `BLOCK` complete positions are kept as one such record beside their rows, so that opening a memory of a hundred
thousand pages reads a hundred records. Whether a page is archived is not in it: that changes more often than it is
read. Arrays in, bytes out; no database here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rows import LIVE, Row

__all__ = ["BLOCK", "Block", "block_of", "pack_block", "unpack_block"]

BLOCK = 1024
_SHORT = 1 << 16
_KINDS = {
    "stamps": "<f8",
    "days": "<i4",
    "sessions": "<i4",
    "states": "<u1",
    "flags": "<u1",
    "lengths": "<u4",
    "sizes": "<u4",
    "pieces": "<i4",
    "mentions": "<i4",
    "distinct": "<i4",
    "counts": "<u4",
    "passage_numbers": "<u2",
    "passage_terms": "<u2",
    "passage_chars": "<u4",
    "passage_pieces": "<u2",
}
_HEADER = len(_KINDS) + 1
Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Block:
    """
    Consecutive positions.

    By page: `page_ids` ("" where the page was removed), `stamps`, `days`, `sessions`, `states` (packed, an archived
    page counts as live), `flags` (two bits a turn). By turn: `lengths` in terms, `sizes` in word pieces. `pieces` are
    all ids one after the other, `distinct` those that occur and `counts` how often; `mentions` are triples (turn from
    the first of the block, first day, last day). `passage_numbers` says by turn how many passages it has; the other
    three are by passage.
    """

    page_ids: tuple[str, ...]
    stamps: Numbers
    days: Numbers
    sessions: Numbers
    states: Numbers
    flags: Numbers
    lengths: Numbers
    sizes: Numbers
    pieces: Numbers
    mentions: Numbers
    distinct: Numbers
    counts: Numbers
    passage_numbers: Numbers
    passage_terms: Numbers
    passage_chars: Numbers
    passage_pieces: Numbers


def block_of(rows: Sequence[Row]) -> Block:
    """Return *rows*, at least one, of consecutive positions as a block."""
    parts = [part for row in rows for part in (row.user_ids, row.assistant_ids)]
    pieces = np.frombuffer(b"".join(parts), np.int32)
    distinct, counts = np.unique(pieces, return_counts=True)
    passages = [part for row in rows for part in (row.user_passages, row.assistant_passages)]
    triples = np.minimum(np.frombuffer(b"".join(passages), np.int32).reshape(-1, 3), [_SHORT - 1, 1 << 30, _SHORT - 1])
    return Block(
        tuple(row.page_id for row in rows),
        np.array([row.stamp for row in rows], np.float64),
        np.array([row.day for row in rows], np.int32),
        np.array([row.session for row in rows], np.int32),
        np.array([row.state for row in rows], np.uint8),
        np.array([row.flags for row in rows], np.uint8),
        np.array([length for row in rows for length in (row.user_length, row.assistant_length)], np.uint32),
        np.array([len(part) // 4 for part in parts], np.uint32),
        pieces,
        _mentions(rows),
        distinct,
        counts.astype(np.uint32),
        np.array([len(part) // 12 for part in passages], np.uint16),
        triples[:, 0].astype(np.uint16),
        triples[:, 1].astype(np.uint32),
        triples[:, 2].astype(np.uint16),
    )


def pack_block(block: Block) -> bytes:
    """Return a block as bytes; ids of a vocabulary take two each."""
    narrow = not len(block.pieces) or int(block.pieces.max()) < _SHORT
    ids = "\n".join(block.page_ids).encode()
    arrays = [(name, np.asarray(getattr(block, name))) for name in _KINDS]
    arrays = [(name, np.minimum(values, LIVE) if name == "states" else values) for name, values in arrays]
    header = np.array([len(ids), *(len(values) for _, values in arrays)], "<i4")
    data = [values.astype("<u2" if name == "pieces" and narrow else _KINDS[name]).tobytes() for name, values in arrays]
    return b"".join([bytes([narrow]), header.tobytes(), ids, *data])


def unpack_block(data: bytes) -> Block:
    """Return the block of *data*."""
    header = np.frombuffer(data, "<i4", _HEADER, 1)
    position = 1 + header.nbytes
    found: dict[str, Any] = {"page_ids": tuple(data[position : position + int(header[0])].decode().split("\n"))}
    position += int(header[0])
    for (name, kind), size in zip(_KINDS.items(), header[1:], strict=True):
        values = np.frombuffer(data, "<u2" if name == "pieces" and data[0] else kind, int(size), position)
        position += values.nbytes
        found[name] = values
    return Block(*(found[field.name] for field in fields(Block)))


def _mentions(rows: Sequence[Row]) -> Numbers:
    found = []
    for number, row in enumerate(rows):
        if row.dates:
            triples = np.frombuffer(row.dates, np.int32).reshape(-1, 3).copy()
            triples[:, 0] += 2 * number
            found.append(triples.ravel())
    return np.concatenate(found) if found else np.zeros(0, np.int32)
