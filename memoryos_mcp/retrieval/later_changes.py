"""
Which of the turns to be shown say something that was changed later.

A superseded fact names its page and, with its quote or its words, the place there; where that place is shown, the
turn's label says when it was changed. Pure functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..domain.records import Fact
from .recalled_text import ShownTurn
from .rendering import day_words
from .reply_head import says

__all__ = ["with_change_notes"]


def with_change_notes(turns: Sequence[ShownTurn], facts: Iterable[Fact], until: datetime | None) -> list[ShownTurn]:
    """
    Return *turns*, with a note on each that says what was superseded since.

    Args:
        turns: With the text that would be shown.
        facts: All that is known of the user and the assistant, superseded ones too.
        until: The end of the time that is asked about: what was changed after it had not been changed yet.
    """
    changed = _changed_facts(facts, until)
    return [_with_note(turn, changed[turn.page.page_id]) if turn.page.page_id in changed else turn for turn in turns]


def _changed_facts(facts: Iterable[Fact], until: datetime | None) -> Mapping[str, list[tuple[Fact, datetime]]]:
    """Return the superseded facts of each page, with when they ceased to hold."""
    found: dict[str, list[tuple[Fact, datetime]]] = {}
    for fact in facts:
        ended = fact.superseded_at
        if ended is not None and (until is None or ended <= until):
            for page_id in fact.page_ids:
                found.setdefault(page_id, []).append((fact, ended))
    return found


def _with_note(turn: ShownTurn, facts: Sequence[tuple[Fact, datetime]]) -> ShownTurn:
    ends = [ended for fact, ended in facts if ended > turn.page.timestamp and _is_said(turn, fact)]
    if not ends:
        return turn
    last = max(ends)
    return replace(turn, notes=(*turn.notes, f"later changed, {_day(last, turn.page.timestamp)}"))


def _is_said(turn: ShownTurn, fact: Fact) -> bool:
    """Whether a fact was said in what is shown of *turn*; without a quote only on the side that it is about."""
    mine = bool(fact.quote) or (turn.turn % 2 == 0) == (fact.about == "user")
    return mine and says(turn.text, fact)


def _day(moment: datetime, said: datetime) -> str:
    """Return the day of a change, with its year only when it is another one than that of what was *said*."""
    return day_words(moment.toordinal(), year=moment.year != said.year)
