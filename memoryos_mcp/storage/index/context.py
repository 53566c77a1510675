"""
Turns in their context: which pages make a session, and what turns lend to their neighbours. Pure functions.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors
from .lexical import Entry

__all__ = ["SESSION_GAP_S", "context_vectors", "sessions_after", "starts", "with_preceding_turns"]

SESSION_GAP_S = 2 * 3600.0
"""A longer pause between two pages starts a new session."""

_NEAR = ((1, 0.5), (2, 0.25))
Numbers = NDArray[Any]


def context_vectors(own: Vectors, sessions: NDArray[np.int64]) -> Vectors:
    """
    Return unit vectors of turns in their context: own + .5 of the turns beside + .25 of the next but one.

    Args:
        own: Unit rows of consecutive turns.
        sessions: Their sessions; neighbours of another session do not count.
    """
    mixed = own.copy()
    for distance, weight in _NEAR:
        same = (sessions[distance:] == sessions[:-distance])[:, None]
        mixed[distance:] += weight * own[:-distance] * same
        mixed[:-distance] += weight * own[distance:] * same
    norms = np.linalg.norm(mixed, axis=1, keepdims=True)
    return np.asarray(mixed / np.maximum(norms, 1e-9), np.float32)


def with_preceding_turns(texts: Sequence[str], sessions: Numbers) -> list[tuple[str, tuple[str, ...]]]:
    """Return consecutive turns' texts, each with those of the two turns before it in its session."""
    return [
        (text, tuple(texts[near] for near in range(max(0, at - 2), at) if sessions[near] == sessions[at]))
        for at, text in enumerate(texts)
    ]


def starts(stamps: Sequence[float]) -> NDArray[np.bool_]:
    """Return for each of consecutive pages, given when they were said, whether a session starts there."""
    return np.concatenate([[True], np.abs(np.diff(np.asarray(stamps))) > SESSION_GAP_S])[: len(stamps)]


def sessions_after(last: tuple[float, int] | None, entries: Sequence[Entry]) -> list[int]:
    """Return the sessions of entries that follow a page of (stamp, session) *last*."""
    stamp, session = last if last is not None else (float("-inf"), -1)
    numbers = []
    for entry in entries:
        session += abs(entry.stamp - stamp) > SESSION_GAP_S
        stamp = entry.stamp
        numbers.append(session)
    return numbers
