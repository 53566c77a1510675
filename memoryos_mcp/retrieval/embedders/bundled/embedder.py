"""
The `bundled` embedder: no model, no download, microseconds a text.

A text's vector is the normalised weighted sum of its word pieces' vectors from a table that was distilled from
all-MiniLM-L6-v2. Word order and context are lost; scripts outside the vocabulary match by character n-grams only.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....domain.protocols import TokenMatrix
from .scripts import Kind, bucket, prepare
from .table import DIMENSIONS, Table, load_table, load_wordpiece

__all__ = ["BundledEmbedder"]

_TINY = 1e-6
Ids = NDArray[np.int32]
Vectors = NDArray[np.float32]


class BundledEmbedder:
    """
    Static word-piece vectors. Thread-safe; the files are read at the first use (about 0.05 s), never at construction.

    An id stands for a word piece: one of the vocabulary or, above those, a hashed n-gram. Ids are
    stable, so an index may keep them and ask for vectors later without the text.
    """

    name = "bundled"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._lock = Lock()
        self._loaded: tuple[Table, Any, int] | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (len(texts), dimensions); finite for any text, the empty one too."""
        return self.embed_ids(self.token_ids(texts))

    def embed_ids(self, ids: Sequence[Ids], factors: Sequence[Vectors] | None = None) -> Vectors:
        """
        Return the unit rows of texts given as ids, shape (len(ids), dimensions).

        Args:
            ids: One array per text, as `token_ids` gives them, never empty.
            factors: What each id's weight is multiplied with (its idf, say), same shapes; default 1.
        """
        if not len(ids):
            return np.zeros((0, self.dimensions), np.float32)
        flat, starts = np.concatenate(ids), np.cumsum([0, *map(len, ids[:-1])])
        distinct, places = np.unique(flat, return_inverse=True)
        weights = self.weights_of(distinct)[places]
        if factors is not None:
            weights = weights * np.concatenate(factors)
        vectors = self.vectors_of(distinct)
        sums = np.stack(
            [weights[a:b] @ vectors[places[a:b]] for a, b in zip(starts, [*starts[1:], len(flat)], strict=True)]
        )
        return self._unit(sums.astype(np.float32))

    def encode(self, text: str) -> TokenMatrix:
        """Return the word pieces of *text* with unit vectors and weights; at least one piece."""
        return self.encode_many([text])[0]

    def encode_many(self, texts: Sequence[str]) -> list[TokenMatrix]:
        """Return one `TokenMatrix` per text."""
        matrices = []
        for text in texts:
            pairs = self._pieces(text)
            ids = np.array([number for _, number in pairs], np.int32)
            pieces = tuple(piece for piece, _ in pairs)
            matrices.append(TokenMatrix(pieces, self.vectors_of(ids), self.weights_of(ids)))
        return matrices

    def token_ids(self, texts: Sequence[str]) -> list[Ids]:
        """Return int32 ids, one array per text, in the order of `encode`'s pieces; at least one id each."""
        return [np.array([number for _, number in self._pieces(text)], np.int32) for text in texts]

    def vectors_of(self, ids: Ids) -> Vectors:
        """Return the unit vectors of *ids*, shape (len(ids), dimensions)."""
        return self._parts()[0].vectors_of(np.asarray(ids, np.int32))

    def weights_of(self, ids: Ids) -> Vectors:
        """Return the weights of *ids*, shape (len(ids),), positive."""
        return self._parts()[0].weights_of(np.asarray(ids, np.int32))

    def _pieces(self, text: str) -> list[tuple[str, int]]:
        table, tokenizer, unknown_id = self._parts()
        prepared = prepare(text)
        encoding = tokenizer.encode(prepared.known, add_special_tokens=False)
        pairs = list(zip(encoding.tokens, encoding.ids, strict=True))
        hashed = list(prepared.unknown)
        if unknown_id in encoding.ids:
            hashed += [(prepared.known[a:b].lower(), Kind.WORD) for a, b in _spans(encoding, unknown_id)]
            pairs = [pair for pair in pairs if pair[1] != unknown_id]
        pairs += [(piece, table.size + bucket(piece, kind)) for piece, kind in hashed]
        return pairs or [("", table.size + bucket("", Kind.WORD))]

    def _unit(self, sums: Vectors) -> Vectors:
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        nothing = norms[:, 0] < _TINY
        if nothing.any():
            table = self._parts()[0]
            sums[nothing] = table.vectors_of(np.array([table.size], np.int32))
            norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / norms, np.float32)

    def _parts(self) -> tuple[Table, Any, int]:
        with self._lock:
            if self._loaded is None:
                tokenizer = load_wordpiece()
                self._loaded = (load_table(), tokenizer, tokenizer.token_to_id("[UNK]"))
            return self._loaded


def _spans(encoding: Any, unknown_id: int) -> list[tuple[int, int]]:
    """Where the unknown words of an encoding stand in its text."""
    return [span for span, number in zip(encoding.offsets, encoding.ids, strict=True) if number == unknown_id]
