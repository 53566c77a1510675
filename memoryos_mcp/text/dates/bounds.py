"""
The one reader of what a caller gives as a bound in time: a date, a month, "yesterday", "3 days ago", or an exact time.

A bare day means the whole of it in the user's zone, so that `since` and `until` of one day are that day.
"""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from ...domain.errors import InputError
from ...domain.inputs import in_zone, parse_timestamp
from .calendar import Interval, day, month, shift, year
from .finder import find_dates
from .vocabulary import NUMBER, number

__all__ = ["first_moment", "last_moment"]

_CALENDAR = re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?")
_AGO = re.compile(rf"(?P<n>{NUMBER}) (?P<u>minute|hour|day|week|fortnight|month|year)s? (?:ago|back)")
_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTHS = {"month": 1, "year": 12}
_LEAD = "it was "
"""What stands before the words when they are read: bounds look back, and "in" makes a month of "May"."""
_LONGEST = 60

Moments = tuple[datetime, datetime]


def first_moment(name: str, value: datetime | date | str, *, now: datetime, zone: tzinfo | None) -> datetime:
    """
    Return the first moment of the time that *value* names, aware.

    Args:
        name: What the value is, for the message.
        value: ISO 8601, `YYYY-MM-DD`, `YYYY-MM`, `YYYY`, or English words ("yesterday", "last week", "3 days ago").
        now: Against which words are read, aware.
        zone: The user's; None is the machine's.

    Raises:
        InputError: It cannot be read.
    """
    return _moments(name, value, now, zone)[0]


def last_moment(name: str, value: datetime | date | str, *, now: datetime, zone: tzinfo | None) -> datetime:
    """Return the last moment of the time that *value* names: of a day, its end; see `first_moment`."""
    return _moments(name, value, now, zone)[1]


def _moments(name: str, value: datetime | date | str, now: datetime, zone: tzinfo | None) -> Moments:
    if isinstance(value, str):
        found = _worded(" ".join(value.lower().split()), in_zone(now, zone), zone)
        if found is not None:
            return found
    elif isinstance(value, date) and not isinstance(value, datetime):
        return _whole_days((value, value), zone)
    try:
        moment = parse_timestamp(name, value, zone)
    except InputError as exc:
        raise InputError(f"{exc}; or a day 2026-05-08, a month 2026-05, yesterday, last week, 3 days ago") from exc
    return moment, moment


def _worded(text: str, now: datetime, zone: tzinfo | None) -> Moments | None:
    """Return the first and last moment of a period told by its calendar name or in words; None when it is neither."""
    if text == "now":
        return now, now
    if calendar := _CALENDAR.fullmatch(text):
        days = _calendar_days(calendar)
        return None if days is None else _whole_days(days, zone)
    if ago := _AGO.fullmatch(text):
        return _back(number(ago["n"]), ago["u"], now, zone)
    days = _read_words(text, now) if len(text) <= _LONGEST else None
    return None if days is None else _whole_days(days, zone)


def _calendar_days(found: re.Match[str]) -> Interval | None:
    if found["m"] is None:
        return year(int(found["y"]))
    if found["d"] is not None:
        return day(int(found["y"]), int(found["m"]), int(found["d"]))
    return month(int(found["y"]), int(found["m"])) if 1 <= int(found["m"]) <= 12 else None


def _back(count: float, unit: str, now: datetime, zone: tzinfo | None) -> Moments | None:
    """Return the moment some hours before *now*, or the whole day some days, weeks, months or years before it."""
    if unit in ("minute", "hour"):
        moment = now - (timedelta(minutes=count) if unit == "minute" else timedelta(hours=count))
        return moment, moment
    if unit in _DAYS:
        then = shift(now.date(), -round(count * _DAYS[unit]))
    else:
        whole = month(now.year, now.month - round(count * _MONTHS[unit]))
        then = whole and whole[0].replace(day=min(now.day, whole[1].day))
    return None if then is None else _whole_days((then, then), zone)


def _read_words(text: str, now: datetime) -> Interval | None:
    """Return the days that *text* names when it is nothing but a date expression."""
    for lead in (_LEAD, f"{_LEAD}in ", f"{_LEAD}the "):
        said = lead + text
        found = find_dates(said, now)
        if len(found) == 1 and len(_LEAD) <= found[0].start <= len(lead) and found[0].end == len(said):
            return found[0].first, found[0].last
    return None


def _whole_days(days: Interval, zone: tzinfo | None) -> Moments:
    """Return the first and the last moment of *days* on the clocks of *zone*."""
    after = shift(days[1], 1)
    last = _midnight(after, zone) - timedelta(microseconds=1) if after else datetime.combine(days[1], time.max, zone)
    return _midnight(days[0], zone), last


def _midnight(value: date, zone: tzinfo | None) -> datetime:
    start = datetime.combine(value, time(), zone)
    return start if zone is not None else start.astimezone()
