"""
Finding date expressions in a text.

All rules are one alternation, so a text is walked once; the rule that matched then reads its own groups. "The week
before 9 June" is an offset in front of another date and is composed here. Linear in the length of the text.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .absolute import ABSOLUTE_RULES
from .calendar import Interval, around, month, shift, week
from .relative import RELATIVE_RULES
from .rule import Reading, Rule
from .vocabulary import NUMBER, UNIT, WEEKDAY, number, weekday_number

__all__ = ["DateMention", "Found", "find", "find_dates"]


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date expression: the character span [start, end) and the inclusive interval of days it means."""

    start: int
    end: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Found:
    """A mention with what rewriting needs: whether it depends on the day it was said, and whether it is rough."""

    mention: DateMention
    relative: bool
    rough: bool


def _unnamed(pattern: str) -> str:
    """Return *pattern* without the names of its groups, which would clash in one alternation."""
    return re.sub(r"[?]P<[a-z0-9]+>", "?:", pattern)


_RULES: tuple[Rule, ...] = ABSOLUTE_RULES + RELATIVE_RULES
_HINT = re.compile(
    r"\d|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|yester|tomor|to(?:day|night)|ago\b|spring|summer|"
    r"autumn|winter|fall\b|"
    r"christmas|easter|thanksg|hallow|valentine|boxing|new year|"
    r"(?:[a-z]*day|night|morning|afternoon|evening|hour|week|weekend|fortnight|month|year|decade)s?\b|"
    r"on (?:mon|tue|wed|thu|fri|sat)|(?:last|next|this) (?:mon|tue|wed|thu|fri|sat))"
)
_READ = tuple(re.compile(rf"(?<!\w){each.pattern}") for each in _RULES)
_ANY = re.compile(
    r"(?<!\w)(?=\w)(?:" + "|".join(f"(?P<r{at}>{_unnamed(each.pattern)})" for at, each in enumerate(_RULES)) + ")"
)
_OFFSET = re.compile(
    rf"\b(?:the )?(?:(?P<n>{NUMBER}) )?(?P<u>{UNIT}|{WEEKDAY}|night|few days|few weeks)s? (?P<w>before|after|"
    rf"prior to|following|of) (?:on )?\Z"
)
_LENGTHS = {"week": 7, "few days": 3, "few weeks": 21, "fortnight": 14}
_REACH = 40
_MOST = 200
_YEARS = range(3, 9997)  # beside the ends of the calendar "last year" means nothing


def find_dates(text: str, said: datetime) -> tuple[DateMention, ...]:
    """
    Return the date expressions of *text*, in order, none overlapping; the first 200 of them.

    Args:
        text: English; anything else yields at most its numeric dates.
        said: When the text was said; its own day, whatever its offset, is "today".
    """
    return tuple(each.mention for each in find(text, said))


def find(text: str, said: datetime) -> tuple[Found, ...]:
    """Return what `find_dates` returns, with how each expression is meant."""
    low = lower(text)
    if not _HINT.search(low):
        return ()
    today = said.date()
    if today.year not in _YEARS:
        return ()
    reading = Reading(low, today, said)
    found: list[Found] = []
    at = 0
    while len(found) < _MOST and (match := _ANY.search(low, at)):
        each = _read(match, reading, found[-1].mention.end if found else 0)
        if each is None:
            at = match.end() if match.end() > match.start() else match.end() + 1
            continue
        found.append(each)
        at = each.mention.end
    return tuple(found)


def lower(text: str) -> str:
    """Return *text* in lower case, each character in its place: the few that would become two stay as they are."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _read(match: re.Match[str], reading: Reading, floor: int) -> Found | None:
    index = int((match.lastgroup or "r0")[1:])
    own = _READ[index].match(reading.text, match.start())
    days = _RULES[index].days(own, reading) if own else None
    if own is None or days is None:
        return None
    kind = _RULES[index]
    start, end = own.start(), own.start() + len(own[0].rstrip(" ."))
    offset = _OFFSET.search(reading.text, max(floor, start - _REACH), start)
    moved = _moved(offset, days) if offset else None
    if offset and moved:
        start, days = offset.start(), moved
    return Found(DateMention(start, end, *days), kind.relative or bool(moved), kind.rough and not moved)


def _moved(offset: re.Match[str], days: Interval) -> Interval | None:
    """Return the days that "the week before", "two days after", "the Sunday of" make of *days*."""
    unit, which = offset["u"], offset["w"]
    ahead = 1 if which in ("after", "following") else -1
    edge = days[1] if ahead > 0 else days[0]
    if which == "of":
        return _part(unit, days)
    if unit in ("day", "night"):
        return around(shift(edge, ahead * round(number(offset["n"] or "one"))), 0)
    if unit in _LENGTHS:
        length = _LENGTHS[unit]
        if offset["n"]:
            return around(shift(edge, ahead * round(length * number(offset["n"]))), 3)
        near, far = shift(edge, ahead), shift(edge, ahead * length)
        return (min(near, far), max(near, far)) if near and far else None
    if unit == "weekend":
        return _weekend(edge, ahead)
    if unit in ("month", "year", "decade"):
        return _months(edge, ahead, unit, offset)
    return _weekday_beside(edge, ahead, weekday_number(unit))


def _part(unit: str, days: Interval) -> Interval | None:
    if unit == "week":
        return week(days[0])
    if unit == "weekend":
        sunday = week(days[0])[1]
        return sunday - timedelta(days=1), sunday
    return None


def _weekend(edge: date, ahead: int) -> Interval | None:
    """Return the whole weekend nearest to *edge* before (-1) or after (1) it."""
    gap = -(edge.weekday() + 1) if ahead < 0 else 6 - edge.weekday() + (7 if edge.weekday() >= 5 else 0)
    sunday = shift(edge, gap)
    saturday = shift(sunday, -1) if sunday else None
    return (saturday, sunday) if saturday and sunday else None


def _months(edge: date, ahead: int, unit: str, offset: re.Match[str]) -> Interval | None:
    steps = round(number(offset["n"] or "one")) * {"month": 1, "year": 12, "decade": 120}[unit]
    return month(edge.year, edge.month + ahead * steps)


def _weekday_beside(edge: date, ahead: int, target: int) -> Interval | None:
    gap = (target - edge.weekday()) % 7 if ahead > 0 else (edge.weekday() - target) % 7
    return around(shift(edge, ahead * (gap or 7)), 0)
