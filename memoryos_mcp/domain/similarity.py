"""
Page-to-segment similarity: equation 3 of the MemoryOS paper (arXiv 2506.06326, section 3.2).

Pure functions over vectors and keyword sets; no store, no embedder.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["f_scores", "jaccard", "unit"]

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]


def unit(vector: Vector) -> Vector:
    """Return *vector* scaled to length 1; a zero vector stays zero."""
    norm = float(np.linalg.norm(vector))
    return vector / np.float32(norm) if norm > 0 else vector


def jaccard(left: Collection[str], right: Collection[str]) -> float:
    """Return |A and B| / |A or B| of two keyword sets, in [0, 1]; 0 when both are empty."""
    first, second = set(left), set(right)
    union = first | second
    return len(first & second) / len(union) if union else 0.0


def f_scores(
    page: Vector, page_keywords: Collection[str], segments: Vectors, segment_keywords: Sequence[Collection[str]]
) -> Vector:
    """
    Return F_score = cos(e_s, e_p) + Jaccard(K_s, K_p) (equation 3) of a page with each segment, in [-1, 2].

    Args:
        page: The page's vector, of length 1, or 0 when it has none.
        page_keywords: Its keywords.
        segments: The segments' vectors as rows, likewise of length 1 or 0.
        segment_keywords: The keywords of each.
    """
    overlap = [jaccard(page_keywords, keywords) for keywords in segment_keywords]
    return segments @ page + np.asarray(overlap, dtype=np.float32)
