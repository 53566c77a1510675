"""
Adding the signals up: weights from a data file, fitted on conversations other than the ones we measure with.

Each signal is a column over the passages. There are two sets of weights, for short turns and for long ones; a passage
gets a mixture of both by the share of long turns around it. The parts are kept, so that a hit can say why it was found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["PARTS", "SIGNALS", "Weights", "add_up", "load_weights", "min_max", "stretch"]

Scores = NDArray[np.float32]
PARTS: Mapping[str, tuple[str, ...]] = {
    "words": ("context_words", "own_words", "pairs", "passage_words", "near_words"),
    "vector": ("context_vector", "passage_vector"),
    "late": ("late",),
    "person": ("person",),
    "date": ("date",),
    "form": ("asks", "timed", "first", "when"),
    "length": ("length", "size"),
    "project": ("project",),
}
"""The parts of a score that a hit shows, each with its signals."""
SIGNALS = tuple(signal for signals in PARTS.values() for signal in signals)
STRETCHED = frozenset(
    ["context_words", "passage_words", "near_words", "context_vector", "passage_vector", "late"],
)
"""Signals that are stretched to [0, 1] over the passages looked at: what they are worth differs by question."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal counts among short turns and among long ones."""

    short: Mapping[str, float]
    long: Mapping[str, float]

    def without(self, signals: Iterable[str]) -> "Weights":
        """Return these weights with some signals counting nothing."""
        nothing = dict.fromkeys(signals, 0.0)
        return replace(self, short={**self.short, **nothing}, long={**self.long, **nothing})


@cache
def load_weights(name: str) -> Weights:
    """Return a set of weights from the data file: "table" or "model"."""
    lines = files(__package__).joinpath("weights.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    short, long = ({row[1]: float(row[at]) for row in rows if row[0] == name} for at in (2, 3))
    return Weights(short, long)


def min_max(values: Scores) -> Scores:
    """Return *values* stretched to [0, 1]; all 0 when they are equal."""
    if not len(values):
        return values
    low, high = float(values.min()), float(values.max())
    return np.asarray((values - low) / (high - low), np.float32) if high > low else np.zeros_like(values)


def add_up(signals: Mapping[str, Scores], share: Scores, weights: Weights) -> tuple[Scores, dict[str, Scores]]:
    """
    Return the score of each passage and what each part adds to it.

    Args:
        signals: By name; what is not there (late interaction without word pieces, say) counts nothing.
        share: How much of the weights for long turns each passage gets, in [0, 1].
        weights: The two sets.
    """
    parts = {}
    for part, names in PARTS.items():
        held = [name for name in names if name in signals]
        if held:
            parts[part] = sum(stretch(name, signals) * _weight(name, share, weights) for name in held)
    return np.asarray(sum(parts.values()), np.float32), {name: np.asarray(part) for name, part in parts.items()}


def stretch(name: str, signals: Mapping[str, Scores]) -> Scores:
    """Return a signal as it is weighed: stretched to [0, 1] over the passages looked at, where that tells more."""
    return min_max(signals[name]) if name in STRETCHED else signals[name]


def _weight(name: str, share: Scores, weights: Weights) -> Scores:
    return weights.short.get(name, 0) * (1 - share) + weights.long.get(name, 0) * share
