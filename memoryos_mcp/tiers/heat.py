"""
Segment heat: how strongly a mid-term segment claims a place in long-term memory.

Equation 4 of the MemoryOS paper (arXiv 2506.06326, section 3.3) as a pure function: no clock, no
store, no settings file. Callers pass the idle time, so tests never sleep.

Where we part from the paper: nothing here. Where the authors' code does: it decays over 24 hours,
the paper over 1e7 seconds (about 116 days).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..domain.records import Segment

__all__ = ["PAPER_WEIGHTS", "HeatWeights", "heat_of", "segment_heat"]


@dataclass(frozen=True, slots=True)
class HeatWeights:
    """Coefficients alpha, beta, gamma and the decay time mu of equation 4. The defaults are the paper's."""

    visits: float = 1.0
    interactions: float = 1.0
    recency: float = 1.0
    decay: timedelta = timedelta(seconds=1e7)

    def __post_init__(self) -> None:
        if self.decay <= timedelta(0):
            raise ValueError(f"decay must be positive, got {self.decay}")


PAPER_WEIGHTS = HeatWeights()


def segment_heat(*, visits: int, interactions: int, idle: timedelta, weights: HeatWeights = PAPER_WEIGHTS) -> float:
    """
    Return the heat of one segment: no unit, never negative, no upper bound.

    Args:
        visits: N_visit, times the segment has been retrieved.
        interactions: L_interaction, pages added to it since its last promotion.
        idle: Time since it was last retrieved or written to.
        weights: Coefficients; the paper's unless an experiment says otherwise.

    Raises:
        ValueError: *idle* is negative, so the stored time lies in the future.
    """
    if idle < timedelta(0):
        raise ValueError(f"idle must not be negative, got {idle}")
    recency = math.exp(-(idle / weights.decay))
    return weights.visits * visits + weights.interactions * interactions + weights.recency * recency


def heat_of(segment: Segment, now: datetime) -> float:
    """Return *segment*'s heat at *now*; a clock that went backwards counts as no idle time."""
    idle = max(now - segment.last_visit, timedelta(0))
    return segment_heat(visits=segment.visits, interactions=segment.interactions, idle=idle)
