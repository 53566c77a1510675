"""
The `minilm` embedder: vectors of texts, and each turn read once in its context with its tokens kept for matching.

Built on `MiniLMModel`. `embed` gives what sentence-transformers gives for the same text; `encode_turns` gives what
ranking needs of a turn that follows others. Texts in other languages than English get vectors of little worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....domain.protocols import TokenMatrix
from .model import DIMENSIONS, MAX_PIECES, MiniLMModel, States, default_folder

__all__ = ["TOKEN_DIMENSIONS", "EncodedText", "MiniLMEmbedder", "unit_tokens"]

TOKEN_DIMENSIONS = 128
_WINDOW = 190
"""Word pieces of a long turn that are read in one pass; what is left of a pass is the context before them."""
_MAX_WINDOWS = 8

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EncodedText:
    """
    One text after the model has read it: enough to store and to match later without the model.

    `vector` is a unit row (384,); `ids` are its word pieces (n,), n >= 1, the same numbers as the bundled embedder's;
    `tokens` are their hidden states projected to 128 dimensions, int8 (n, 128), of which only the direction counts.
    """

    vector: Vectors
    ids: NDArray[np.int32]
    tokens: NDArray[np.int8]


def unit_tokens(tokens: NDArray[np.int8]) -> Vectors:
    """Return stored token rows as float32 unit rows, shape (n, 128)."""
    return _unit(tokens.astype(np.float32))


class MiniLMEmbedder:
    """
    all-MiniLM-L6-v2 from files on disk. Thread-safe; reads them at the first use and never downloads.

    Args:
        folder: Where the files are; None for the folder that Chroma uses.
        threads: How many threads one pass may use; None leaves it to onnxruntime.
    """

    name = "minilm"
    dimensions = DIMENSIONS
    token_dimensions = TOKEN_DIMENSIONS

    def __init__(self, folder: Path | None = None, threads: int | None = None) -> None:
        self._model = MiniLMModel(folder or default_folder(), threads)
        self._projection: Vectors | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (len(texts), 384), of the first 254 word pieces of each text."""
        states = self._model.states([self._model.ids(text)[:MAX_PIECES] for text in texts])
        return _unit(np.array([rows.mean(axis=0) for rows in states], np.float32).reshape(-1, DIMENSIONS))

    def encode(self, text: str) -> TokenMatrix:
        """
        Return the word pieces of *text* with projected unit vectors (n, 128) and weights of 1.

        The rows match those of `encode_turns`; unlike the bundled embedder's, they do not add up to the text's vector.
        """
        return self.matrix(self.encode_questions([text])[0])

    def encode_questions(self, texts: Sequence[str]) -> list[EncodedText]:
        """Encode texts that stand alone, in one pass each: `vector` as `embed` gives it, and the tokens."""
        ids = [self._model.ids(text)[:MAX_PIECES] for text in texts]
        states = self._model.states(ids)
        return [self._encoded(own, rows.mean(axis=0), rows[1:-1]) for own, rows in zip(ids, states, strict=True)]

    def encode_turns(self, turns: Sequence[tuple[str, Sequence[str]]]) -> list[EncodedText]:
        """
        Encode turns in their context: each is read after the turns before it, and only its own tokens are kept.

        Args:
            turns: Pairs of a turn's text and the texts before it in its session, oldest first; two are worth giving.

        Returns one `EncodedText` per turn; its vector is the mean of its own tokens' states, unprojected. A turn of
        more than 190 word pieces is read in several passes, up to 8 of them (1,520 word pieces); the rest is left out.
        """
        own = [self._model.ids(text)[: _WINDOW * _MAX_WINDOWS] for text, _ in turns]
        before = [self._context(previous) for _, previous in turns]
        passes: list[list[int]] = []
        slices: list[tuple[int, int]] = []
        for ids, context in zip(own, before, strict=True):
            windows = _windows(ids, context)
            slices.append((len(passes), len(passes) + len(windows)))
            passes += windows
        states = self._model.states(passes)
        kept = [_own_states(states[first:last], ids) for (first, last), ids in zip(slices, own, strict=True)]
        return [self._encoded(ids, rows.mean(axis=0), rows) for ids, rows in zip(own, kept, strict=True)]

    def matrix(self, encoded: EncodedText) -> TokenMatrix:
        """Return the tokens of an encoded text as a `TokenMatrix`, weights of 1."""
        weights = np.ones(len(encoded.ids), np.float32)
        return TokenMatrix(self._model.pieces(encoded.ids.tolist()), unit_tokens(encoded.tokens), weights)

    def token_ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return word-piece ids, one array per text, uncut, at least one id each."""
        return [np.array(self._model.ids(text), np.int32) for text in texts]

    def _context(self, previous: Sequence[str]) -> list[int]:
        return [number for text in previous if text.strip() for number in self._model.ids(text)][-MAX_PIECES:]

    def _encoded(self, ids: Sequence[int], vector: Vectors, rows: States) -> EncodedText:
        projected = rows @ self._projected()
        largest = np.maximum(np.abs(projected).max(axis=1, keepdims=True), 1e-9)
        tokens = np.rint(projected / largest * 127).astype(np.int8)
        return EncodedText(_unit(vector[None])[0], np.array(ids, np.int32), tokens)

    def _projected(self) -> Vectors:
        if self._projection is None:
            with files(__package__).joinpath("projection.npy").open("rb") as file:
                self._projection = np.load(file).astype(np.float32)
        return self._projection


def _windows(ids: Sequence[int], context: Sequence[int]) -> list[list[int]]:
    """Cut a turn into passes of at most `MAX_PIECES`, each led by the pieces before it."""
    text, start = [*context, *ids], len(context)
    windows = []
    for place in range(start, len(text), _WINDOW):
        end = min(place + _WINDOW, len(text))
        windows.append(text[max(0, end - MAX_PIECES) : end])
    return windows


def _own_states(states: Sequence[States], ids: Sequence[int]) -> States:
    """Return the states of a turn's own pieces, (len(ids), 384), from the passes it was read in."""
    lengths = [min(_WINDOW, len(ids) - place) for place in range(0, len(ids), _WINDOW)]
    return np.concatenate([rows[-1 - length : -1] for rows, length in zip(states, lengths, strict=True)])


def _unit(rows: Vectors) -> Vectors:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), np.float32)
