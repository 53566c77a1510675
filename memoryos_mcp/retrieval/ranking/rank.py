"""
Ranking the turns of one memory for one question.

All turns of a small memory are candidates; of a large one the best by words and by vectors, those of the days in
question, short-term memory, and a thin even sample of the rest, which tells what an ordinary turn scores.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...domain.errors import EmbedderError
from ...domain.protocols import Embedder, Vectors
from ...domain.records import Page
from ...storage.index import TurnEncoder, View
from .alike import with_help
from .days import day_scores, near_pages
from .gate import USUAL_BUDGET, budgets_worth, confidence
from .meaning import Meaning
from .passages import FoundWords, Passages, long_share, passages_of
from .piece_reader import PieceReader
from .projects import project_scores
from .question import Question
from .reader_choice import reader_of
from .score import Weights, add_up, load_weights
from .words import read_words, word_scores

__all__ = ["Ranked", "Ranker", "weights_of"]

logger = logging.getLogger(__name__)

_ALL = 800
_BY_WORDS, _BY_VECTOR, _BY_DAY, _SAMPLE = 60, 40, 40, 40
_LONG_PASSAGE = 600
_CHARS_A_TOKEN, _TOKENS_A_TURN = 4, 20
_MOSTLY = 0.5
"""The share of long turns around a passage from which on the weights for long ones count alone."""

Turns = NDArray[np.int64]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranked:
    """
    Passages, best first: their turns, which passage of its turn each is, their scores, and what each part added.

    `chars` are their sizes, `worth` the budgets from which on each is worth its tokens, and `confidence` is the
    probability that memory holds an answer.
    """

    turns: Turns
    ordinals: Turns
    chars: Turns
    scores: Scores
    parts: Mapping[str, Scores]
    worth: Scores
    confidence: float

    def why(self, place: int) -> dict[str, float]:
        """Return the parts of the passage at *place*, zeros left out."""
        return {name: float(part[place]) for name, part in self.parts.items() if abs(part[place]) > 5e-4}


@dataclass(frozen=True, slots=True)
class Signals:
    """
    The signals of passages by name, the share of long turns around each, and how likely there is an answer.

    `units` are the passages' own vectors, where the reader knows them.
    """

    passages: Passages
    values: Mapping[str, Scores]
    share: Scores
    confidence: float
    units: Vectors | None = None


def weights_of(embedder: Embedder) -> Weights:
    """Return the weights that were fitted for what *embedder* offers."""
    return load_weights("model" if isinstance(embedder, TurnEncoder) else "table")


class Ranker:
    """Ranks with one embedder; keeps only caches."""

    def __init__(self, embedder: Embedder, weights: Weights | None = None) -> None:
        self._reader = reader_of(embedder)
        self._weights = weights or weights_of(embedder)

    @property
    def slow(self) -> bool:
        """Whether `prepare` is worth calling."""
        return self._reader.slow

    def prepare(self, question: Question, tail: Sequence[Page]) -> None:
        """
        Embed a question and short-term memory (oldest first) beforehand, without the store's lock.

        Raises:
            EmbedderError: Then `rank` does without vectors.
        """
        self._reader.prepare(question, tail)

    def rank(
        self, view: View, question: Question, allowed: NDArray[np.bool_], budget: int = USUAL_BUDGET, project: str = ""
    ) -> Ranked:
        """
        Return the candidates among *allowed*, best first.

        Args:
            view: The memory.
            question: What is asked.
            allowed: Which pages may be returned (the live ones, the archived ones on request, within the dates).
            budget: Tokens that may be shown: a large memory yields as many candidates as may fit.
            project: The label whose turns are preferred, "" for none.
        """
        signals = self.signals(view, question, allowed, budget, project)
        scores, parts = add_up(signals.values, signals.share, self._weights)
        order, passages = np.argsort(-scores, kind="stable"), signals.passages
        turns, falling = passages.turns[passages.rows], scores[order]
        if signals.units is not None:
            order, falling = with_help(order, scores, turns, signals.share, signals.units)
        shown = {name: part[order] for name, part in parts.items()}
        shown["like"] = falling - scores[order]
        tokens = (passages.chars[order] / _CHARS_A_TOKEN).astype(np.float32)
        worth = budgets_worth(falling, signals.share[order], tokens, signals.confidence)
        sizes = passages.ordinals[order], passages.chars[order]
        return Ranked(turns[order], *sizes, falling, shown, worth, signals.confidence)

    def signals(
        self, view: View, question: Question, allowed: NDArray[np.bool_], budget: int = USUAL_BUDGET, project: str = ""
    ) -> Signals:
        """Return what `rank` adds up, with the same arguments."""
        columns, asked = view.columns, read_words(view, question.bare)
        mine = np.repeat(allowed, 2)
        words = word_scores(view, asked, np.repeat(columns.states > 0, 2))
        everywhere = FoundWords.of(columns, asked)
        turns = self._candidates(view, question, words, everywhere, mine, max(budget, USUAL_BUDGET) // _TOKENS_A_TURN)
        passages = passages_of(columns, turns)
        found = everywhere.of_passages(columns, passages)
        rows = passages.rows
        values = {
            "context_words": (words[turns] / max(asked.most(int(mine.sum())), 1e-6))[rows],
            "own_words": found.own,
            "pairs": found.pairs,
            "passage_words": found.bm25,
            "near_words": found.near,
            **_sizes(question, passages),
            **{name: each[rows] for name, each in _forms(view, question, turns).items()},
        }
        if (of_project := project_scores(view, project, turns)) is not None:
            values["project"] = of_project[rows]
        meaning = self._meaning(view, question, passages)
        if meaning is not None:
            values |= {"context_vector": meaning.context[rows], "passage_vector": meaning.passage}
            if meaning.late is not None:
                values["late"] = meaning.late[rows]
        share = np.minimum(1, long_share(columns, turns) / _MOSTLY)[rows]
        sure = confidence(
            question,
            values,
            len(asked.forms),
            tokens=float(passages.chars.sum()) / _CHARS_A_TOKEN,
            measured=isinstance(self._reader, PieceReader),
        )
        return Signals(passages, values, share, sure, None if meaning is None else meaning.units)

    def _candidates(
        self,
        view: View,
        question: Question,
        words: Scores,
        everywhere: FoundWords,
        mine: NDArray[np.bool_],
        wanted: int,
    ) -> Turns:
        possible = np.flatnonzero(mine)
        if len(possible) <= max(_ALL, wanted):
            return possible
        found_by_words = np.flatnonzero((words > 0) & mine)
        best = found_by_words[_largest(words[found_by_words], max(_BY_WORDS, wanted))]
        pages = near_pages(view.columns, question.dates, _BY_DAY)
        found = (
            possible[:: max(1, len(possible) // _SAMPLE)],
            best,
            everywhere.best_turns(view.columns, max(_BY_WORDS, wanted)),
            self._near(view, question, max(_BY_VECTOR, wanted // 2)),
            2 * pages,
            2 * pages + 1,
            np.arange(2 * view.indexed, view.columns.turns),
        )
        turns = np.unique(np.concatenate(found))
        return turns[mine[turns]]

    def _near(self, view: View, question: Question, count: int) -> Turns:
        try:
            found = view.nearest(self._reader.question(view, question), count)
        except EmbedderError as exc:
            logger.warning("no candidates by vector: %s", exc)
            return np.zeros(0, np.int64)
        return np.array([turn for turn, _ in found], np.int64)

    def _meaning(self, view: View, question: Question, passages: Passages) -> Meaning | None:
        """Return the signals of meaning; an embedder that is out of reach costs these signals, not the reply."""
        try:
            return self._reader.read(view, question, passages) if len(passages.turns) else None
        except EmbedderError as exc:
            logger.warning("ranking without vectors: %s", exc)
            return None


def _largest(values: Scores, count: int) -> NDArray[np.int64]:
    """Return where the *count* largest of *values* are, in no order."""
    return np.arange(len(values)) if len(values) <= count else np.argpartition(-values, count)[:count]


def _forms(view: View, question: Question, turns: Turns) -> dict[str, Scores]:
    """Return the signals of *turns* that are neither words nor vectors."""
    columns = view.columns
    flags = columns.flags[turns]
    timed = (flags >> 1 & 1).astype(np.float32)
    side = (turns % 2).astype(np.float32)
    before = columns.sessions[np.maximum(turns // 2 - 1, 0)]
    first = (side == 0) & ((turns < 2) | (columns.sessions[turns // 2] != before))
    mine = {"assistant": side, "user": 1 - side}
    return {
        "person": mine.get(question.person or "", np.full(len(turns), 0.5, np.float32)),
        "date": day_scores(columns, question.dates, turns),
        "asks": (flags & 1).astype(np.float32),
        "timed": timed,
        "first": first.astype(np.float32),
        "when": timed * question.when,
    }


def _sizes(question: Question, passages: Passages) -> dict[str, Scores]:
    """Return what long passages are docked by: nothing when the question is about an answer, which are long."""
    if question.person == "assistant":
        return {}
    length = np.minimum(passages.chars, _LONG_PASSAGE) / _LONG_PASSAGE
    return {"length": length.astype(np.float32), "size": (np.log(passages.chars + 20) - 5).astype(np.float32)}
