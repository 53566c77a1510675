"""What a rule for one kind of date expression is, and what it may know when it reads one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .calendar import Interval
from .tense import speaks_of_future

__all__ = ["Reading", "Rule", "rule"]

_LATELY, _MOST_OF_A_YEAR = timedelta(days=60), timedelta(days=300)


@dataclass(frozen=True, slots=True)
class Reading:
    """The text being read, and the day and time at which it was said."""

    text: str
    said: date
    now: datetime

    def future(self, match: re.Match[str]) -> bool | None:
        """Return whether the sentence around *match* speaks of the future (None: no sign)."""
        return speaks_of_future(self.text, match.start(), match.end())

    def nearest(self, candidates: list[Interval | None], match: re.Match[str]) -> Interval | None:
        """
        Return the candidate that the sentence's tense points at: the newest past, the first to come, or the nearest.

        An interval that *said* lies in counts as both. A bare present does not reach over most of a year: "my last day
        is 30 April", said in May, is the day that was.
        """
        found = [each for each in candidates if each]
        future = self.future(match)
        past = [each for each in found if each[0] <= self.said]
        ahead = [each for each in found if each[1] >= self.said]
        if future is True and ahead:
            return max(past) if self._is_far(min(ahead), past, match) else min(ahead)
        if future is False and past:
            return max(past)
        return min(found, key=lambda each: abs((each[0] - self.said).days), default=None)

    def _is_far(self, coming: Interval, past: list[Interval], match: re.Match[str]) -> bool:
        gone = bool(past) and self.said - max(past)[1] <= _LATELY and coming[0] - self.said >= _MOST_OF_A_YEAR
        return gone and not speaks_of_future(self.text, match.start(), match.end(), surely=True)


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
