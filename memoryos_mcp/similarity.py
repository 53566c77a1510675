"""
Page-to-segment similarity: equation 3 of the MemoryOS paper (arXiv 2506.06326, section 3.2).

Pure functions over vectors and keyword sets; no store, no embedder.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

__all__ = ["cosine", "f_score", "jaccard", "unit"]

Vector = NDArray[np.float32]


def unit(vector: Vector) -> Vector:
    """Return *vector* scaled to length 1; a zero vector stays zero."""
    norm = float(np.linalg.norm(vector))
    return vector / np.float32(norm) if norm > 0 else vector


def cosine(left: Vector, right: Vector) -> float:
    """Return the cosine of two vectors of equal length, in [-1, 1]; 0 when either is zero."""
    norms = float(np.linalg.norm(left)) * float(np.linalg.norm(right))
    return float(left @ right) / norms if norms > 0 else 0.0


def jaccard(left: Collection[str], right: Collection[str]) -> float:
    """Return |A and B| / |A or B| of two keyword sets, in [0, 1]; 0 when both are empty."""
    first, second = set(left), set(right)
    union = first | second
    return len(first & second) / len(union) if union else 0.0


def f_score(page: Vector, page_keywords: Collection[str], segment: Vector, segment_keywords: Collection[str]) -> float:
    """Return F_score = cos(e_s, e_p) + Jaccard(K_s, K_p) (equation 3), in [-1, 2]."""
    return cosine(page, segment) + jaccard(page_keywords, segment_keywords)
