"""
Rules for dates that name their day, month or year: "7 May 2023", "2023-05-07", "May 7th", "in May", "summer of 2022".

One without its year is relative: the tense of its sentence chooses the year.
"""

import re

from .calendar import Interval, day, decade, holiday, month, season, year
from .rule import Reading, rule
from .vocabulary import DAY, HOLIDAY, MONTH, YEAR, month_number

__all__ = ["ABSOLUTE_RULES"]

_TO = r"\s*(?:-|\u2013|to|until)\s*"
_PREP = (
    r"(?:in|since|until|till|by|during|from|through|around|before|after|for|of|next|last|this|"
    r"(?:early|late|mid)(?: in|-)?|(?:the )?(?:end|start|beginning|middle) of)"
)
_IN_YEAR = (
    r"(?:in|since|until|till|by|during|from|through|around|before|after|of|circa|back in|early|late|mid|to|year|"
    r"(?:the )?(?:end|start|beginning|middle) of)"
)


@rule(rf"(?P<y>{YEAR})[-/.](?P<m>0?[1-9]|1[0-2])[-/.](?P<d>0?[1-9]|[12]\d|3[01])(?!\d)", relative=False)
def _iso(match: re.Match[str], reading: Reading) -> Interval | None:
    return day(int(match["y"]), int(match["m"]), int(match["d"]))


@rule(rf"(?:the )?(?P<d>{DAY})(?:{_TO}(?P<to>{DAY}))? (?:of )?(?P<m>{MONTH}),? (?:of )?(?P<y>{YEAR})\b", relative=False)
def _day_month_year(match: re.Match[str], reading: Reading) -> Interval | None:
    return _days(match, int(match["y"]))


@rule(rf"(?P<m>{MONTH}) (?:the )?(?P<d>{DAY})(?:{_TO}(?P<to>{DAY}))?,? (?:of )?(?P<y>{YEAR})\b", relative=False)
def _month_day_year(match: re.Match[str], reading: Reading) -> Interval | None:
    return _days(match, int(match["y"]))


@rule(rf"(?P<m>{MONTH}),? (?:of )?(?P<y>{YEAR})\b", relative=False)
def _month_year(match: re.Match[str], reading: Reading) -> Interval | None:
    return month(int(match["y"]), month_number(match["m"]))


@rule(rf"(?:the )?(?P<d>{DAY})(?:{_TO}(?P<to>{DAY}))? (?:of )?(?P<m>{MONTH})(?! \d)")
def _day_month(match: re.Match[str], reading: Reading) -> Interval | None:
    return _of_some_year(match, reading)


@rule(rf"(?P<m>{MONTH}) (?:the )?(?P<d>{DAY})(?:{_TO}(?P<to>{DAY}))?(?![\d:%])\b(?! ?(?:am|pm|people|times)\b)")
def _month_day(match: re.Match[str], reading: Reading) -> Interval | None:
    return _of_some_year(match, reading)


@rule(r"(?P<a>\d{1,2})(?:/(?P<b>\d{1,2})/|\.(?P<e>\d{1,2})\.)(?P<y>(?:19|20)?\d\d)(?![\d.])", relative=False)
def _numeric(match: re.Match[str], reading: Reading) -> Interval | None:
    short = int(match["y"])
    first, second = int(match["a"]), int(match["b"] or match["e"])
    if match["e"] or first > 12:
        first, second = second, first
    return day(short if short > 99 else 2000 + short, first, second)


@rule(r"(?P<a>0[1-9]|1[0-2])/(?P<b>0[1-9]|[12]\d|3[01])(?![\d/])")
def _numeric_without_year(match: re.Match[str], reading: Reading) -> Interval | None:
    first, second = int(match["a"]), int(match["b"])
    return reading.nearest([day(reading.said.year + step, first, second) for step in (-1, 0, 1)], match)


@rule(rf"{_PREP} (?P<m>{MONTH})(?!,? (?:of |the )?\d)(?! (?:be|have|not|also|it|i|you|we|he|she|they|well)\b)")
def _in_month(match: re.Match[str], reading: Reading) -> Interval | None:
    which, index = match[0].split()[0], month_number(match["m"])
    near = [month(reading.said.year + step, index) for step in (-1, 0, 1)]
    if which == "last":
        return max(each for each in near if each and each[1] < reading.said)
    if which == "next":
        return min(each for each in near if each and each[0] > reading.said)
    return near[1] if which == "this" else reading.nearest(near, match)


@rule(rf"(?P<s>spring|summer|autumn|fall|winter),? (?:of |in )?(?P<y>{YEAR})\b", relative=False)
def _season_year(match: re.Match[str], reading: Reading) -> Interval | None:
    return season(int(match["y"]), match["s"])


@rule(
    rf"(?:(?P<w>last|this|next) )?(?P<h>{HOLIDAY})(?:,? (?:of |in )?(?P<y>{YEAR}|last year|this year|next year))?"
    r"\b(?! resolution)"
)
def _holiday(match: re.Match[str], reading: Reading) -> Interval | None:
    name, when = match["h"].replace("\u2019", "'"), match["y"] or ""
    if when.isdigit():
        return holiday(name, int(when))
    near = [holiday(name, reading.said.year + step) for step in (-1, 0, 1)]
    if when:
        return near[("last year", "this year", "next year").index(when)]
    if match["w"] == "last":
        return max((each for each in near if each and each[0] < reading.said), default=None)
    if match["w"] == "next":
        return min((each for each in near if each and each[0] > reading.said), default=None)
    return near[1] if match["w"] else reading.nearest(near, match)


@rule(
    rf"{_IN_YEAR} (?P<y>{YEAR})(?:{_TO}(?P<to>{YEAR}))?\b(?! ?(?:[%$]|calories|steps|people|words|tokens|"
    rf"dollars|meters|miles|km|kg))",
    relative=False,
)
def _in_year(match: re.Match[str], reading: Reading) -> Interval | None:
    first, last = year(int(match["y"])), year(int(match["to"] or match["y"]))
    return (first[0], last[1]) if first and last and first <= last else first


@rule(
    r"(?:in |during |from )?the (?:(?:early|late|mid)[ -])?(?P<c>19|20)?['\u2019]?(?P<d>\d)0['\u2019]?s\b",
    relative=False,
)
def _decade(match: re.Match[str], reading: Reading) -> Interval | None:
    century = match["c"] or ("19" if int(match["d"]) > 2 else "20")
    return decade(int(century) * 100 + int(match["d"]) * 10)


def _days(match: re.Match[str], value_year: int) -> Interval | None:
    """Return the day, or the days "7-9", that a match names in *value_year*."""
    index = month_number(match["m"])
    first = day(value_year, index, int(re.sub(r"\D", "", match["d"])))
    last = day(value_year, index, int(re.sub(r"\D", "", match["to"]))) if match["to"] else first
    return (first[0], last[1]) if first and last and first <= last else first


def _of_some_year(match: re.Match[str], reading: Reading) -> Interval | None:
    return reading.nearest([_days(match, reading.said.year + step) for step in (-1, 0, 1)], match)


ABSOLUTE_RULES = (
    _iso, _day_month_year, _month_day_year, _month_year, _day_month, _month_day, _numeric, _numeric_without_year,
    _in_month, _season_year, _holiday, _in_year, _decade,
)  # fmt: skip
