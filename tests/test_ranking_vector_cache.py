"""The cache of vectors: bounded, and what it gives back is what was put in."""

import numpy as np

from memoryos_mcp.retrieval.ranking.vector_cache import VectorCache


def test_what_was_put_in_first_leaves_first() -> None:
    """Ours: the capacity holds, and a row never answers for another key."""
    cache = VectorCache(3)
    cache.put(["a", "b"], np.array([[1, 0], [2, 0]], np.float32))
    cache.put(["c", "d"], np.array([[3, 0], [4, 0]], np.float32))
    rows, missing = cache.rows(["d", "a", "b", "c"])

    assert missing.tolist() == [1]
    assert rows[[0, 2, 3], 0].tolist() == [4, 2, 3]


def test_more_than_the_capacity_keeps_the_last() -> None:
    """Ours: one question may look at more turns than are kept."""
    cache = VectorCache(2)
    assert cache.rows(["a"])[1].tolist() == [0]
    cache.put(["a", "b", "c", "d", "e"], np.arange(10, dtype=np.float32).reshape(5, 2))
    rows, missing = cache.rows(["a", "d", "e"])

    assert missing.tolist() == [0]
    assert rows[1:].tolist() == [[6, 7], [8, 9]]
