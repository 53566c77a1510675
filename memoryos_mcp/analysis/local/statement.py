"""What a page tells, before it meets what is known: one typed statement, with its quote."""

import re
from dataclasses import dataclass
from datetime import datetime

from .english.lexicon import FUNCTION_WORDS, stem, words
from .rules import How

__all__ = ["Statement", "quote_of", "value_words"]

_QUOTE_WORDS = 12
_TIMES = frozenset(
    [
        "weekend",
        "weekends",
        "weekday",
        "weekdays",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "year",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mondays",
        "tuesdays",
        "wednesdays",
        "thursdays",
        "fridays",
        "saturdays",
        "sundays",
        "evening",
        "evenings",
        "morning",
        "mornings",
        "night",
        "part-time",
        "time",
        "full-time",
        "please",
        "every",
        "each",
        "two",
        "three",
        "four",
        "five",
        "old",
        "new",
    ]
)
_KEPT = frozenset(["no"])


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One thing a message tells.

    `slot` is what it fills ("home", "allergy:peanut"); two statements of one slot cannot both hold. `value` are the
    words an ending must name; `how` as in the tables, or "corrects" for a bare new value ("no, it's on May 16"), whose
    `old` value may be known.
    """

    kind: str
    slot: str
    how: How | str
    line: str
    value: str = ""
    quote: str = ""
    old: str = ""
    expires: datetime | None = None


def value_words(text: str) -> str:
    """Return the words of *text* that tell one value of a slot from another: stems, in order, without small words."""
    kept = [stem(word) for word in words(text) if (word not in FUNCTION_WORDS and word not in _TIMES) or word in _KEPT]
    return " ".join(dict.fromkeys(kept)) or " ".join(words(text))


def quote_of(sentence: str) -> str:
    """Return about twelve words of *sentence*, as they were said."""
    said = re.split(r"\s+", sentence.strip())
    return " ".join(said[:_QUOTE_WORDS]) + (" \u2026" if len(said) > _QUOTE_WORDS else "")
