"""
Meaning from word pieces: with a `TokenTable` a turn's vector and late interaction need no text and no model.

A turn's own vector is the sum of w_t * idf_t * E_t over its pieces, normalised, idf from this memory. Late interaction
takes for each piece of the question the best cosine among the turn's, less that piece's mean over the turns looked at;
a neighbour's counts .7 or .5; summed with idf as weights.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors
from ...domain.records import Page
from ...storage.index import TokenTable, View, context_vectors
from ...storage.index.lexical import Columns
from .meaning import Meaning
from .neighbours import Around, around_turns
from .passages import Passages
from .products import products
from .question import Question
from .vector_cache import VectorCache
from .words import idf

__all__ = ["PieceReader"]

Scores = NDArray[np.float32]
_NEAR = ((1, 0.7), (2, 0.5))
_CACHED = 60_000
_MARKED = 1 << 16
_Pieces = Callable[[NDArray[np.int64]], tuple[NDArray[np.int32], NDArray[np.int64]]]
_WHOLE = -1
"""Stands for the passage in the key of a whole turn's sum."""
_LATE = 200
"""Word pieces of a turn that late interaction looks at: of long turns the passages' own vectors tell more."""


@dataclass(frozen=True, slots=True)
class _Held:
    """
    What some turns are to any question: `near` are they with their neighbours.

    `context` are their vectors in context and `passage_vectors` those of their passages; `pieces` the vectors of the
    distinct word pieces of all of `near`, `places` where each piece is among them, `starts` where each turn begins.
    """

    near: Around
    context: Vectors
    passage_vectors: Vectors
    pieces: Vectors
    places: NDArray[np.int64]
    starts: NDArray[np.int64]


class _Looked(NamedTuple):
    """Which turns were looked at: of what memory, which of them, and what stands behind the indexed ones."""

    mark: object
    turns: bytes
    tail: tuple[str, ...]


class PieceReader:
    """
    Reads questions against turns by the pieces of both.

    Own vectors are cached by page, and made anew when the memory has doubled, since the idf has changed by then.
    Thread-safe: `_asked` and `_last` are replaced whole.
    """

    slow = False

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        self._cache = VectorCache(_CACHED)
        self._asked: tuple[ref[View], str, NDArray[np.int32], Vectors] | None = None
        self._last: tuple[_Looked, _Held] | None = None

    def prepare(self, question: Question, tail: Sequence[Page]) -> None:
        """Do nothing: a table is quick."""

    def question(self, view: View, question: Question) -> Vectors:
        """Return the unit vector of a question (names taken out)."""
        return self._ask(view, question)[1]

    def read(self, view: View, question: Question, passages: Passages) -> Meaning:
        """Return cosine and late interaction in context, and what the passages' own vectors tell."""
        asked, held = self.question(view, question), self._held(view, passages)
        late = self._late(view.columns, self._ask(view, question)[0], held)[held.near.rows]
        return Meaning(held.context @ asked, late, held.passage_vectors @ asked, held.passage_vectors)

    def _held(self, view: View, passages: Passages) -> "_Held":
        """Return what is the same for every question; worked out anew when other turns are looked at."""
        looked = _Looked(view.mark, passages.turns.tobytes(), tuple(view.columns.page_ids[view.indexed :]))
        last = self._last
        if last is None or last[0] != looked:
            columns = view.columns
            last = self._last = (looked, self._worked_out(columns, around_turns(columns, passages.turns), passages))
        return last[1]

    def _worked_out(self, columns: Columns, near: Around, passages: Passages) -> "_Held":
        several = np.bincount(passages.rows, minlength=len(passages.turns))[passages.rows] > 1
        ordinals = np.where(several, passages.ordinals, _WHOLE)
        whole = np.full(len(near.turns), _WHOLE)
        own = _unit(self._own(columns, near.turns, whole, lambda some: columns.gather(near.turns[some])))
        turns, numbers = passages.turns[passages.rows], passages.numbers
        passage_vectors = _unit(self._own(columns, turns, ordinals, lambda some: columns.pieces_of(numbers[some])))
        ids, sizes = columns.gather(near.turns, _LATE)
        distinct, places = _distinct(ids)
        return _Held(
            near=near,
            context=context_vectors(own, near.groups)[near.rows],
            passage_vectors=passage_vectors,
            pieces=self._table.vectors_of(distinct),
            places=places,
            starts=np.cumsum(sizes) - sizes,
        )

    def _ask(self, view: View, question: Question) -> tuple[NDArray[np.int32], Vectors]:
        """Return the pieces of a question and its unit vector, worked out once for a view."""
        asked = self._asked
        if asked is None or asked[0]() is not view or asked[1] != question.bare:
            ids = np.asarray(self._table.token_ids([question.bare])[0], np.int32)
            vector = _unit(self._sums(view.columns, ids, np.array([len(ids)])))[0]
            asked = self._asked = (ref(view), question.bare, ids, vector)
        return asked[2:]

    def _late(self, columns: Columns, asked: NDArray[np.int32], held: "_Held") -> Scores:
        near, cosines = held.near, products(held.pieces, self._table.vectors_of(asked))
        own = np.maximum.reduceat(np.take(cosines, held.places, axis=0), held.starts, axis=0)
        own -= own.mean(axis=0)
        best = own.copy()
        for distance, weight in _NEAR:
            same = (near.groups[distance:] == near.groups[:-distance])[:, None]
            np.maximum(best[distance:], weight * own[:-distance], out=best[distance:], where=same)
            np.maximum(best[:-distance], weight * own[distance:], out=best[:-distance], where=same)
        rarity = self._rarity(columns, asked)
        return np.asarray(best @ rarity / max(float(rarity.sum()), 1e-6), np.float32)

    def _own(self, columns: Columns, turns: NDArray[np.int64], ordinals: NDArray[np.int64], pieces: _Pieces) -> Vectors:
        """Return the sums of the pieces of passages, or of whole turns, as half floats have them."""
        epoch, ids = int(np.log2(columns.turns + 1)), columns.page_ids
        pairs = zip(turns.tolist(), ordinals.tolist(), strict=True)
        keys = [(ids[turn // 2], turn, ordinal, epoch) for turn, ordinal in pairs]
        own, missing = self._cache.rows(keys)
        if len(missing):
            made = self._sums(columns, *pieces(missing)).astype(np.float16).astype(np.float32)
            self._cache.put([keys[at] for at in missing], made)
            if len(missing) == len(keys):
                return made
            own[missing] = made
        return own

    def _sums(self, columns: Columns, ids: NDArray[np.int32], sizes: NDArray[np.int64]) -> Vectors:
        """Return the weighted sums of texts given as pieces one after the other."""
        distinct, places = _distinct(ids)
        weights = self._table.weights_of(distinct) * self._rarity(columns, distinct)
        rows = self._table.vectors_of(distinct) * weights[:, None]
        sums = np.empty((len(sizes), rows.shape[1]), np.float32)
        ones, ends = np.ones(int(sizes.max()), np.float32), np.cumsum(sizes).tolist()
        for at, (size, end) in enumerate(zip(sizes.tolist(), ends, strict=True)):
            np.dot(ones[:size], rows.take(places[end - size : end], axis=0), out=sums[at])
        return sums

    def _rarity(self, columns: Columns, ids: NDArray[np.int32]) -> Scores:
        return idf(columns.occurrences(ids), columns.turns).astype(np.float32)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def _distinct(ids: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return what `np.unique` with its inverse does; ten times faster for ids of a vocabulary, by marking them."""
    if not len(ids) or int(ids.max()) >= _MARKED:
        distinct, places = np.unique(ids, return_inverse=True)
        return distinct, places
    marked = np.zeros(_MARKED, bool)
    marked[ids] = True
    return np.flatnonzero(marked).astype(np.int32), (np.cumsum(marked) - 1)[ids]
