"""
Meaning from stored vectors: for an embedder that gives a vector per text and nothing else.

Vectors of indexed turns are read from the store, those of short-term memory made on the spot; both are cached.
"""

from collections import OrderedDict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..protocols import Embedder, Vectors
from ..turn_index import View, context_vectors
from .question import Question

__all__ = ["VectorReader"]

_CACHED = 20_000


class VectorReader:
    """Reads questions against turns by one vector each."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._cache: OrderedDict[tuple[str, int], Vectors] = OrderedDict()
        self._asked: tuple[str, Vectors] | None = None

    def question(self, view: View, question: Question) -> Vectors:
        """Return the unit vector of a question; the last one is kept."""
        if self._asked is None or self._asked[0] != question.bare:
            self._asked = (question.bare, self._embedder.embed([question.bare])[0])
        return self._asked[1]

    def read(
        self, view: View, question: Question, turns: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], None, Vectors]:
        """Return cosine, no late interaction, and unit vectors of *turns*; a turn without a vector has a zero one."""
        units = (
            np.stack(self._units(view, turns)) if len(turns) else np.zeros((0, self._embedder.dimensions), np.float32)
        )
        return units @ self.question(view, question), None, units

    def _units(self, view: View, turns: NDArray[np.int64]) -> list[Vectors]:
        columns = view.columns
        keys = {int(turn): (columns.page_ids[turn // 2], int(turn % 2)) for turn in turns}
        missing = [turn for turn, key in keys.items() if key not in self._cache]
        found: dict[int, Vectors] = {}
        if missing:
            found.update(view.vectors([turn for turn in missing if turn < 2 * view.indexed]))
            if missing[-1] >= 2 * view.indexed:
                found.update(self._fresh(view))
        for turn, vector in found.items():
            self._cache[columns.page_ids[turn // 2], turn % 2] = vector
        nothing = np.zeros(self._embedder.dimensions, np.float32)
        units = [self._cache.get(key, nothing) for key in keys.values()]
        while len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return units

    def _fresh(self, view: View) -> Mapping[int, Vectors]:
        """Return vectors of the turns of short-term memory."""
        first = 2 * view.indexed
        vectors = self._embedder.embed(view.tail_texts)
        units = context_vectors(vectors, view.columns.turn_sessions()[first:])
        return {first + at: unit for at, unit in enumerate(units)}
