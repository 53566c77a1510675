"""
What a question's type asks to know of the user: a question of food for allergies, one of the way for the home.

It is data, in `asked_slots.tsv` beside this module, and what facts without a kind are about in `told_slots.tsv`. A slot
is a fact's kind or key, or the name of an attribute.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from ..domain.records import Attribute, Fact

__all__ = ["SlotPattern", "asked_slots", "is_of", "question_types", "slots_of", "told_patterns"]

_ENDS = 400
"""Characters read at either end of a long prompt: what is asked stands before what was pasted, or behind it."""

_FIRST_UNSPACED = "\u2e80"


@dataclass(frozen=True, slots=True)
class SlotPattern:
    """One row: the slots that a question asks for, or a fact tells; how it is known, and an example of one."""

    slots: tuple[str, ...]
    pattern: re.Pattern[str]
    example: str


@cache
def question_types() -> tuple[SlotPattern, ...]:
    """Return the types of questions that are known, in the order of the file: a question may be of several."""
    return _rows("asked_slots.tsv")


@cache
def told_patterns() -> tuple[SlotPattern, ...]:
    """Return how facts without a kind tell what they are about, in the order of the file."""
    return _rows("told_slots.tsv")


def asked_slots(question: str) -> tuple[str, ...]:
    """Return the slots that *question* asks for, those of its first type first, none twice."""
    text = question if len(question) <= 2 * _ENDS else f"{question[:_ENDS]} \n{question[-_ENDS:]}"
    found = [slot for each in question_types() if each.pattern.search(text) for slot in each.slots]
    return tuple(dict.fromkeys(found))


def is_of(item: Fact | Attribute, slots: tuple[str, ...]) -> bool:
    """Whether a fact or an attribute belongs to one of *slots*."""
    if isinstance(item, Attribute):
        return item.name in slots
    return not slots_of(item).isdisjoint(slots)


def slots_of(fact: Fact) -> frozenset[str]:
    """Return the slots of a fact: its kind and key; of one without a kind those that its words tell."""
    return frozenset({fact.kind, fact.key} - {""}) if fact.kind else _told_slots(fact.fact) | {fact.key}


@lru_cache(maxsize=4096)
def _told_slots(text: str) -> frozenset[str]:
    start = text[:_ENDS]
    return frozenset(
        slot
        for each in told_patterns()
        for slot in each.slots
        if (each.pattern.match(start) if slot == "instruction" else each.pattern.search(start))
    )


def _rows(name: str) -> tuple[SlotPattern, ...]:
    rows = (files(__package__) / name).read_text("utf-8").splitlines()
    cells = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return tuple(SlotPattern(tuple(slots.split(",")), _pattern_of(words), example) for slots, words, example in cells)


def _pattern_of(words: str) -> re.Pattern[str]:
    """Return a pattern between word boundaries, or as it is in a script that writes no spaces."""
    return re.compile(words if words[0] >= _FIRST_UNSPACED else rf"\b(?:{words})\b", re.IGNORECASE)
