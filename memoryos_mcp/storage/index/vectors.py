"""
Turn vectors where they are kept: one place of the store for each embedder, piece vectors in the index file.

Processes with different embedders keep theirs side by side; what is forgotten leaves all of them. Nothing is embedded
here. The caller holds the store's lock.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Record, Store, Vectors
from .lexical import IndexFile, PieceVectors
from .turn_vectors import MadeVectors, unpack

__all__ = ["PREFIX", "Turn", "TurnVectors", "count_vectors", "forget_vectors"]

PREFIX = "turns."
"""What the names of places with turn vectors begin with; the embedder's name follows."""

_AT_ONCE = 1000

Turn = tuple[str, int]
"""A turn by its page's id and its side: 0 the user's, 1 the assistant's."""


class TurnVectors:
    """
    The vectors of every user's turns in one embedder's place.

    Args:
        store: Holds the vectors.
        file: Holds the piece vectors.
        embedder: The embedder's name.
        with_tokens: Whether a page without piece vectors lacks something.
    """

    def __init__(self, store: Store, file: IndexFile, embedder: str, *, with_tokens: bool) -> None:
        self.place = f"{PREFIX}{embedder}"
        self._store = store
        self._pieces = PieceVectors(file, embedder)
        self._with_tokens = with_tokens

    def put(self, user_id: str, number: int, made: MadeVectors) -> None:
        """Store what was made, under the *number* of the user's rows."""
        self._pieces.put(number, made.tokens)  # first: a page counts as done by its vectors
        records = [
            Record(name, "", {}, vector)
            for page_id, pair in made.vectors.items()
            for name, vector in zip(_names(page_id), pair, strict=True)
        ]
        self._store.put(user_id, self.place, records)

    def drop(self, user_id: str, number: int) -> None:
        """Remove a user's vectors."""
        self._store.drop(user_id, self.place)
        if number:
            self._pieces.drop(number)

    def count(self, user_id: str, number: int) -> int:
        """Return how many pages have vectors; no more than a count, so strays count too."""
        if not number:
            return 0
        pages = self._store.count(user_id, self.place) // 2
        return min(pages, self._pieces.count(number)) if self._with_tokens else pages

    def page_ids(self, user_id: str, number: int) -> set[str]:
        """Return the ids of the pages that have all their vectors."""
        names = set(self._store.ids(user_id, self.place))
        pages = {name[:-2] for name in names if name.endswith(".u") and f"{name[:-2]}.a" in names}
        return pages & self._pieces.page_ids(number) if self._with_tokens else pages

    def strays(self, user_id: str, pages: Collection[str]) -> list[str]:
        """Return the ids of stored vectors that belong to none of *pages*."""
        known = {name for page_id in pages for name in _names(page_id)}
        return sorted(set(self._store.ids(user_id, self.place)) - known)

    def remove(self, user_id: str, names: Collection[str]) -> None:
        """Remove vectors by their own ids."""
        self._store.delete(user_id, self.place, list(names))

    def nearest(self, user_id: str, vector: Vectors, k: int) -> list[tuple[Turn, float]]:
        """Return up to *k* turns nearest to *vector* with their cosines, best first."""
        found = self._store.nearest(user_id, self.place, vector, k)
        return [((name[:-2], int(name[-1] == "a")), score) for name, score in found]

    def vectors(self, user_id: str, turns: Mapping[Turn, int]) -> dict[int, Vectors]:
        """Return the stored vectors of *turns*, under the numbers they map to."""
        numbers = {_names(page_id)[side]: number for (page_id, side), number in turns.items()}
        records = self._store.get(user_id, self.place, list(numbers), vectors=True)
        return {numbers[record.id]: record.vector for record in records if record.vector is not None}

    def tokens(self, user: int, turns: Mapping[Turn, int]) -> dict[int, NDArray[np.int8]]:
        """Return the stored piece vectors of *turns*, under the numbers they map to."""
        found = self._pieces.get(user, {page_id for page_id, _ in turns})
        return {number: unpack(found[page_id][side]) for (page_id, side), number in turns.items() if page_id in found}


def count_vectors(store: Store, user_id: str, page_ids: Sequence[str] | None) -> int:
    """Return how many vectors of pages, or of all, lie in any embedder's place."""
    places = [place for place in store.places(user_id) if place.startswith(PREFIX)]
    if page_ids is None:
        return sum(store.count(user_id, place) for place in places)
    names = [name for page_id in page_ids for name in _names(page_id)]
    parts = [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]
    return sum(len(store.get(user_id, place, part)) for place in places for part in parts)


def forget_vectors(store: Store, file: IndexFile, user_id: str, number: int, page_ids: Collection[str]) -> None:
    """Remove the vectors of pages in every embedder's place; unknown ids are ignored."""
    names = [name for page_id in page_ids for name in _names(page_id)]
    for place in store.places(user_id):
        if place.startswith(PREFIX):
            store.delete(user_id, place, names)
    if number:
        PieceVectors(file, "").remove(number, page_ids)


def _names(page_id: str) -> tuple[str, str]:
    """Return the ids of a page's two vectors in the store."""
    return f"{page_id}.u", f"{page_id}.a"
