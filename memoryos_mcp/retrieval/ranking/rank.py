"""
Ranking the turns of one memory for one question.

All turns of a small memory are candidates; of a large one the best by words and by vectors, those of the days in
question, short-term memory, and a thin even sample of the rest, which tells what an ordinary turn scores.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...domain.errors import EmbedderError
from ...domain.protocols import Embedder, Vectors
from ...domain.records import Page
from ...storage.index import TurnEncoder, View
from .days import day_scores, near_pages
from .graph import like_means
from .meaning import reader_of
from .projects import project_scores
from .question import Question
from .score import MODEL_WEIGHTS, WEIGHTS, Signals, Weights, add_up
from .words import word_scores

__all__ = ["Ranked", "Ranker", "weights_of"]

logger = logging.getLogger(__name__)

_ALL = 800
_BY_WORDS, _BY_VECTOR, _BY_DAY, _SAMPLE = 60, 40, 40, 40
_SURE, _HELPED = 10, 200

Turns = NDArray[np.int64]
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Turns, best first, their scores, and what each part added."""

    turns: Turns
    scores: Scores
    parts: Mapping[str, Scores]

    def why(self, place: int) -> dict[str, float]:
        """Return the parts of the turn at *place*, zeros left out."""
        return {name: float(part[place]) for name, part in self.parts.items() if abs(part[place]) > 5e-4}


def weights_of(embedder: Embedder) -> Weights:
    """Return the weights that were fitted for what *embedder* offers."""
    return MODEL_WEIGHTS if isinstance(embedder, TurnEncoder) else WEIGHTS


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
        self, view: View, question: Question, allowed: NDArray[np.bool_], wanted: int = _BY_WORDS, project: str = ""
    ) -> Ranked:
        """
        Return the candidates among *allowed*, best first.

        Args:
            view: The memory.
            question: What is asked.
            allowed: Which pages may be returned (the live ones, the archived ones on request, within the dates).
            wanted: How many turns may be shown: a large memory yields at least so many candidates.
            project: The label whose turns are preferred, "" for none.
        """
        live = np.repeat(view.columns.states > 0, 2)
        mine = np.repeat(allowed, 2)
        words = word_scores(view, question.bare, live)
        turns = self._candidates(view, question, np.where(mine, words, -1.0), mine, wanted)
        if not len(turns):
            return Ranked(turns, np.zeros(0, np.float32), {})
        vector, late, units = self._meaning(view, question, turns)
        signals = replace(
            _signals(view, question, words, vector, late, turns), project=project_scores(view, project, turns)
        )
        scores, parts = add_up(signals, self._weights)
        return _ordered(turns, scores, dict(parts), units, self._weights.graph)

    def _candidates(self, view: View, question: Question, words: Scores, mine: NDArray[np.bool_], wanted: int) -> Turns:
        possible = np.flatnonzero(mine)
        if len(possible) <= max(_ALL, wanted):
            return possible
        found_by_words = np.flatnonzero(words > 0)
        best = found_by_words[_largest(words[found_by_words], max(_BY_WORDS, wanted))]
        pages = near_pages(view.columns, question.dates, _BY_DAY)
        found = (
            possible[:: max(1, len(possible) // _SAMPLE)],
            best,
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

    def _meaning(
        self, view: View, question: Question, turns: Turns
    ) -> tuple[Scores | None, Scores | None, Vectors | None]:
        """Return the signals of meaning; an embedder that is out of reach costs these signals, not the reply."""
        try:
            return self._reader.read(view, question, turns)
        except EmbedderError as exc:
            logger.warning("ranking without vectors: %s", exc)
            return None, None, None


def _largest(values: Scores, count: int) -> NDArray[np.int64]:
    """Return where the *count* largest of *values* are, in no order."""
    return np.arange(len(values)) if len(values) <= count else np.argpartition(-values, count)[:count]


def _signals(
    view: View, question: Question, words: Scores, vector: Scores | None, late: Scores | None, turns: Turns
) -> Signals:
    columns = view.columns
    flags = columns.flags[turns]
    timed = (flags >> 1 & 1).astype(np.float32)
    side = (turns % 2).astype(np.float32)
    sessions = columns.sessions[turns // 2]
    before = columns.sessions[np.maximum(turns // 2 - 1, 0)]
    first = (side == 0) & ((turns < 2) | (sessions != before))
    person = (
        np.full(len(turns), 0.5, np.float32)
        if question.person is None
        else (side if question.person == "assistant" else 1 - side)
    )
    return Signals(
        words=words[turns],
        vector=vector,
        late=late,
        person=person,
        date=day_scores(columns, question.dates, turns),
        asks=(flags & 1).astype(np.float32),
        timed=timed,
        first=first.astype(np.float32),
        when=timed * question.when,
    )


def _ordered(turns: Turns, scores: Scores, parts: dict[str, Scores], units: Vectors | None, share: float) -> Ranked:
    """
    Return the first ten by score, then the rest by score and what the turns like them lend.

    The score shown is what the parts add up to: what is lent lifts none above the tenth.
    """
    order = np.argsort(-scores, kind="stable")
    gains = np.zeros_like(scores)
    if units is not None and share and len(order) > _SURE:
        rows = order[_SURE:_HELPED]
        lent = share * like_means(scores, units, turns, rows)
        rows, lent = _by(-(scores[rows] + lent), rows, lent)
        gains[rows] = np.minimum(lent, scores[order[_SURE - 1]] - scores[rows])
        order = np.concatenate([order[:_SURE], rows, order[_HELPED:]])
    parts["like"] = gains
    return Ranked(turns[order], (scores + gains)[order], {name: part[order] for name, part in parts.items()})


def _by(keys: Scores, rows: Turns, values: Scores) -> tuple[Turns, Scores]:
    order = np.argsort(keys, kind="stable")
    return rows[order], values[order]
