"""
Ranking: which turns answer a question, and why.

Signals of words, vectors, single word pieces, persons and dates are computed for a few hundred candidates and added
up with fixed weights. Segments play no part: as a gate they cost ten points of recall. Nothing here reads the store
but through a `View`, and nothing decides what fits a budget.
"""

from .gate import USUAL_BUDGET, is_silent
from .knowledge import Knowledge, asks_for_profile
from .question import Question, ask
from .rank import Ranked, Ranker, weights_of
from .score import PARTS, Weights

__all__ = [
    "PARTS",
    "USUAL_BUDGET",
    "Knowledge",
    "Question",
    "Ranked",
    "Ranker",
    "Weights",
    "ask",
    "asks_for_profile",
    "is_silent",
    "weights_of",
]
