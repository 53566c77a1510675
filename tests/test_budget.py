"""Filling a budget with passages."""

from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.retrieval.budget import Candidate, pack


def heading(day: int) -> float:
    """Every day's heading costs 4."""
    return 4


def line(turn: int, cost: float, *, place: int = 0, id_cost: float = 1, label: float = 2, day: int = 1) -> Candidate:
    """Return a candidate; its place is its turn unless told otherwise."""
    return Candidate(place or turn, turn, day, cost, label, id_cost)


def test_passages_are_taken_in_order_while_they_fit() -> None:
    """Ours: greedy; score per token was measured and was no better."""
    turns = [line(0, 10), line(2, 10), line(4, 10)]

    assert [turn.turn for turn in pack(turns, 30, heading)] == [0, 2]


def test_what_does_not_fit_is_skipped_for_what_does() -> None:
    """Ours: a long passage does not end the filling."""
    turns = [line(0, 10), line(2, 15), line(4, 3)]

    assert [turn.turn for turn in pack(turns, 23, heading)] == [0, 4]


def test_only_what_twice_the_budget_would_take_fills_the_rest() -> None:
    """Ours: a larger budget never finds less; the third is behind more than twice the budget."""
    turns = [line(0, 10), line(2, 50), line(4, 3)]

    assert [turn.turn for turn in pack(turns, 23, heading)] == [0]


def test_a_heading_an_id_and_a_label_are_paid_for_once() -> None:
    """Ours: the second turn of a page and of a day costs its line alone, the second passage of a turn its words."""
    turns = [line(0, 10, id_cost=2), line(1, 10, id_cost=2), line(0, 5, place=9)]

    assert len(pack(turns, 35, heading)) == 3
    assert len(pack(turns, 34, heading)) == 2
    assert len(pack(turns, 29, heading)) == 2


def test_three_passages_of_a_turn_are_enough() -> None:
    """Ours (measured): more of one answer leave no room for the others."""
    turns = [line(1, 5, place=at) for at in range(1, 6)]

    assert [turn.place for turn in pack(turns, 1000, heading)] == [1, 2, 3]


def test_nothing_fits_nothing() -> None:
    """Ours."""
    assert pack([], 100, heading) == []
    assert pack([line(0, 10)], 5, heading) == []


ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 5), st.floats(1, 50), st.floats(0, 3), st.floats(0, 3)), max_size=30
)


def candidates(rows: list[tuple[int, int, float, float, float]]) -> list[Candidate]:
    """Return rows as candidates; a page has one day and one cost of its id."""
    days = {turn // 2: day for turn, day, *_ in rows}
    ids = {turn // 2: id_cost for turn, _, _, _, id_cost in rows}
    return [
        Candidate(at, turn, days[turn // 2], cost, label, ids[turn // 2])
        for at, (turn, _, cost, label, _) in enumerate(rows)
    ]


@given(ROWS, st.floats(0, 300))
def test_the_budget_holds(rows: list[tuple[int, int, float, float, float]], budget: float) -> None:
    """Ours: whatever the costs, words, labels, ids and headings together stay within the budget."""
    chosen = pack(candidates(rows), budget, heading)
    spent = sum(each.cost for each in chosen) + 4 * len({each.day for each in chosen})
    spent += sum({each.page: each.id_cost for each in chosen}.values())

    assert spent + sum({each.turn: each.label_cost for each in reversed(chosen)}.values()) <= budget + 1e-6


@given(ROWS, st.floats(0, 300))
def test_twice_the_budget_finds_all_that_the_budget_finds(
    rows: list[tuple[int, int, float, float, float]], budget: float
) -> None:
    """Ours: a larger budget never finds less."""
    turns = candidates(rows)

    assert {each.place for each in pack(turns, budget, heading)} <= {
        each.place for each in pack(turns, 2 * budget + 1e-6, heading)
    }
