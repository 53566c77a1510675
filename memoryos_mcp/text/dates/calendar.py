"""
Days, weeks, months and seasons as inclusive intervals of dates, and their names in English.

Pure calendar arithmetic: no text is read here. Weeks run Monday to Sunday; seasons are meteorological and northern.
A result outside the years 1 to 9999 is None.
"""

from datetime import date, timedelta

__all__ = ["Interval", "around", "day", "decade", "describe", "holiday", "month", "season", "shift", "week", "year"]

Interval = tuple[date, date]

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


def day(value_year: int, value_month: int, value_day: int) -> Interval | None:
    """Return one day, or None when there is no such day."""
    try:
        only = date(value_year, value_month, value_day)
    except ValueError:
        return None
    return only, only


def month(value_year: int, value_month: int) -> Interval | None:
    """Return a whole month; *value_month* may be out of 1..12 and then counts on into other years."""
    value_year, index = value_year + (value_month - 1) // 12, (value_month - 1) % 12 + 1
    if not 1 <= value_year <= 9998:
        return None
    after = date(value_year + index // 12, index % 12 + 1, 1)
    return date(value_year, index, 1), after - timedelta(days=1)


def year(value: int) -> Interval | None:
    """Return a whole year."""
    return (date(value, 1, 1), date(value, 12, 31)) if 1 <= value <= 9999 else None


def decade(value: int) -> Interval | None:
    """Return the ten years from *value*."""
    return (date(value, 1, 1), date(value + 9, 12, 31)) if 1 <= value <= 9990 else None


def week(inside: date) -> Interval:
    """Return Monday to Sunday of the week that *inside* lies in."""
    monday = inside - timedelta(days=inside.weekday())
    return monday, monday + timedelta(days=6)


def season(value_year: int, name: str) -> Interval | None:
    """Return the season that begins in *value_year*: "winter" of 2022 is December 2022 to February 2023."""
    first = month(value_year, _SEASONS[name])
    last = month(value_year, _SEASONS[name] + 2)
    return (first[0], last[1]) if first and last else None


def shift(start: date, days: int) -> date | None:
    """Return *start* moved by *days*, or None beyond the calendar."""
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return None


def around(middle: date | None, days: int) -> Interval | None:
    """Return *middle* with *days* on either side."""
    if middle is None:
        return None
    first, last = shift(middle, -days), shift(middle, days)
    return (first, last) if first and last else None


def holiday(name: str, value_year: int) -> Interval | None:
    """Return the day of a holiday ("christmas", "thanksgiving" (US) ...) in a year; None for an unknown name."""
    if name == "thanksgiving":
        first = date(value_year, 11, 1)
        return day(value_year, 11, 22 + (3 - first.weekday()) % 7)
    if name == "easter":
        return _easter(value_year)
    fixed = _HOLIDAYS.get(name)
    return day(value_year, *fixed) if fixed else None


_HOLIDAYS = {
    "christmas": (12, 25),
    "christmas day": (12, 25),
    "christmas eve": (12, 24),
    "boxing day": (12, 26),
    "halloween": (10, 31),
    "valentine's day": (2, 14),
    "new year's eve": (12, 31),
    "new year's day": (1, 1),
    "new year's": (1, 1),
    "new year": (1, 1),
    "independence day": (7, 4),
}


def _easter(value_year: int) -> Interval | None:
    """Return Western Easter Sunday (the anonymous Gregorian algorithm)."""
    century, rest = divmod(value_year, 100)
    golden = value_year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    offset = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    correction = (golden + 11 * epact + 22 * offset) // 451
    index, last = divmod(epact + offset - 7 * correction + 114, 31)
    return day(value_year, index, last + 1)


def describe(first: date, last: date) -> str:
    """Return an interval in words, without a preposition: "7 May 2023", "May 2023", "summer 2022", "2021" ..."""
    if first == last:
        return _day_words(first)
    return _whole(first, last) or _span(first, last)


def _whole(first: date, last: date) -> str:
    """Name an interval that is a whole month, year, season, week or weekend; else return ""."""
    if (first, last) == year(first.year):
        return f"{first.year:04}"
    if (first, last) == month(first.year, first.month):
        return f"{_MONTHS[first.month - 1]} {first.year:04}"
    for name in ("spring", "summer", "autumn", "winter"):
        if (first, last) == season(first.year, name):
            return f"{name} {first.year:04}"
    if (first, last) == week(first):
        return f"the week of {_day_words(first)}"
    if first.weekday() == 5 and last - first == timedelta(days=1):
        return f"the weekend of {_day_words(first)}"
    return ""


def _span(first: date, last: date) -> str:
    if first.year != last.year:
        whole_years = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
        return f"{first.year:04}-{last.year:04}" if whole_years else f"{_day_words(first)} to {_day_words(last)}"
    if first.month == last.month:
        return f"{first.day}-{_day_words(last)}"
    return f"{first.day} {_MONTHS[first.month - 1]} to {_day_words(last)}"


def _day_words(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year:04}"
