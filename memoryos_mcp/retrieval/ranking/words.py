"""
BM25 over turns with context: a turn is found by its own words, its session's date and, weaker, its neighbours' words.

Counts of the four turns before and after add .4, .3, .2, .1 of theirs; the inverse document frequency comes from the
turns' own words. Exact over all turns: what is read are the postings of the question's terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ...storage.index import View
from ...storage.index.lexical import Columns, Postings
from ...text.terms import query_terms, stem

__all__ = ["NEIGHBOURS", "AskedWords", "idf", "read_words", "word_scores"]

Scores = NDArray[np.float32]
NEIGHBOURS = ((1, 0.4), (2, 0.3), (3, 0.2), (4, 0.1))
_K1, _B = 1.2, 0.5
_FEW = 0.08
_REACH = max(distance for distance, _ in NEIGHBOURS)
_EPOCH = date(1970, 1, 1).toordinal()
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH_OF = {form: number + 1 for number, name in enumerate(_MONTHS) for form in (name, *stem([name], "english"))}


@dataclass(frozen=True, slots=True)
class AskedWords:
    """The words of a question, each in its possible forms, and where each stands: turns and positions, in order."""

    forms: Sequence[tuple[str, ...]]
    places: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]

    def most(self, total: int) -> float:
        """Return what a turn of *total* would score that had every word countless times."""
        return sum(float(idf(len(np.unique(where)), total)) for where, _ in self.places) * (_K1 + 1)


def read_words(view: View, text: str) -> AskedWords:
    """Read where the words of *text* (names taken out) stand."""
    wanted = query_terms(text, view.languages)
    found = view.postings({form for forms in wanted for form in forms})
    return AskedWords(wanted, [_merged([found[form] for form in forms if form in found]) for forms in wanted])


def _merged(found: Sequence[Postings]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if len(found) == 1:
        return found[0].where, found[0].positions
    where = np.concatenate([np.zeros(0, np.int64), *(each.where for each in found)])
    positions = np.concatenate([np.zeros(0, np.int64), *(each.positions for each in found)])
    order = np.lexsort((positions, where))
    return where[order], positions[order]


def word_scores(view: View, asked: AskedWords, live: NDArray[np.bool_]) -> Scores:
    """Return the score of every turn for the words of a question; *live* says which turns exist."""
    columns, total = view.columns, int(live.sum())
    scores = np.zeros(columns.turns, np.float32)
    if not total or not (any(len(where) for where, _ in asked.places) or any(map(_is_date, asked.forms))):
        return scores
    sessions = columns.turn_sessions()
    lengths = _lengths(view, sessions)
    norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.sum()) / total, 1e-6))
    for forms, (where, _) in zip(asked.forms, asked.places, strict=True):
        own = np.bincount(where, minlength=columns.turns).astype(np.float32)
        if _is_date(forms):
            own += _dated(columns, forms) & live
        having = np.flatnonzero(own > 0)
        counts = _spread_few(own, having, sessions) if len(having) < _FEW * len(own) else _spread(own, sessions)
        at = np.flatnonzero(counts > 0)
        weight = float(idf(len(having), total))
        scores[at] += weight * counts[at] * (_K1 + 1) / (counts[at] + norm[at])
    scores[~live] = 0
    return scores


def idf(matches: float | NDArray[np.float64], total: int) -> NDArray[np.float64]:
    """Return the inverse document frequency of what *matches* of *total* turns have; positive, as Lucene's."""
    had = np.minimum(matches, total)
    return np.asarray(np.log(1 + (total - had + 0.5) / (had + 0.5)), np.float64)


def _lengths(view: View, sessions: NDArray[np.int32]) -> Scores:
    """Return the lengths of turns with their neighbours'; those of the indexed turns are kept until these change."""
    lengths, indexed = np.asarray(view.columns.lengths, np.float32), 2 * view.indexed
    kept = view.memo.get("lengths")
    if kept is None:
        kept = view.memo["lengths"] = _spread(lengths[:indexed], sessions[:indexed])
    first = max(0, indexed - _REACH)
    start = max(0, first - _REACH)
    return np.concatenate([kept[:first], _spread(lengths[start:], sessions[start:])[first - start :]])


def _spread(own: Scores, sessions: NDArray[np.int32]) -> Scores:
    """Return *own* with its neighbours' weighted values, within sessions."""
    mixed = own.copy()
    for distance, weight in NEIGHBOURS:
        same = sessions[distance:] == sessions[:-distance]
        mixed[distance:] += weight * own[:-distance] * same
        mixed[:-distance] += weight * own[distance:] * same
    return mixed


def _spread_few(own: Scores, having: NDArray[np.int64], sessions: NDArray[np.int32]) -> Scores:
    """Return what `_spread` does, for few turns that have anything."""
    mixed = own.copy()
    for distance, weight in NEIGHBOURS:
        for step in (-distance, distance):
            beside = having + step
            inside = (beside >= 0) & (beside < len(own))
            beside, source = beside[inside], having[inside]
            same = sessions[beside] == sessions[source]
            mixed[beside[same]] += weight * own[source[same]]
    return mixed


def _is_date(forms: Sequence[str]) -> bool:
    return any(form in _MONTH_OF or (form.isdigit() and _is_day_or_year(int(form))) for form in forms)


def _is_day_or_year(value: int) -> bool:
    return 1 <= value <= 31 or 1900 <= value <= 2100


def _dated(columns: Columns, forms: Sequence[str]) -> NDArray[np.bool_]:
    """Return for every turn whether its day has the month, day or year that *forms* name."""
    days = (columns.days.astype(np.int64) - _EPOCH).astype("datetime64[D]")
    months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
    has = np.zeros(len(days), bool)
    for form in forms:
        if form in _MONTH_OF:
            has |= months.astype(np.int64) % 12 == _MONTH_OF[form] - 1
        elif form.isdigit():
            has |= (days - months).astype(np.int64) == int(form) - 1
            has |= years.astype(np.int64) == int(form) - 1970
    return np.repeat(has, 2)
