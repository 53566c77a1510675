"""
Known facts that bear on a prompt though it shares no word with them: an allergy on what is cooked, or on medicine.

The words are in `safety.tsv` beside this module.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from ...domain.records import Fact
from ...text import fold

__all__ = ["facts_that_bear"]

_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def facts_that_bear(typed: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return those of *facts* that hold and bear on the prompt *typed*."""
    folded = fold(typed)
    topics = [fact for prompt, fact in _topics() if prompt.search(folded)]
    holding = [fact for fact in facts if fact.superseded_by is None and fact.superseded_at is None]
    return [fact for fact in holding if any(topic.search(fold(fact.fact)) for topic in topics)]


@cache
def _topics() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    """Return for each topic what matches prompts and what matches facts."""
    rows = (files(__package__) / "safety.tsv").read_text("utf-8").splitlines()
    cells = [row.split("\t") for row in rows if row and not row.startswith(("#", "topic\t"))]
    return tuple((_pattern(prompt, whole=True), _pattern(fact, whole=False)) for _, prompt, fact in cells)


def _pattern(listed: str, *, whole: bool) -> re.Pattern[str]:
    """Return what finds one of the words: whole ones of a prompt, the beginnings of words in a fact."""
    ends = r"\b" if whole else ""
    return re.compile(
        "|".join(re.escape(word) if _WIDE.match(word) else rf"\b{re.escape(word)}{ends}" for word in listed.split())
    )
