"""
`bench fit`: weights for the signals of ranking, from questions with evidence.

What is made small is the share of evidence that ranks behind what fills 500, 1,000 and 2,000 tokens, smoothly: a
sigmoid of the distance to the passages at that place. Weights are drawn to those in force, so that few questions change
little. Two sets, for short turns and for long ones, are fitted at once; cross-validation is by conversation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...retrieval.ranking import Weights
from ...retrieval.ranking.score import SIGNALS, load_weights
from .dialogue import Dialogue
from .dialogues import read_dialogues
from .fit_cases import Case, cases_of, mix_conversations

__all__ = ["Fit", "fit_weights", "render", "run", "within"]

Vector = NDArray[np.float64]
BUDGETS = (500, 1000, 2000)
_HEAD_TOKENS, _LOOKED_AT, _AROUND = 60, 250, 2
_STEPS, _RATE, _PULL, _WIDTH = 60, 0.1, 0.05, 0.5
_FOLDS = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """Fitted weights, and the share of evidence within each budget: before, and after by cross-validation."""

    weights: Weights
    cases: int
    before: tuple[float, ...]
    after: tuple[float, ...]


def run(files: Sequence[Path], *, mix: bool = True, step: Callable[[], None] = lambda: None) -> Fit:
    """Fit weights to the conversations of *files*; with *mix* also to memories of one conversation of each file."""
    told = [read_dialogues(file) for file in files]
    dialogues = [dialogue for each in told for dialogue in each]
    if mix and len(told) > 1:
        dialogues += _mixtures(told[0], told[1])
    cases = [case for dialogue in dialogues for case in cases_of(dialogue, step)]
    start = load_weights("table")
    groups = sorted({case.conversation for case in cases})
    held: list[tuple[float, ...]] = []
    for fold in range(min(_FOLDS, len(groups))):
        outside = set(groups[fold::_FOLDS])
        weights = fit_weights([case for case in cases if case.conversation not in outside], start)
        held += [within(case, weights) for case in cases if case.conversation in outside]
    before = [within(case, start) for case in cases]
    return Fit(fit_weights(cases, start), len(cases), _means(before), _means(held))


def fit_weights(cases: Sequence[Case], start: Weights) -> Weights:
    """Return weights fitted to *cases*, every conversation counting alike."""
    matrices = [_both(case) for case in cases]
    scale = np.concatenate(matrices).std(axis=0) + 1e-6
    matrices = [(matrix / scale).astype(np.float32) for matrix in matrices]
    sizes = {name: sum(case.conversation == name for case in cases) for name in {case.conversation for case in cases}}
    prior = _vector(start) * scale
    vector, mean, square = prior.copy(), np.zeros_like(prior), np.zeros_like(prior)
    for number in range(1, _STEPS + 1):
        slope = _PULL * (vector - prior)
        for case, matrix in zip(cases, matrices, strict=True):
            slope += _slope(case, matrix, vector) / sizes[case.conversation] / len(sizes)
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope * slope
        vector -= _RATE * mean / (1 - 0.9**number) / (np.sqrt(square / (1 - 0.99**number)) + 1e-8)
    return _weights(vector / scale)


def within(case: Case, weights: Weights) -> tuple[float, ...]:
    """Return the share of a case's evidence among the best passages that fit each budget."""
    order = np.argsort(-(_both(case) @ _vector(weights)), kind="stable")
    spent = np.empty(len(order))
    spent[order] = np.cumsum(case.tokens[order])
    return tuple(
        float(np.mean([spent[each].min() <= budget - _HEAD_TOKENS for each in case.evidence])) for budget in BUDGETS
    )


def render(fit: Fit) -> str:
    """Return the figures and the weights as the data file has them."""
    rows = [f"table\t{name}\t{fit.weights.short[name]:.3f}\t{fit.weights.long[name]:.3f}" for name in SIGNALS]
    figures = [
        f"{name:9}" + "".join(f"  b{budget} {100 * share:5.1f}" for budget, share in zip(BUDGETS, shares, strict=True))
        for name, shares in (("in force", fit.before), ("held out", fit.after))
    ]
    return "\n".join([f"{fit.cases} questions; evidence among the best passages:", *figures, "", *rows])


def _mixtures(some: Sequence[Dialogue], others: Sequence[Dialogue]) -> list[Dialogue]:
    pairs = list(zip(some, others, strict=False))
    return [each for one, other in pairs for each in (mix_conversations(one, other), mix_conversations(other, one))]


def _slope(case: Case, matrix: NDArray[np.float32], vector: Vector) -> Vector:
    """Return how the loss of a case changes with the weights."""
    scores = matrix @ vector.astype(np.float32)
    best = np.argsort(-scores, kind="stable")[:_LOOKED_AT]
    spent = np.cumsum(case.tokens[best])
    slope = np.zeros_like(vector)
    for budget in BUDGETS:
        last = min(int(np.searchsorted(spent, budget - _HEAD_TOKENS)), len(best) - 1)
        bar = best[max(0, last - _AROUND) : last + _AROUND + 1]
        for holding in case.evidence:
            own = holding[np.argmax(scores[holding])]
            behind = 1 / (1 + np.exp(-np.clip((scores[bar].mean() - scores[own]) / _WIDTH, -30, 30)))
            slope += behind * (1 - behind) / _WIDTH * (matrix[bar].mean(axis=0) - matrix[own]) / len(case.evidence)
    return slope


def _both(case: Case) -> NDArray[np.float32]:
    """Return the signals twice: as far as the weights of short turns count, and those of long ones."""
    share = case.share[:, None]
    return np.concatenate([case.signals * (1 - share), case.signals * share], axis=1)


def _vector(weights: Weights) -> Vector:
    return np.array([side.get(name, 0.0) for side in (weights.short, weights.long) for name in SIGNALS])


def _weights(vector: Vector) -> Weights:
    short, long = np.split(vector, 2)
    return Weights(
        dict(zip(SIGNALS, short.tolist(), strict=True)),
        dict(zip(SIGNALS, long.tolist(), strict=True)),
    )


def _means(shares: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    return tuple(float(each) for each in np.mean(np.array(shares), axis=0)) if shares else (0.0,) * len(BUDGETS)
