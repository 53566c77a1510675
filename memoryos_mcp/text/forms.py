"""
Unicode's normal forms at a cost that follows the length of the text.

`unicodedata.normalize` sorts the marks on a letter in quadratic time, and one sign may become eighteen. What people
write has neither many marks on a letter nor many such signs: both are cut.
"""

import re
import unicodedata
from typing import Literal

__all__ = ["normal_form"]

_MOST_MARKS = 30
"""Marks on one letter: what Unicode calls stream-safe text (UAX #15, 13)."""
_BECOME_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"
_GROWTH, _SHORT = 2, 400
_CROWDED = re.compile("(?:[^\\w\\s\x00-\x7f]|[\uff9e\uff9f]){31,}")


def normal_form(text: str, form: Literal["NFC", "NFD", "NFKC"]) -> str:
    """
    Return *text* in *form*, of each crowd of marks the first 30.

    NFKC is at most twice as long as *text*, or 400 characters: what would come behind is left out. The others only
    take letters apart (Korean into three) and put them together.
    """
    if text.isascii():
        return text
    found = unicodedata.normalize(form, _CROWDED.sub(_without_excess_marks, text))
    return found[: max(_SHORT, _GROWTH * len(text))] if form == "NFKC" else found


def _without_excess_marks(run: re.Match[str]) -> str:
    """Return a run of signs without the marks that follow 30 others."""
    kept, marks = [], 0
    for sign in run[0]:
        marks = marks + 1 if _is_mark(sign) else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def _is_mark(sign: str) -> bool:
    """Whether *sign* is a mark on the letter before it, or becomes one (half-width voicing, Tibetan vowels)."""
    return unicodedata.combining(sign) > 0 or sign in _BECOME_MARKS
