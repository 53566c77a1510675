"""
Meaning from a model that reads each turn after the turns before it, and keeps what it made of every word piece.

The index holds those pieces' vectors, so a question costs one pass of the model and no turn is read again; turns of
short-term memory are read here once and remembered. Late interaction as in `piece_reader`, with the model's own
vectors.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors
from ...domain.records import Page
from ...domain.similarity import unit
from ...storage.index import EncodedTurn, TurnEncoder, View, context_vectors, starts, with_preceding_turns
from ...storage.index.lexical import Columns, Ids
from .meaning import Meaning
from .neighbours import Around, around
from .passages import Passages
from .products import products
from .question import Question
from .words import idf

__all__ = ["ContextReader"]

Scores = NDArray[np.float32]
Encoded = tuple[NDArray[np.int8], Vectors]
_NEAR = ((1, 0.7), (2, 0.5))
_CACHED, _QUESTIONS = 8_000, 64


@dataclass(frozen=True, slots=True)
class _Asked:
    """An `EncodedTurn` put together from two."""

    vector: Vectors
    ids: Ids
    tokens: NDArray[np.int8]


class ContextReader:
    """Reads questions against turns by vectors that a model made in context; both are cached. Thread-safe."""

    slow = True

    def __init__(self, encoder: TurnEncoder) -> None:
        self._encoder = encoder
        self._turns: OrderedDict[tuple[str, int], Encoded] = OrderedDict()
        self._asked: OrderedDict[str, tuple[EncodedTurn, Vectors]] = OrderedDict()
        self._lock = Lock()

    def prepare(self, question: Question, tail: Sequence[Page]) -> None:
        """Read the question and the turns of short-term memory that were not read before."""
        self._ask(question)
        if any((page.page_id, 0) not in self._turns for page in tail):
            sessions = np.repeat(np.cumsum(starts([page.timestamp.timestamp() for page in tail]), dtype=np.int64), 2)
            texts = [text for page in tail for text in (page.user_input, page.agent_response)]
            self._read_tail([page.page_id for page in tail], texts, sessions)

    def question(self, view: View, question: Question) -> Vectors:
        """Return the unit vector of a question (names taken out)."""
        return self._ask(question)[1]

    def read(self, view: View, question: Question, passages: Passages) -> Meaning:
        """Return cosine and late interaction in context; a passage's own vector is its turn's."""
        near = around(view, passages.turns)
        encoded = self._encoded(view, near.turns, self._ask(question)[0])
        own = np.stack([vector for _, vector in encoded])
        late = self._late(view.columns, self._ask(question)[0], near, [tokens for tokens, _ in encoded])[near.rows]
        asked = self.question(view, question)
        vector = context_vectors(own, near.groups)[near.rows] @ asked
        return Meaning(vector, late, (own[near.rows] @ asked)[passages.rows])

    def _ask(self, question: Question) -> tuple[EncodedTurn, Vectors]:
        """Return the pieces of the question but for its names, and the sum of two vectors: bare, and as spoken."""
        found = self._asked.get(question.text)
        if found is None:
            texts = list(dict.fromkeys([question.bare, question.spoken, question.text]))
            read = dict(zip(texts, self._encoder.encode_questions(texts), strict=True))
            bare = read[question.bare]
            found = (_standing(bare, read[question.text]), unit(bare.vector + read[question.spoken].vector))
            with self._lock:
                self._asked[question.text] = found
                while len(self._asked) > _QUESTIONS:
                    self._asked.popitem(last=False)
        return found

    def _late(self, columns: Columns, asked: EncodedTurn, near: Around, tokens: Sequence[NDArray[np.int8]]) -> Scores:
        rows = np.concatenate(tokens).astype(np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        wanted = asked.tokens.astype(np.float32)
        wanted /= np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-9)
        starts = np.concatenate([[0], np.cumsum([len(each) for each in tokens])[:-1]])
        own = np.maximum.reduceat(products(rows, wanted), starts, axis=0)
        own -= own.mean(axis=0)
        best = own.copy()
        for distance, weight in _NEAR:
            same = (near.groups[distance:] == near.groups[:-distance])[:, None]
            np.maximum(best[distance:], weight * own[:-distance], out=best[distance:], where=same)
            np.maximum(best[:-distance], weight * own[distance:], out=best[:-distance], where=same)
        rarity = idf(columns.occurrences(asked.ids), columns.turns).astype(np.float32)
        return np.asarray(best @ rarity / max(float(rarity.sum()), 1e-6), np.float32)

    def _encoded(self, view: View, turns: NDArray[np.int64], like: EncodedTurn) -> list[Encoded]:
        """Return what the model made of each turn; one that the index has not is nothing of the shapes of *like*."""
        columns = view.columns
        keys = {int(turn): (columns.page_ids[turn // 2], int(turn % 2)) for turn in turns}
        missing = [turn for turn, key in keys.items() if key not in self._turns]
        if stored := [turn for turn in missing if turn < 2 * view.indexed]:
            vectors, tokens = view.vectors(stored), view.tokens(stored)
            with self._lock:
                for turn in stored:
                    if turn in vectors and turn in tokens:
                        self._turns[keys[turn]] = (tokens[turn], vectors[turn])
        if missing and missing[-1] >= 2 * view.indexed:
            first = 2 * view.indexed
            ids = view.columns.page_ids[view.indexed :]
            self._read_tail(ids, view.tail_texts, view.columns.turn_sessions()[first:])
        nothing = (np.zeros_like(like.tokens[:1]), np.zeros_like(like.vector))
        found = [self._turns.get(key, nothing) for key in keys.values()]
        with self._lock:
            while len(self._turns) > _CACHED:
                self._turns.popitem(last=False)
        return found

    def _read_tail(self, page_ids: Sequence[str], texts: Sequence[str], sessions: NDArray[np.int64]) -> None:
        made = self._encoder.encode_turns(with_preceding_turns(texts, sessions))
        with self._lock:
            for at, encoded in enumerate(made):
                self._turns[page_ids[at // 2], at % 2] = (encoded.tokens, encoded.vector)


def _standing(bare: EncodedTurn, whole: EncodedTurn) -> EncodedTurn:
    """
    Return the pieces of *bare* as they stand in the *whole* question.

    Names must not be looked for, but a model that reads a question without its subject reads it wrong: worth half a
    point of recall. Where the pieces of *bare* are not in *whole* in their order, *bare* is returned.
    """
    kept: list[int] = []
    for at, piece in enumerate(whole.ids):
        if len(kept) < len(bare.ids) and piece == bare.ids[len(kept)]:
            kept.append(at)
    if len(kept) < len(bare.ids):
        return bare
    return _Asked(bare.vector, bare.ids, whole.tokens[kept])
