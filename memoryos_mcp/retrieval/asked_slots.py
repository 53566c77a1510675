"""
What a question's type asks to know of the user: a question of food for allergies, one of the way for the home.

It is data, in `asked_slots.tsv` beside this module. A slot is a fact's kind or key, or the name of an attribute.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ..domain.records import Attribute, Fact

__all__ = ["QuestionType", "asked_slots", "is_of", "question_types"]

_ENDS = 400
"""Characters read at either end of a long prompt: what is asked stands before what was pasted, or behind it."""

_FIRST_UNSPACED = "\u2e80"


@dataclass(frozen=True, slots=True)
class QuestionType:
    """One row: the slots that are asked for, how such a question is told, and an example of one."""

    slots: tuple[str, ...]
    pattern: re.Pattern[str]
    example: str


@cache
def question_types() -> tuple[QuestionType, ...]:
    """Return the types of questions that are known, in the order of the file."""
    rows = (files(__package__) / "asked_slots.tsv").read_text("utf-8").splitlines()
    cells = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return tuple(QuestionType(tuple(slots.split(",")), _pattern_of(words), example) for slots, words, example in cells)


def asked_slots(question: str) -> tuple[str, ...]:
    """Return the slots that *question* asks for, those of its first type first, none twice."""
    text = question if len(question) <= 2 * _ENDS else f"{question[:_ENDS]} \n{question[-_ENDS:]}"
    found = [slot for each in question_types() if each.pattern.search(text) for slot in each.slots]
    return tuple(dict.fromkeys(found))


def is_of(item: Fact | Attribute, slots: tuple[str, ...]) -> bool:
    """Whether a fact or an attribute belongs to one of *slots*."""
    if isinstance(item, Attribute):
        return item.name in slots
    return item.kind in slots or item.key in slots


def _pattern_of(words: str) -> re.Pattern[str]:
    """Return a pattern between word boundaries, or as it is in a script that writes no spaces."""
    return re.compile(words if words[0] >= _FIRST_UNSPACED else rf"\b(?:{words})\b", re.IGNORECASE)
