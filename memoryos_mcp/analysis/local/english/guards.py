"""Sentences that say "I" and nothing of their writer: questions, conditions, wishes, reported speech, irony."""

import re
from functools import lru_cache

from ..rules import pattern_of
from .prose import Sentence
from .spelling import regular

__all__ = ["silent"]

_TURNED = pattern_of("guards", "turned")
_CONDITION = pattern_of("guards", "condition")
_REPORTED = pattern_of("guards", "reported")
_IRONY = pattern_of("guards", "irony")
_PASSING = pattern_of("guards", "passing")
_BRIEF = pattern_of("guards", "brief")
_QUOTED_WHOLE = re.compile(r"^[\"'].*[\"']$")


@lru_cache(maxsize=512)
def silent(sentence: Sentence, *, conditions: bool = True) -> bool:
    """Whether nothing may be learnt from a sentence; without *conditions* for one that may give an order."""
    text = regular(sentence.text)
    if _IRONY.search(text) or _REPORTED.search(text) or _QUOTED_WHOLE.match(text):
        return True
    if not conditions:
        return bool(_TURNED.match(text))
    if _TURNED.match(text) and "," not in text:
        return True
    if _CONDITION.search(text):
        return True
    return bool(_PASSING.search(text) and _BRIEF.match(text))
