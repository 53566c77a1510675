"""
Meaning from a model that reads each turn after the turns before it, and keeps what it made of every word piece.

The index holds those pieces' vectors, so a question costs one pass of the model and no turn is read again; turns of
short-term memory are read here once and remembered. Late interaction as in `pieces`, with the model's own vectors.
"""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..lexical import Columns
from ..protocols import Vectors
from ..similarity import unit
from ..turn_index import EncodedTurn, TurnEncoder, View, context_vectors, preceding
from .around import Around, around
from .question import Question
from .words import idf

__all__ = ["ContextReader"]

Scores = NDArray[np.float32]
Encoded = tuple[NDArray[np.int8], Vectors]
_NEAR = ((1, 0.7), (2, 0.5))
_CACHED = 8_000


class ContextReader:
    """Reads questions against turns by vectors that a model made in context; both are cached."""

    def __init__(self, encoder: TurnEncoder) -> None:
        self._encoder = encoder
        self._turns: OrderedDict[tuple[str, int], Encoded] = OrderedDict()
        self._asked: tuple[str, EncodedTurn, Vectors] | None = None

    def question(self, view: View, question: Question) -> Vectors:
        """Return the unit vector of a question (names taken out)."""
        return self._ask(question)[1]

    def read(self, view: View, question: Question, turns: NDArray[np.int64]) -> tuple[Scores, Scores, Vectors]:
        """Return cosine and late interaction in context, and the own unit vector, of *turns* (increasing)."""
        near = around(view, turns)
        encoded = self._encoded(view, near.turns, self._ask(question)[0])
        own = np.stack([vector for _, vector in encoded])
        late = self._late(view.columns, self._ask(question)[0], near, [tokens for tokens, _ in encoded])[near.rows]
        vector = context_vectors(own, near.groups)[near.rows] @ self.question(view, question)
        return vector, late, own[near.rows]

    def _ask(self, question: Question) -> tuple[EncodedTurn, Vectors]:
        """Return the bare question as the model reads it, and the sum of its vector and that of the spoken one."""
        if self._asked is None or self._asked[0] != question.text:
            texts = list(dict.fromkeys([question.bare, question.spoken]))
            encoded = self._encoder.encode_questions(texts)
            self._asked = (question.text, encoded[0], unit(np.sum([each.vector for each in encoded], axis=0)))
        return self._asked[1], self._asked[2]

    def _late(self, columns: Columns, asked: EncodedTurn, near: Around, tokens: Sequence[NDArray[np.int8]]) -> Scores:
        rows = np.concatenate(tokens).astype(np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        wanted = asked.tokens.astype(np.float32)
        wanted /= np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-9)
        starts = np.concatenate([[0], np.cumsum([len(each) for each in tokens])[:-1]])
        own = np.maximum.reduceat(rows @ wanted.T, starts, axis=0)
        own -= own.mean(axis=0)
        best = own.copy()
        for distance, weight in _NEAR:
            same = (near.groups[distance:] == near.groups[:-distance])[:, None]
            np.maximum(best[distance:], weight * own[:-distance], out=best[distance:], where=same)
            np.maximum(best[:-distance], weight * own[distance:], out=best[:-distance], where=same)
        rarity = idf(columns.occurrences(asked.ids), columns.turns).astype(np.float32)
        return np.asarray(best @ rarity, np.float32)

    def _encoded(self, view: View, turns: NDArray[np.int64], like: EncodedTurn) -> list[Encoded]:
        """Return what the model made of each turn; one that the index has not is nothing of the shapes of *like*."""
        columns = view.columns
        keys = {int(turn): (columns.page_ids[turn // 2], int(turn % 2)) for turn in turns}
        missing = [turn for turn, key in keys.items() if key not in self._turns]
        if stored := [turn for turn in missing if turn < 2 * view.indexed]:
            vectors, tokens = view.vectors(stored), view.tokens(stored)
            for turn in stored:
                if turn in vectors and turn in tokens:
                    self._turns[keys[turn]] = (tokens[turn], vectors[turn])
        if missing and missing[-1] >= 2 * view.indexed:
            self._read_tail(view)
        nothing = (np.zeros_like(like.tokens[:1]), np.zeros_like(like.vector))
        found = [self._turns.get(key, nothing) for key in keys.values()]
        while len(self._turns) > _CACHED:
            self._turns.popitem(last=False)
        return found

    def _read_tail(self, view: View) -> None:
        first = 2 * view.indexed
        sessions = view.columns.turn_sessions()[first:]
        made = self._encoder.encode_turns(preceding(view.tail_texts, sessions))
        for at, encoded in enumerate(made):
            turn = first + at
            self._turns[view.columns.page_ids[turn // 2], turn % 2] = (encoded.tokens, encoded.vector)
