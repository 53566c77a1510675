"""
From ranked turns to text: the budget is filled with the best, and read by date.

Line costs are whole tokens and so add up to a little more than the text's; the difference is spent in a second pass,
and the count of the whole text decides in the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..domain.protocols import Tokenizer
from ..domain.records import Page
from .packing import Candidate, pack
from .rendering import Names, day_heading, render, short_ids, turn_line

__all__ = ["Filled", "Shown", "fill"]

_PASSES = 4
_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A turn that may be shown: its place in memory, its page, its text (an excerpt of a long one) and its day.

    `cost` are the tokens of its line, line break and notes included, without the id. `notes` are what we say of it,
    `repeats` the older turns that say the same and that it stands for.
    """

    turn: int
    page: Page
    text: str
    day: int
    cost: int
    notes: tuple[str, ...] = ()
    repeats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """The turns that were taken, best first, the text, and its tokens."""

    turns: tuple[Shown, ...]
    text: str
    tokens: int


def fill(turns: Sequence[Shown], known: Sequence[str], budget: int, names: Names, tokenizer: Tokenizer) -> Filled:
    """
    Return the text of what fits *budget* tokens.

    Args:
        turns: The best first.
        known: Lines of profile and facts, already chosen.
        budget: Tokens of the whole text.
        names: Labels of the speakers; pages of another project than theirs say which.
        tokenizer: Counts.
    """
    short = short_ids(turn.page for turn in turns)
    ids = {turn.page.page_id: short[turn.page.page_id] + _elsewhere(turn.page, names.project) for turn in turns}
    by_turn = {turn.turn: turn for turn in turns}
    kinds = {_kind(id_): id_ for id_ in ids.values()}
    id_costs = {kind: tokenizer.count(" " + id_) for kind, id_ in kinds.items()}
    candidates = [Candidate(turn.turn, turn.day, turn.cost, id_costs[_kind(ids[turn.page.page_id])]) for turn in turns]
    headings = {day: tokenizer.count("\n" + day_heading(day)) for day in {turn.day for turn in turns}}
    base = render(known, [])
    best = Filled((), base, tokenizer.count(base))
    room = budget - best.tokens
    for _ in range(_PASSES):
        chosen = [by_turn[candidate.turn] for candidate in pack(candidates, room, headings.__getitem__)]
        text = render(known, _lines(chosen, names, ids))
        tokens = tokenizer.count(text)
        if tokens <= budget and len(chosen) >= len(best.turns):
            best = Filled(tuple(chosen), text, tokens)
        if len(chosen) == len(turns) or 0 <= budget - tokens < _ENOUGH:
            break
        room += budget - tokens
    return best


def _elsewhere(page: Page, project: str) -> str:
    return f" ({page.project})" if project and page.project and page.project != project else ""


def _kind(id_: str) -> tuple[int, str]:
    """Return what the cost of an id depends on: its length (its letters are as good as random), and a project."""
    plain, _, elsewhere = id_.partition(" ")
    return len(plain), elsewhere


def _lines(chosen: Sequence[Shown], names: Names, ids: Mapping[str, str]) -> list[tuple[int, str]]:
    """Return the lines by date; the second turn of a page needs no id."""
    lines, last = [], ""
    for turn in sorted(chosen, key=lambda turn: (turn.page.timestamp, turn.turn)):
        short = "" if turn.page.page_id == last else ids[turn.page.page_id]
        lines.append((turn.day, turn_line(names, turn.turn % 2, turn.text, short, turn.notes)))
        last = turn.page.page_id
    return lines
