"""
How the files of the bundled embedder were made: word-piece vectors that imitate all-MiniLM-L6-v2.

    python -m tests.distilling.distill --wordnet FOLDER --minilm FOLDER --out FOLDER

FOLDERs: WordNet 3.0's database files (`data.noun` ...; Debian's package `wordnet-base` has them), MiniLM's ONNX files
(`memoryos-mcp model download`), and where table.npy, weights.npy and projection.npy go. Needs nothing beyond the
package's own dependencies (numpy, tokenizers, onnxruntime) and takes some ten minutes on two cores.

Every word piece starts at its mean contextual state over the text of `corpus.py`, with the weight 1e-3 / (1e-3 + p) of
its frequency p (smooth inverse frequency). Adam then moves vectors and weights so that the normalised weighted sum of a
text's pieces points where MiniLM's vector of the whole text points. At last the vectors are turned to the 256 axes that
carry most and rounded to int8. Not needed at run time; not a general trainer.
"""

import argparse
import logging
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memoryos_mcp.retrieval.embedders.bundled.table import DIMENSIONS, load_wordpiece
from memoryos_mcp.retrieval.embedders.minilm.model import MAX_PIECES, MiniLMModel

from .corpus import chat_texts, read_wordnet, wordnet_texts

__all__ = ["Adam", "Lesson", "Text", "axes", "collect", "fit", "main", "quantise", "training_texts"]

_log = logging.getLogger(__name__)

Matrix = NDArray[np.float32]
Ids = NDArray[np.int32]

_DEFINITIONS, _CHATS = 40_000, 70_000
_EPOCHS, _BATCH, _RATE = 4, 256, 3e-3
_SIMILARITY, _STAY = 20.0, 2.0
_PRIOR = 2.0  # how many occurrences a piece's state on its own counts for
_CHUNK = 2048


@dataclass(frozen=True, slots=True)
class Text:
    """Training text as word pieces: all ids one after the other (n,), and the length of each text (m,)."""

    flat: Ids
    lengths: NDArray[np.int64]

    def batch(self, rows: NDArray[np.int64]) -> tuple[Ids, NDArray[np.int64]]:
        """Return the ids of the texts *rows* one after the other, and where each text starts."""
        ends = np.cumsum(self.lengths)
        ids = np.concatenate([self.flat[ends[row] - self.lengths[row] : ends[row]] for row in rows])
        return ids, np.concatenate([[0], np.cumsum(self.lengths[rows])[:-1]])


@dataclass(frozen=True, slots=True)
class Lesson:
    """
    What MiniLM says of the text.

    `vectors` (m, 384) unit rows, one per text; `means` (vocabulary, 384), each piece's mean state; `counts`
    (vocabulary,), how often it occurs; `spread` (384, 384), the second moment of all pieces' states.
    """

    vectors: Matrix
    means: Matrix
    counts: NDArray[np.float64]
    spread: NDArray[np.float64]


def training_texts(wordnet: Path, vocabulary: Sequence[str], chats: int, seed: int) -> list[str]:
    """Return the training texts, shuffled: a sample of definitions, all examples, and chat."""
    dice = random.Random(seed)
    entries = read_wordnet(wordnet)
    definitions, examples = wordnet_texts(entries, seed)
    dice.shuffle(definitions)
    texts = [*definitions[:_DEFINITIONS], *examples, *chat_texts(entries, vocabulary, chats, seed)]
    dice.shuffle(texts)
    return texts


def collect(model: MiniLMModel, texts: Sequence[Ids], vocabulary: int) -> Lesson:
    """Read every text with the model, and every piece of the vocabulary on its own."""
    sums, counts = np.zeros((vocabulary, 384)), np.zeros(vocabulary)
    spread = np.zeros((384, 384))
    vectors = []
    for start in range(0, len(texts), _CHUNK):
        chunk = texts[start : start + _CHUNK]
        states = model.states([ids.tolist() for ids in chunk])
        vectors += [rows.mean(axis=0) for rows in states]
        ids, own = np.concatenate(chunk), np.concatenate([rows[1:-1] for rows in states])
        distinct, totals = _sum_by(ids, own)
        sums[distinct] += totals
        counts += np.bincount(ids, minlength=vocabulary)
        spread += own.T @ own
        _log.info("read %d of %d texts", start + len(chunk), len(texts))
    alone = np.array([rows[1] for rows in model.states([[number] for number in range(vocabulary)])])
    means = (sums + _PRIOR * alone) / (counts + _PRIOR)[:, None]
    return Lesson(_unit(np.array(vectors, np.float32)), means.astype(np.float32), counts, spread)


def _sum_by(ids: Ids, rows: Matrix) -> tuple[Ids, Matrix]:
    """Return the distinct *ids*, ascending, and the sum of the rows of each."""
    order = np.argsort(ids, kind="stable")
    distinct, first = np.unique(ids[order], return_index=True)
    return distinct, np.add.reduceat(rows[order], first, axis=0)


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


class Adam:
    """Adam (Kingma and Ba, 2015) over the rows of one array, touching only the rows that a batch names."""

    def __init__(self, values: Matrix) -> None:
        self.values = values
        self._first, self._second = np.zeros_like(values), np.zeros_like(values)
        self._steps = 0

    def step(self, rows: Ids, gradient: Matrix, rate: float) -> None:
        """Move *rows* against their *gradient*."""
        self._steps += 1
        self._first[rows] = first = 0.9 * self._first[rows] + 0.1 * gradient
        self._second[rows] = second = 0.999 * self._second[rows] + 0.001 * gradient**2
        mean, scale = first / (1 - 0.9**self._steps), second / (1 - 0.999**self._steps)
        self.values[rows] -= rate * mean / (np.sqrt(scale) + 1e-8)


def fit(text: Text, lesson: Lesson, *, epochs: int = _EPOCHS, seed: int = 0) -> tuple[Matrix, Matrix]:
    """Return word-piece vectors (vocabulary, 384) and weights (vocabulary,) that imitate the lesson's vectors."""
    start = lesson.means / np.sqrt((lesson.means**2).sum(axis=1).mean())
    frequency = lesson.counts / lesson.counts.sum()
    vectors = Adam(start.copy())
    weights = Adam(np.log(1e-3 / (1e-3 + frequency)).astype(np.float32)[:, None])
    batches = list(_batches(len(text.lengths), epochs, seed))
    for number, rows in enumerate(batches):
        ids, starts = text.batch(rows)
        pieces, weight = vectors.values[ids], np.exp(weights.values[ids])
        back, loss = _backward(np.add.reduceat(pieces * weight, starts, axis=0), lesson.vectors[rows])
        spread = np.repeat(back, text.lengths[rows], axis=0)
        stay = _STAY * 2 / len(ids) * (pieces - start[ids])
        rate = _RATE * (1 - 0.9 * number / len(batches))
        vectors.step(*_sum_by(ids, spread * weight + stay), rate)
        weights.step(*_sum_by(ids, weight * (spread * pieces).sum(axis=1, keepdims=True)), rate)
        if number % 100 == 0:
            _log.info("batch %d of %d: 1 - cosine %.4f", number, len(batches), loss)
    return vectors.values, np.exp(weights.values[:, 0])


def _batches(count: int, epochs: int, seed: int) -> Iterator[NDArray[np.int64]]:
    dice = np.random.default_rng(seed)
    for _ in range(epochs):
        order, size = dice.permutation(count), min(_BATCH, count)
        for start in range(0, count - size + 1, size):
            yield np.sort(order[start : start + size])


def _backward(sums: Matrix, wanted: Matrix) -> tuple[Matrix, float]:
    """
    Return the loss's gradient by *sums* and the mean of 1 - cosine.

    The loss is 1 - cosine, plus `_SIMILARITY` times the squared difference of the two similarity matrices of the batch.
    """
    size = len(sums)
    norms = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-9
    got = sums / norms
    difference = got @ got.T - wanted @ wanted.T
    gradient = -wanted / size + _SIMILARITY * 4 / size**2 * (difference @ got)
    along = (gradient * got).sum(axis=1, keepdims=True)
    return (gradient - along * got) / norms, float(1 - (got * wanted).sum(axis=1).mean())


def axes(moment: NDArray[np.float64], dimensions: int) -> Matrix:
    """Return the *dimensions* orthonormal axes (n, dimensions) that keep most of a second moment (n, n)."""
    vectors = np.linalg.eigh(moment)[1]
    return np.asarray(vectors[:, ::-1][:, :dimensions], np.float32)


def quantise(vectors: Matrix, weights: Matrix) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Return int8 rows that keep the directions, and weights that took over the lengths, 1.0 in the middle."""
    lengths = np.linalg.norm(vectors, axis=1)
    rows = np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127).astype(np.int8)
    whole = weights * lengths / np.median(weights * lengths)
    return rows, np.maximum(whole, 1e-3).astype(np.float16)


def main(words: Sequence[str] | None = None) -> None:
    """Make the files; see the module's docstring. *words* are the command line's, without the program."""
    parser = argparse.ArgumentParser(description="Make the files of the bundled embedder.")
    for option in ("wordnet", "minilm", "out"):
        parser.add_argument(f"--{option}", type=Path, required=True)
    parser.add_argument("--chats", type=int, default=_CHATS)
    arguments = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    tokenizer = load_wordpiece()
    vocabulary = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    texts = [
        np.array(tokenizer.encode(text, add_special_tokens=False).ids[:MAX_PIECES], np.int32)
        for text in training_texts(arguments.wordnet, vocabulary, arguments.chats, seed=0)
    ]
    text = Text(np.concatenate(texts), np.array([len(ids) for ids in texts]))
    _log.info("%d texts of %d word pieces", len(texts), len(text.flat))
    lesson = collect(MiniLMModel(arguments.minilm), texts, len(vocabulary))
    vectors, weights = fit(text, lesson)
    share = (lesson.counts + 1) / lesson.counts.sum() * weights**2
    rows, whole = quantise(vectors @ axes((vectors * share[:, None]).T @ vectors, DIMENSIONS), weights)
    np.save(arguments.out / "table.npy", rows)
    np.save(arguments.out / "weights.npy", whole)
    np.save(arguments.out / "projection.npy", axes(lesson.spread, 128).astype(np.float16))


if __name__ == "__main__":  # pragma: no cover - tests call main()
    main()
