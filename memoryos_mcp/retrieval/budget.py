"""
Filling a budget: the best passages that fit, each day's heading, page's id and turn's label paid for once.

Candidates are taken in the order given until one does not fit; the room that is left goes to the next ones that do.
They are considered only until their sum passes 1.8 times the budget, which keeps a larger budget from finding less.
No text and no tokenizer here: costs are numbers.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

__all__ = ["Candidate", "pack"]

_A_TURN = 3
"""Passages shown of one turn at most."""
_AHEAD = 1.8
"""How far behind the budget the rest may be filled from: less than twice, as costs are estimates."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A passage that may be shown: `place` tells it from others.

    `cost` is what its words take, `label_cost` what its line takes besides, without the id, and `id_cost` what the id
    adds to the first line of its page.
    """

    place: int
    turn: int
    day: int
    cost: float
    label_cost: float
    id_cost: float

    @property
    def page(self) -> int:
        """The place of its page."""
        return self.turn // 2


@dataclass(slots=True)
class _Bill:
    """What was taken, and what it costs so far."""

    heading: Callable[[int], float]
    spent: float = 0.0
    days: set[int] = field(default_factory=set)
    pages: set[int] = field(default_factory=set)
    turns: Counter[int] = field(default_factory=Counter)

    def price(self, candidate: Candidate) -> float:
        """Return what a candidate would add."""
        price = candidate.cost
        if candidate.turn not in self.turns:
            price += candidate.label_cost
        if candidate.page not in self.pages:
            price += candidate.id_cost
        return price if candidate.day in self.days else price + self.heading(candidate.day)

    def add(self, candidate: Candidate, price: float) -> None:
        """Take a candidate at its price."""
        self.spent += price
        self.days.add(candidate.day)
        self.pages.add(candidate.page)
        self.turns[candidate.turn] += 1


def pack(candidates: Sequence[Candidate], budget: float, heading: Callable[[int], float]) -> list[Candidate]:
    """
    Return the candidates that are taken, in the order given.

    Args:
        candidates: The best first; none twice.
        budget: What may be spent.
        heading: The cost of a day's heading.
    """
    chosen: list[Candidate] = []
    taken, all_of_them = _Bill(heading), _Bill(heading)
    for candidate in candidates:
        if all_of_them.turns[candidate.turn] >= _A_TURN:
            continue
        all_of_them.add(candidate, all_of_them.price(candidate))
        if all_of_them.spent > _AHEAD * budget:
            break
        price = taken.price(candidate)
        if taken.spent + price <= budget:
            taken.add(candidate, price)
            chosen.append(candidate)
    return chosen
