"""After the first ten, passages move up by those most like them elsewhere in memory."""

import numpy as np

from memoryos_mcp.retrieval.ranking.alike import with_help

BEST, OTHER, LIKE_BEST = range(10), 10, 11
"""Passages by rank: ten of the best score, one that is like the worst ones, one that is like the best, then 28 bad."""


def order_of(best_turns: list[int], *, share: float = 0.0) -> tuple[list[int], list[float]]:
    """Rank passages, the best standing in *best_turns* and all others far from them and from one another."""
    scores = np.array([2.0] * 10 + [1.0, 0.9] + [0.1] * 28, np.float32)
    units = np.tile(np.array([0, 1], np.float32), (40, 1))
    units[[*BEST, LIKE_BEST]] = [1, 0]
    turns = np.array([*best_turns, 500, 2, *range(1000, 3800, 100)])
    order, falling = with_help(np.arange(40), scores, turns, np.full(40, share, np.float32), units)
    return order.tolist(), falling.tolist()


def test_a_passage_like_the_best_passes_one_that_is_not() -> None:
    """RETRIEVAL, neighbour graph after rank 10: what joins several sessions; the first ten stay."""
    order, falling = order_of(list(range(100, 200, 10)))

    assert order[:12] == [*BEST, LIKE_BEST, OTHER]
    assert sorted(order) == list(range(40))
    assert falling == sorted(falling, reverse=True)


def test_what_stands_in_the_same_talk_lends_nothing() -> None:
    """Ours: passages within four turns are like one another anyway."""
    assert order_of([0] * 10)[0][:12] == [*BEST, OTHER, LIKE_BEST]


def test_among_long_turns_it_counts_little() -> None:
    """Ours: 0.1 of the mean does not make up for what a passage is behind."""
    assert order_of([0, 0, *range(100, 180, 10)], share=1.0)[0][:12] == [*BEST, LIKE_BEST, OTHER]
    assert order_of([0] * 9 + [100], share=1.0)[0][:12] == [*BEST, OTHER, LIKE_BEST]


def test_few_passages_stay_as_they_are() -> None:
    """Ours: the first ten are taken as they come."""
    few = np.arange(3)
    order, _ = with_help(few, np.ones(3, np.float32), 10 * few, np.zeros(3, np.float32), np.ones((3, 2), np.float32))

    assert order.tolist() == [0, 1, 2]
