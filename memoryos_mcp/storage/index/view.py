"""What ranking sees of one user's turns."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Embedder, Vectors
from .lexical import Columns, Entry, Postings

__all__ = ["View", "languages_spoken", "with_tail"]


@dataclass(frozen=True)
class View:
    """
    A user's turns for one retrieval: the indexed ones and, behind them, the pages of short-term memory.

    Valid until the index is asked again. `indexed` is the number of positions that are in the index; `tail_texts` are
    the turns behind them; `languages` the ones spoken, the most frequent first. The functions read what is not held in
    memory: postings by term, the turns nearest to a vector with their cosines, and vectors and piece vectors by turn.
    Those vectors are of `embedder`: questions are to be read by the same. `memo` holds what ranking worked out of the
    indexed turns alone; it is emptied when they change. `mark` is another object then.
    """

    columns: Columns
    indexed: int
    tail_texts: tuple[str, ...]
    languages: Sequence[str]
    postings: Callable[[Collection[str]], Mapping[str, Postings]]
    nearest: Callable[[Vectors, int], list[tuple[int, float]]]
    vectors: Callable[[Sequence[int]], dict[int, Vectors]]
    tokens: Callable[[Sequence[int]], dict[int, NDArray[np.int8]]]
    embedder: Embedder
    memo: dict[str, NDArray[Any]] = field(default_factory=dict)
    mark: object = field(default_factory=object)


def with_tail(
    stored: dict[str, Postings], terms: Collection[str], entries: Sequence[Entry], first: int
) -> dict[str, Postings]:
    """Return *stored* with the turns of *entries*, the first of which is turn *first*."""
    found = dict(stored)
    sides = [side for entry in entries for side in entry.sides]
    for term in terms:
        late = [(first + at, position) for at, side in enumerate(sides) for position in side.terms.get(term, ())]
        if late:
            turns, positions = np.array(late, np.int64).T
            old = found.get(term, Postings(np.zeros(0, np.int64), np.zeros(0, np.int64)))
            found[term] = Postings(np.concatenate([old.where, turns]), np.concatenate([old.positions, positions]))
    return found


def languages_spoken(indexed: Sequence[str], entries: Sequence[Entry]) -> list[str]:
    """Return the languages of memory: those of the index first, then those of short-term memory."""
    late = [side.language for entry in entries for side in entry.sides if side.language]
    return list(dict.fromkeys([*indexed, *late]))
