"""What a rule for one kind of date expression is, and what it may know when it reads one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .calendar import Interval
from .tense import speaks_of_future

__all__ = ["Reading", "Rule", "rule"]


@dataclass(frozen=True, slots=True)
class Reading:
    """The text being read and the day on which it was said."""

    text: str
    said: date

    def future(self, match: re.Match[str]) -> bool | None:
        """Return whether the sentence around *match* speaks of the future (None: no sign)."""
        return speaks_of_future(self.text, match.start(), match.end())

    def nearest(self, candidates: list[Interval | None], match: re.Match[str]) -> Interval | None:
        """
        Return the candidate that the sentence's tense points at: the newest past, the first to come, or the nearest.

        An interval that *said* lies in counts as both.
        """
        found = [each for each in candidates if each]
        future = self.future(match)
        past = [each for each in found if each[0] <= self.said]
        ahead = [each for each in found if each[1] >= self.said]
        if future is True and ahead:
            return min(ahead)
        if future is False and past:
            return max(past)
        return min(found, key=lambda each: abs((each[0] - self.said).days), default=None)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One kind of expression: a pattern and the days it means.

    `relative` expressions mean nothing without the day they were said on; `rough` ones mean about those days.
    """

    pattern: str
    days: Callable[[re.Match[str], Reading], Interval | None]
    relative: bool
    rough: bool


def rule(
    pattern: str, *, relative: bool = True, rough: bool = False
) -> Callable[[Callable[[re.Match[str], Reading], Interval | None]], Rule]:
    """Return a decorator that makes a `Rule` of a function from match and reading to days."""

    def decorate(days: Callable[[re.Match[str], Reading], Interval | None]) -> Rule:
        return Rule(pattern, days, relative, rough)

    return decorate
