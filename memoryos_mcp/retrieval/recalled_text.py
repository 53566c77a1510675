"""
From ranked passages to text: the budget is filled with the best, and read by date.

Line costs are whole tokens and so add up to a little more than the text's; the difference is spent in a second pass,
and the count of the whole text decides in the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..domain.protocols import Tokenizer
from ..domain.records import Page
from ..text import Span, typed_text
from .budget import Candidate, pack
from .rendering import Names, day_heading, render, short_ids, turn_line
from .shown_passages import GAP, text_of_passages

__all__ = ["RecalledText", "ShownTurn", "fill", "join_passages", "side_text"]

_PASSES = 4
_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """
    A passage that may be shown: the place of its turn in memory, its page, its text and its day.

    `span` is where it stands in its turn, None for an excerpt of a passage. `cost` are the tokens of its line, line
    break and notes included, without the id. `notes` are what we say of it, `repeats` the older turns that say the same
    and that it stands for.
    """

    turn: int
    page: Page
    text: str
    day: int
    cost: int
    span: Span | None = None
    notes: tuple[str, ...] = ()
    repeats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RecalledText:
    """The turns that were taken, best first, each with all its passages, the text, and its tokens."""

    turns: tuple[ShownTurn, ...]
    text: str
    tokens: int


def fill(
    turns: Sequence[ShownTurn], known: Sequence[str], budget: int, names: Names, tokenizer: Tokenizer
) -> RecalledText:
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
    candidates = _candidates(turns, ids, names, tokenizer)
    headings = {day: tokenizer.count("\n" + day_heading(day)) for day in {turn.day for turn in turns}}
    base = render(known, [])
    best, most = RecalledText((), base, tokenizer.count(base)), 0
    room = budget - best.tokens
    for _ in range(_PASSES):
        taken = pack(candidates, room, headings.__getitem__)
        chosen = join_passages([turns[candidate.place] for candidate in taken])
        text = render(known, _lines(chosen, names, ids))
        tokens = tokenizer.count(text)
        if tokens <= budget and len(taken) >= most:
            best, most = RecalledText(tuple(chosen), text, tokens), len(taken)
        if len(taken) == len(turns) or 0 <= budget - tokens < _ENOUGH:
            break
        room += budget - tokens
    return best


def join_passages(turns: Sequence[ShownTurn]) -> list[ShownTurn]:
    """Return *turns* with the passages of one turn as one, in its order, at the place of the first."""
    groups: dict[int, list[ShownTurn]] = {}
    for turn in turns:
        groups.setdefault(turn.turn, []).append(turn)
    return [_one(group) for group in groups.values()]


def _one(group: Sequence[ShownTurn]) -> ShownTurn:
    first = group[0]
    if len(group) == 1:
        return first
    spans = [turn.span for turn in group if turn.span is not None]
    text = text_of_passages(side_text(first.page, first.turn % 2), spans)
    texts = [*([text] if spans else []), *(turn.text for turn in group if turn.span is None)]
    notes = tuple(dict.fromkeys(note for turn in group for note in turn.notes))
    repeats = tuple(repeat for turn in group for repeat in turn.repeats)
    return replace(first, text=f" {GAP} ".join(texts), notes=notes, repeats=repeats)


def side_text(page: Page, side: int) -> str:
    """Return what was typed on one side of a page: 0 the user's, 1 the assistant's."""
    return typed_text(page.agent_response if side else page.user_input)


def _candidates(
    turns: Sequence[ShownTurn], ids: Mapping[str, str], names: Names, tokenizer: Tokenizer
) -> list[Candidate]:
    kinds = {_kind(id_): id_ for id_ in ids.values()}
    id_costs = {kind: tokenizer.count(" " + id_) for kind, id_ in kinds.items()}
    labels = [tokenizer.count("\n" + turn_line(names, side, "", "")) for side in (0, 1)]
    return [
        Candidate(
            place=place,
            turn=turn.turn,
            day=turn.day,
            cost=max(1, turn.cost - labels[turn.turn % 2]),
            label_cost=labels[turn.turn % 2],
            id_cost=id_costs[_kind(ids[turn.page.page_id])],
        )
        for place, turn in enumerate(turns)
    ]


def _elsewhere(page: Page, project: str) -> str:
    return f" ({page.project})" if project and page.project and page.project != project else ""


def _kind(id_: str) -> tuple[int, str]:
    """Return what the cost of an id depends on: its length (its letters are as good as random), and a project."""
    plain, _, elsewhere = id_.partition(" ")
    return len(plain), elsewhere


def _lines(chosen: Sequence[ShownTurn], names: Names, ids: Mapping[str, str]) -> list[tuple[int, str]]:
    """Return the lines by date; the second turn of a page needs no id."""
    lines, last = [], ""
    for turn in sorted(chosen, key=lambda turn: (turn.page.timestamp, turn.turn)):
        short = "" if turn.page.page_id == last else ids[turn.page.page_id]
        lines.append((turn.day, turn_line(names, turn.turn % 2, turn.text, short, turn.notes)))
        last = turn.page.page_id
    return lines
