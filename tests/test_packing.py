"""Filling a budget with turns."""

from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.retrieval.packing import Candidate, pack


def heading(day: int) -> float:
    """Every day's heading costs 4."""
    return 4


def test_turns_are_taken_in_order_while_they_fit() -> None:
    """Ours: greedy; score per token was measured and was no better."""
    turns = [Candidate(0, 1, 10, 1), Candidate(2, 1, 10, 1), Candidate(4, 1, 10, 1)]

    assert [turn.turn for turn in pack(turns, 26, heading)] == [0, 2]


def test_what_does_not_fit_is_skipped_for_what_does() -> None:
    """Ours: a long turn does not end the filling."""
    turns = [Candidate(0, 1, 10, 1), Candidate(2, 1, 50, 1), Candidate(4, 1, 5, 1)]

    assert [turn.turn for turn in pack(turns, 21, heading)] == [0, 4]


def test_a_heading_and_an_id_are_paid_for_once() -> None:
    """Ours: the second turn of a page and of a day costs its line alone."""
    turns = [Candidate(0, 1, 10, 2), Candidate(1, 1, 10, 2)]

    assert len(pack(turns, 26, heading)) == 2
    assert len(pack(turns, 25, heading)) == 1


def test_nothing_fits_nothing() -> None:
    """Ours."""
    assert pack([], 100, heading) == []
    assert pack([Candidate(0, 1, 10, 1)], 5, heading) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(1, 50), st.floats(0, 3)), max_size=30), st.floats(0, 300))
def test_the_budget_holds(rows: list[tuple[int, float, float]], budget: float) -> None:
    """Ours: whatever the costs, lines, ids and headings together stay within the budget."""
    turns = [Candidate(at, day, cost, id_cost) for at, (day, cost, id_cost) in enumerate(rows)]
    chosen = pack(turns, budget, heading)
    ids = {turn.page: turn.id_cost for turn in reversed(chosen)}

    spent = sum(turn.cost for turn in chosen) + 4 * len({turn.day for turn in chosen})
    assert spent + sum(min(t.id_cost for t in chosen if t.page == page) for page in ids) <= budget + 1e-6
