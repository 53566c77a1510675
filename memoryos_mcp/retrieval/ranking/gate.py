"""
The gate: how likely it is that memory holds an answer, and which passages are worth their tokens.

The first is a calibrated probability from the best of each signal, as it is before anything is stretched; the second
falls with the distance to the best passage and with the rank. What is worth showing within one budget is within any
larger one.
"""

import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from .question import Question

__all__ = ["USUAL_BUDGET", "budgets_worth", "confidence", "is_silent"]

Scores = NDArray[np.float32]
_JUDGED = 60
"""Passages beyond this rank are not worth showing within the usual budget."""
USUAL_BUDGET, _GENEROSITY = 1500, 4
_LEAST_TOKENS = 5
_FEW_TOKENS, _EVEN = 500, 0.5


@cache
def _constants() -> Mapping[str, Mapping[str, float]]:
    lines = files(__package__).joinpath("stopping.tsv").read_text("utf-8").splitlines()
    found: dict[str, dict[str, float]] = {}
    for group, name, value in (line.split("\t") for line in lines if line and not line.startswith("#")):
        found.setdefault(group, {})[name] = float(value)
    return found


def confidence(
    question: Question, signals: Mapping[str, Scores], terms: int, *, tokens: float = math.inf, measured: bool
) -> float:
    """
    Return the probability that memory holds an answer.

    Args:
        question: One that names a person of the conversation or a day, or goes on from what was said, is let through.
        signals: Of every passage looked at.
        terms: How many words the question has to look for.
        tokens: Of all those passages: a question about somebody is let through where they cost little.
        measured: Whether the vectors are those that the gate was fitted to.
    """
    if question.named or question.dates or question.recent:
        return 1.0
    weights = _constants()["gate" if measured and "context_vector" in signals else "words"]
    values = {name: float(each.max()) for name, each in signals.items() if len(each)}
    values |= {"terms": math.log(1 + terms), "few": float(terms <= 1), "constant": 1.0}
    values["person"] = float(question.person is not None)
    probability = 1 / (1 + math.exp(-sum(weight * values.get(name, 0.0) for name, weight in weights.items())))
    small = question.person is not None and tokens <= _FEW_TOKENS
    return max(probability, _EVEN) if small else probability


def is_silent(probability: float) -> bool:
    """Whether a question of this *probability* gets no pages."""
    return probability < _constants()["bounds"]["silent"]


def budgets_worth(
    scores: Scores, share: Scores, tokens: NDArray[np.float32], probability: float
) -> NDArray[np.float32]:
    """
    Return for each passage the least budget in which it is worth its tokens, the usual one or more.

    Who allows more than the usual budget wants more: passages may cost more then, and more of them are looked at.

    Args:
        scores: Of passages, falling.
        share: Of long turns around each.
        tokens: What each would take.
        probability: That memory holds an answer at all.
    """
    worth, bounds = _constants()["worth"], _constants()["bounds"]
    ranks = np.arange(len(scores))
    odds = worth["constant"] + worth["long"] * share + worth["rank"] * np.log1p(ranks)
    odds = odds + worth["gap"] * (scores - scores[:1])
    price = bounds["price_short"] + (bounds["price_long"] - bounds["price_short"]) * share
    value = np.maximum(min(1.0, probability / bounds["sure"]) / (1 + np.exp(-odds)), 1e-9)
    excess = np.maximum(price * np.sqrt(tokens + _LEAST_TOKENS) / value, (ranks + 1) / _JUDGED)
    return np.asarray(USUAL_BUDGET * np.maximum(1, excess) ** (1 / _GENEROSITY), np.float32)
