"""Meaning: what every reader of vectors returns for a question."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors

__all__ = ["Meaning"]

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meaning:
    """
    By turn the cosine in context and late interaction (None without word pieces); by passage its own cosine.

    Its own is its turn's where the reader knows no vectors of passages; `units` are these, None without them.
    """

    context: Scores
    late: Scores | None
    passage: Scores
    units: Vectors | None = None
