"""
What is known of the user and bears on a prompt though it shares no word with it.

An allergy bears on what is cooked, and on medicine (the words are in `relevant_facts.tsv` beside this module); where
the user lives bears on a question of theirs that asks for it.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from ...domain.records import Fact, Profile
from ...retrieval.asked_slots import asked_slots, is_of
from ...retrieval.rendering import attribute_line
from ...text import fold
from .typed_prompt import is_about_their_own

__all__ = ["attributes_asked_for", "facts_that_bear"]

_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_QUESTION = re.compile(r"[?\uff1f]\s*$")
_PERSONAL = frozenset(
    {"home", "name", "birthday", "age", "partner", "children", "family", "siblings", "parents", "pet", "pets"}
    | {"language", "languages", "work", "study"}
)
"""What a person asks a host about themselves; the other slots are words of everyday work too."""


def facts_that_bear(typed: str, profile: Profile) -> list[Fact]:
    """Return the facts of *profile* that hold and bear on the prompt *typed*."""
    folded = fold(typed)
    topics = [fact for prompt, fact in _topics() if prompt.search(folded)]
    slots = _slots(typed)
    holding = [each for each in profile.user_knowledge if each.superseded_by is None and each.superseded_at is None]
    return [each for each in holding if is_of(each, slots) or any(topic.search(fold(each.fact)) for topic in topics)]


def attributes_asked_for(typed: str, profile: Profile) -> list[str]:
    """Return the lines of the attributes that a question of the user's about themselves asks for."""
    slots = _slots(typed)
    return [attribute_line(attribute) for attribute in profile.static if is_of(attribute, slots)]


def _slots(typed: str) -> tuple[str, ...]:
    if not _QUESTION.search(typed) or not is_about_their_own(typed):
        return ()
    return tuple(slot for slot in asked_slots(typed) if slot in _PERSONAL)


@cache
def _topics() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return for each topic what matches prompts and what matches facts."""
    return tuple((_pattern(prompt, whole=True), _pattern(fact, whole=False)) for _, prompt, fact in _rows())


def _rows() -> Iterator[list[str]]:
    rows = (files(__package__) / "relevant_facts.tsv").read_text("utf-8").splitlines()
    return (row.split("\t") for row in rows if row and not row.startswith(("#", "topic\t")))


def _pattern(listed: str, *, whole: bool) -> re.Pattern[str]:
    """Return what finds one of the words: whole ones of a prompt, the beginnings of words in a fact."""
    ends = r"\b" if whole else ""
    return re.compile(
        "|".join(re.escape(word) if _WIDE.match(word) else rf"\b{re.escape(word)}{ends}" for word in listed.split())
    )
