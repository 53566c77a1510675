"""Rules for dates that mean nothing without the day they were said on: "yesterday", "last Tuesday", "two weeks ago"."""

import re
from datetime import date, timedelta

from .calendar import Interval, around, month, season, shift, week, year
from .rule import Reading, rule
from .vocabulary import HOLIDAY, MONTH, NUMBER, PART, UNIT, WEEKDAY, WEEKDAY_SHORT, YEAR, number, weekday_number

__all__ = ["RELATIVE_RULES"]

_STEP = {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "following": 1}
_WHICH = r"(?:this past|this coming|the past|the coming|the next|the last|last|past|previous|this|next|coming)"
_DAYS_PER = {
    "day": 1.0, "week": 7.0, "weekend": 7.0, "fortnight": 14.0, "month": 30.44, "year": 365.25, "decade": 3652.5,
}  # fmt: skip
_PART_OF_NUMBER = re.compile(rf"(?:\d[.,/-]|\w-|\b(?:hundred|thousand|million)(?: and)? |\b{NUMBER} (?:or|to) )\Z")
_HABIT = re.compile(
    r"(?:\b(?:every|each|most|once an?|twice an?|weekly|per)\b[^.!?;,\n]{0,30}|"
    rf"{WEEKDAY}\s*(?:through|thru|to|-|\u2013)\s*)\Z"
)
_NEARBY = 40


def _only(value: date | None) -> Interval | None:
    return (value, value) if value else None


def _step(which: str) -> int:
    return _STEP[which.split()[-1]]


@rule(r"the day before yesterday|the day after tomorrow|yesterday|tomorrow(?! week\b)|today|tonight|last night|"
      r"this (?:morning|afternoon|evening|very day)|earlier today|later today")  # fmt: skip
def _near_day(match: re.Match[str], reading: Reading) -> Interval | None:
    words = match[0]
    steps = {
        "the day before yesterday": -2,
        "the day after tomorrow": 2,
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
    }
    return _only(shift(reading.said, steps.get(words, 0)))


@rule(rf"(?:yesterday|tomorrow) {PART}\b")
def _near_part(match: re.Match[str], reading: Reading) -> Interval | None:
    return _only(shift(reading.said, -1 if match[0][0] == "y" else 1))


@rule(r"the other (?:day|night|evening|morning)", rough=True)
def _other_day(match: re.Match[str], reading: Reading) -> Interval | None:
    return around(shift(reading.said, -4), 3)


@rule(rf"(?P<n>{NUMBER}) (?P<u>hour|minute|min)s? (?P<w>ago|from now)\b")
def _hours_away(match: re.Match[str], reading: Reading) -> Interval | None:
    return None if _is_part_of_number(match, reading) else _only(_hours_later(match, reading))


@rule(rf"in (?P<n>{NUMBER}) (?P<u>hour)s?\b(?! (?:of|flat)\b)")
def _in_hours(match: re.Match[str], reading: Reading) -> Interval | None:
    return _only(_hours_later(match, reading)) if reading.future(match) else None


@rule(
    rf"(?:(?:about|around|almost|over|nearly|more than) )?(?P<n>{NUMBER}) (?P<u>{UNIT})s?(?P<half> and a half)? "
    rf"(?:ago|back)\b(?P<to> today)?",
    rough=True,
)
def _ago(match: re.Match[str], reading: Reading) -> Interval | None:
    if _is_part_of_number(match, reading):
        return None
    if match["to"]:
        return around(shift(reading.said, -round(number(match["n"]) * _DAYS_PER[match["u"]])), 0)
    return _steps_away(reading.said, -number(match["n"]) - (0.5 if match["half"] else 0), match)


@rule(
    rf"(?:in (?:about |around |just )?(?P<n>{NUMBER}) (?P<u>{UNIT})s?(?:['\u2019]s? time)?|"
    rf"(?P<n2>{NUMBER}) (?P<u2>{UNIT})s? from (?:now|today))\b(?! (?:of|is|are|was)\b)",
    rough=True,
)
def _ahead(match: re.Match[str], reading: Reading) -> Interval | None:
    if match["n"] and not match[0].endswith("time") and not reading.future(match):
        return None
    if _is_part_of_number(match, reading):
        return None
    return _steps_away(reading.said, number(match["n"] or match["n2"]), match)


@rule(rf"(?P<n>{NUMBER}) (?P<u>day|week|fortnight)s? from (?P<d>today|tomorrow|{WEEKDAY})")
def _from_a_day(match: re.Match[str], reading: Reading) -> Interval | None:
    near = {"today": 0, "tomorrow": 1}.get(match["d"])
    start = shift(reading.said, _days_ahead(match["d"], reading) if near is None else near)
    if start is None or _is_part_of_number(match, reading):
        return None
    return _only(shift(start, round(number(match["n"]) * _DAYS_PER[match["u"]])))


@rule(
    r"(?:for |over |during |in |within )?(?:(?:the |these )(?P<w>last|past|previous|next|coming) "
    rf"(?:(?P<n>{NUMBER}) )?|"
    rf"(?P<w2>last|past|next) (?P<n2>\d{{1,3}}) )(?P<u>{UNIT}|hour)s?\b(?! (?:of|before|after)\b)"
)
def _span(match: re.Match[str], reading: Reading) -> Interval | None:
    step, count = _step(match["w"] or match["w2"]), number(match["n"] or match["n2"] or "one")
    if match["u"] == "hour":
        other = _only((reading.now + step * timedelta(hours=count)).date())
        return (min(other[0], reading.said), max(other[0], reading.said)) if other else None
    length = round(count * _DAYS_PER[match["u"]])
    end = shift(reading.said, step * length)
    return (min(end, reading.said), max(end, reading.said)) if end else None


@rule(rf"the (?:(?P<u>week|weekend|month|year)|(?P<d>{WEEKDAY})) (?P<w>after next|before last)\b")
def _unit_but_one(match: re.Match[str], reading: Reading) -> Interval | None:
    ahead = match["w"] == "after next"
    if match["d"]:
        coming = _days_ahead(match["d"], reading)
        return _only(shift(reading.said, coming + 7 if ahead else coming - 14 - 7 * (coming == 7)))
    return _whole(match["u"], 2 if ahead else -2, reading.said)


@rule(rf"(?:earlier |later )?(?P<w>last|this|next) week,? (?:on )?(?P<d>{WEEKDAY})")
def _weekday_of_week(match: re.Match[str], reading: Reading) -> Interval | None:
    return _only(shift(week(reading.said)[0], 7 * _step(match["w"]) + weekday_number(match["d"])))


@rule(
    r"(?:(?P<w>last|this|next) month,? (?:on )?the (?P<d>\d{1,2})(?:st|nd|rd|th)\b|"
    r"(?:on )?the (?P<d2>\d{1,2})(?:st|nd|rd|th) (?:of )?(?P<w2>last|this|next) month\b)"
)
def _day_of_near_month(match: re.Match[str], reading: Reading) -> Interval | None:
    whole, wanted = month(reading.said.year, reading.said.month + _step(match["w"] or match["w2"])), match["d"]
    value = int(wanted or match["d2"])
    return _only(whole[0].replace(day=value)) if whole and 1 <= value <= whole[1].day else None


@rule(rf"(?:(?P<p>earlier|later|at some point) )?(?P<w>{_WHICH}) (?P<u>week|weekend|month|year)\b")
def _unit(match: re.Match[str], reading: Reading) -> Interval | None:
    whole = _whole(match["u"], _step(match["w"]), reading.said)
    if whole and match["p"] == "earlier" and whole[0] < reading.said < whole[1]:
        return whole[0], reading.said
    if whole and match["p"] == "later" and whole[0] < reading.said < whole[1]:
        return reading.said, whole[1]
    return whole


@rule(rf"(?:the )?(?P<p>end|start|beginning|middle) of (?P<w>the|{_WHICH}) (?P<u>week|month|year)\b")
def _part_of_unit(match: re.Match[str], reading: Reading) -> Interval | None:
    whole = _whole(match["u"], 0 if match["w"] == "the" else _step(match["w"]), reading.said)
    if whole is None:
        return None
    third = (whole[1] - whole[0]).days // 3
    parts = {"end": (shift(whole[1], -third), whole[1]), "middle": (shift(whole[0], third), shift(whole[1], -third))}
    first, last = parts.get(match["p"], (whole[0], shift(whole[0], third)))
    return (first, last) if first and last else None


@rule(
    rf"(?:(?:this time )|(?P<d>{WEEKDAY}) |(?:at |in |over |during )?(?:the )?(?P<s>spring|summer|autumn|fall|"
    rf"winter) )(?P<w>last|this|next) (?P<u>week|year)\b"
)
def _inside_unit(match: re.Match[str], reading: Reading) -> Interval | None:
    step = _step(match["w"])
    if match["d"]:
        start = week(reading.said)[0]
        return _only(shift(start, 7 * step + weekday_number(match["d"]))) if match["u"] == "week" else None
    if match["s"]:
        return season(reading.said.year + step, match["s"])
    return (
        around(shift(reading.said, 365 * step), 7) if match["u"] == "year" else around(shift(reading.said, 7 * step), 1)
    )


@rule(
    rf"(?<!\bevery )(?<!\beach )(?:(?:on )?(?P<w>{_WHICH}) |on )?(?:the )?(?P<d>{WEEKDAY}|(?<=on ){WEEKDAY_SHORT}|"
    rf"(?<=last ){WEEKDAY_SHORT}|(?<=next ){WEEKDAY_SHORT}|(?<=this ){WEEKDAY_SHORT})(?: {PART}\b)?"
    rf"(?! (?:week\b|after next|before last|(?:before|after|of) (?:the )?(?:\d|{MONTH}|{HOLIDAY})))"
    rf"(?!\s*(?:through|thru|to|-|\u2013)\s*{WEEKDAY})"
)
def _weekday(match: re.Match[str], reading: Reading) -> Interval | None:
    target, which = weekday_number(match["d"]), (match["w"] or "")
    back = (reading.said.weekday() - target) % 7
    if _HABIT.search(reading.text, max(0, match.start() - _NEARBY), match.start()):
        return None
    if which.endswith(("last", "past", "previous")):
        return _only(shift(reading.said, -(back or 7)))
    if which.startswith("next"):
        return _only(shift(week(reading.said)[0], 7 + target))
    if which == "this":
        gone = target < reading.said.weekday() and reading.future(match)
        return _only(shift(week(reading.said)[0], target + (7 if gone else 0)))
    if which or reading.future(match):
        return _only(shift(reading.said, 7 - back if back else 7))
    return _only(shift(reading.said, -back))


@rule(
    rf"(?:(?:over |during |in )?(?P<w>{_WHICH}) |in the |over the |during the )(?P<s>spring|summer|autumn|fall|"
    rf"winter)\b(?! (?:of|{YEAR}))"
)
def _season(match: re.Match[str], reading: Reading) -> Interval | None:
    name, which = match["s"], (match["w"] or "")
    near = [season(reading.said.year + step, name) for step in (-2, -1, 0, 1)]
    if which.endswith(("last", "past", "previous")):
        return max(each for each in near if each and each[1] < reading.said)
    if which.endswith(("next", "coming")):
        return min(each for each in near if each and each[0] > reading.said)
    return reading.nearest(near, match)


@rule(
    r"(?:on|by|until|till|since|from) the (?P<d>\d{1,2})(?:st|nd|rd|"
    r"th)(?= (?:at|and|to|because|for|with|so|but|when|i|we)\b|[.,;!?)]|\s*$)"
)
def _day_of_month(match: re.Match[str], reading: Reading) -> Interval | None:
    wanted, found = int(match["d"]), []
    for step in (-1, 0, 1):
        whole = month(reading.said.year, reading.said.month + step)
        if whole and 1 <= wanted <= whole[1].day:
            found.append(_only(whole[0].replace(day=wanted)))
    return reading.nearest([each for each in found if each], match)


def _days_ahead(name: str, reading: Reading) -> int:
    """Return how many days off the coming weekday of this name is, 1 to 7."""
    return 7 - (reading.said.weekday() - weekday_number(name)) % 7


def _is_part_of_number(match: re.Match[str], reading: Reading) -> bool:
    """Whether the number of *match* is the end of a longer one ("one hundred and five", "1,500", "two or three")."""
    return _PART_OF_NUMBER.search(reading.text, max(0, match.start() - _NEARBY), match.start()) is not None


def _hours_later(match: re.Match[str], reading: Reading) -> date | None:
    """Return the day some hours or minutes after it was said, or before, with "ago"."""
    count = number(match["n"]) * (-1 if match.groupdict().get("w") == "ago" else 1)
    try:
        return (reading.now + (timedelta(hours=count) if match["u"] == "hour" else timedelta(minutes=count))).date()
    except OverflowError:
        return None


def _whole(unit: str, step: int, said: date) -> Interval | None:
    """Return the week, weekend, month or year *step* away from the one *said* lies in."""
    if unit == "month":
        return month(said.year, said.month + step)
    if unit == "year":
        return year(said.year + step)
    inside = shift(said, 7 * step)
    if inside is None:
        return None
    monday, sunday = week(inside)
    if unit == "week":
        return monday, sunday
    saturday = shift(sunday, -1)
    return (saturday, sunday) if saturday else None


def _steps_away(said: date, steps: float, match: re.Match[str]) -> Interval | None:
    """Return the days *steps* units from *said*, as wide as the unit is coarse: a day, +-3 days, a month, a year."""
    groups = match.groupdict()
    unit = groups.get("u") or groups.get("u2") or "day"
    vague = "few" in match[0] or "several" in match[0] or "couple" in match[0]
    middle = shift(said, round(steps * _DAYS_PER[unit]))
    if unit == "day":
        return around(middle, 1 if vague else 0)
    if unit in ("week", "weekend", "fortnight"):
        return around(middle, 7 if vague else 3)
    if middle is None:
        return None
    if unit == "month":
        exact = month(said.year, said.month + round(steps)) if steps == int(steps) else around(middle, 15)
        return around(middle, 31) if vague else exact
    if unit == "year" and steps == int(steps) and not vague:
        return year(said.year + int(steps))
    return year(middle.year) if not vague else around(middle, 365)


RELATIVE_RULES = (
    _near_part, _near_day, _other_day, _hours_away, _ago, _from_a_day, _ahead, _in_hours, _span, _part_of_unit,
    _unit_but_one, _weekday_of_week, _day_of_near_month, _inside_unit, _unit, _weekday, _season, _day_of_month,
)  # fmt: skip
