"""Which day "on my birthday" means, when memory knows the birthday."""

import re
from datetime import date, datetime, timezone

from ...text.dates import find_dates

__all__ = ["birthday_meant"]

_MEANT = re.compile(
    r"\b(?:on|for|at|since|around|before|after|during|by) (?:my|the user's) (?:\d+(?:st|nd|rd|th) )?"
    r"(?P<which>next |last )?(?:birthday|bday)\b",
    re.IGNORECASE,
)

_LEAP_YEAR = datetime(2024, 12, 31, tzinfo=timezone.utc)
"""Against which a birthday without a year is read: one that has a 29 February."""


def birthday_meant(text: str, birthday: str, now: datetime) -> date | None:
    """
    Return the user's latest birthday before *now*, or the coming one of "my next birthday".

    Args:
        text: A question. One that asks when the birthday is means no day.
        birthday: As the profile has it ("14 May", "3 June 1990"); "" when it is unknown.
        now: The time of the question.
    """
    meant = _MEANT.search(text)
    days = [each.first for each in find_dates(birthday, _LEAP_YEAR) if each.first == each.last] if birthday else []
    if meant is None or not days:
        return None
    today, coming = now.date(), (meant["which"] or "").lower() == "next "
    around = [_in_year(days[0], today.year + step) for step in (-1, 0, 1)]
    return min(day for day in around if day > today) if coming else max(day for day in around if day <= today)


def _in_year(day: date, year: int) -> date:
    """Return *day* in another year; of 29 February the day before where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)
