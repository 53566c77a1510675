"""
Filling a budget: the best turns that fit, each day's heading and each page's id paid for once.

Greedy in the order given, skipping what does not fit; measured against cost-weighted orders, which were no better.
No text and no tokenizer here: costs come in as numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Candidate", "pack"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A turn that may be shown.

    `cost` is what its line takes without the id, `id_cost` what the id adds to the first line of its page.
    """

    turn: int
    day: int
    cost: float
    id_cost: float

    @property
    def page(self) -> int:
        """The place of its page."""
        return self.turn // 2


def pack(candidates: Sequence[Candidate], budget: float, heading: Callable[[int], float]) -> list[Candidate]:
    """
    Return the candidates that are taken, in the order given.

    Args:
        candidates: The best first; none twice.
        budget: What may be spent.
        heading: The cost of a day's heading.
    """
    chosen: list[Candidate] = []
    days: set[int] = set()
    pages: set[int] = set()
    least = min((candidate.cost for candidate in candidates), default=0.0)
    for candidate in candidates:
        if budget < least:
            break
        cost = candidate.cost
        cost += 0 if candidate.day in days else heading(candidate.day)
        cost += 0 if candidate.page in pages else candidate.id_cost
        if cost <= budget:
            budget -= cost
            chosen.append(candidate)
            days.add(candidate.day)
            pages.add(candidate.page)
    return chosen
