"""
A row: an entry with its session, in the shape in which it is stored and loaded in bulk.

The numbers of a page's two turns are packed into few fields, so that a hundred thousand rows load quickly.
"""

from typing import NamedTuple

import numpy as np

from .entries import Entry

__all__ = ["ARCHIVED", "LIVE", "Row", "row_of"]

LIVE, ARCHIVED = 1, 2


class Row(NamedTuple):
    """
    `flags` has two bits a turn (asks, timed), the user's lowest; `dates` are int32 triples (side, first, last), the
    passages' (terms, characters, word pieces).

    `session` counts runs of pages without a long pause; `state` is LIVE or ARCHIVED.
    """

    page_id: str
    stamp: float
    day: int
    session: int
    state: int
    flags: int
    user_length: int
    assistant_length: int
    user_ids: bytes
    assistant_ids: bytes
    dates: bytes
    user_passages: bytes
    assistant_passages: bytes


def row_of(entry: Entry, session: int) -> Row:
    """Return *entry* as a row of *session*."""
    user, assistant = entry.sides
    flags = user.asks | user.timed << 1 | assistant.asks << 2 | assistant.timed << 3
    dates = [(side, *interval) for side, turn in enumerate(entry.sides) for interval in turn.dates]
    return Row(
        entry.page_id,
        entry.stamp,
        entry.day,
        session,
        LIVE,
        int(flags),
        user.length,
        assistant.length,
        user.ids.tobytes(),
        assistant.ids.tobytes(),
        np.array(dates, np.int32).tobytes(),
        *(np.array(side.passages, np.int32).tobytes() for side in entry.sides),
    )
