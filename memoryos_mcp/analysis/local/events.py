"""Dated events that lie ahead: "my flight is on March 12", "I have a dentist appointment next Tuesday at 3"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from ...text.dates import DateMention, describe, find_dates
from .english.wording import capital
from .rules import pattern_of
from .statement import Statement, value_words

__all__ = ["dated", "days_ahead", "event_of"]

_IS = pattern_of("events", "is")
_DUE = pattern_of("events", "due")
_BIRTHDAY = pattern_of("events", "birthday")
_SAID_OF_IT = pattern_of("events", "said_of_it")
_KEPT = frozenset(["leaves", "departs", "arrives", "starts", "begins", "ends"])
_HAVE = pattern_of("events", "have")
_GOES = pattern_of("events", "goes")
_BARE = pattern_of("events", "bare")
_NUMBERED = re.compile(
    r"\b(?:the )?\d{1,2}(?:st|nd|rd|th)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}/\d{1,2}\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\bat (?P<t>\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?|noon|midnight)(?=$|[ ,.;])", re.IGNORECASE)
_NOT = re.compile(r",? (?:and )?not (?:on )?(?:the )?.*$", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,? (?:the )?(?:\d|[a-z]+ \d)", re.IGNORECASE)
_BESIDE = 3
_LOOSE = re.compile(r"(?: (?:with|for|in|at|to|of))?(?: (?:the|my|our|an?|their|his|her))?$", re.IGNORECASE)
_LONGEST = 60


def event_of(part: str, when: datetime, quote: str) -> Statement | None:
    """Return the dated event that a clause tells, None when it tells none."""
    birthday = _BIRTHDAY.match(part)
    if birthday is not None:
        return _birthday(part, when, quote)
    for pattern, verb in ((_IS, "is on"), (_DUE, "is due on"), (_HAVE, ""), (_GOES, ""), (_BARE, "")):
        found = pattern.match(part)
        if found is None:
            continue
        whose = (found.groupdict().get("whose") or "").removeprefix("my ").removeprefix("My ")
        what = f"{whose} {found['what']}".strip()
        if pattern is _GOES:
            what = f"Flight {what}" if re.search(r"\bfl[iy]", part) else f"Leaving {what}"
        if pattern is _IS and found["verb"].lower() in _KEPT:
            verb = f"{found['verb'].lower()} on"
        return _event(what, found["when"], verb, when, quote)
    return None


def days_ahead(text: str, when: datetime) -> Sequence[DateMention]:
    """Return the days that *text* names; a bare weekday lies ahead, and one before a date is that date's."""
    days = find_dates(f"it is on {text}", when) or find_dates(text, when)
    beside = len(days) > 1 and days[1].start - days[0].end < _BESIDE
    return days[1:] if beside and _WEEKDAY.search(text) else days


def dated(said: Statement, sentence: str, when: datetime) -> Statement:
    """Return a plan with the day that its sentence tells behind it: "I signed up for the race, it's on 16 March"."""
    found = _SAID_OF_IT.search(sentence) if said.kind == "plan" and said.line and said.expires is None else None
    days = days_ahead(found["when"], when) if found else ()
    if not days or days[0].last < when.date():
        return said
    line = f"{said.line} ({describe(days[0].first, days[0].last)})"
    return replace(said, line=line, expires=_end(days[0].last, when))


def _birthday(told: str, when: datetime, quote: str) -> Statement | None:
    """Return the birthday that a clause tells by a day near the one it was said on."""
    days = find_dates(told, when)
    if not days or days[0].first != days[0].last:
        return None
    day = describe(days[0].first, days[0].last).rpartition(" ")[0]
    return Statement("birthday", "birthday", "is", f"Birthday is {day}", value_words(day), quote)


def _end(day: date, when: datetime) -> datetime:
    """Return when what falls on *day* is over: with the next day of who said it."""
    return datetime.combine(day + timedelta(days=1), time(), when.tzinfo)


def _event(what: str, rest: str, verb: str, when: datetime, quote: str) -> Statement | None:
    rest = _NOT.sub("", rest)
    days = days_ahead(rest.removeprefix("on "), when)
    if not days and not _NUMBERED.search(rest):
        return None
    clock = _CLOCK.search(rest)
    at = f" at {clock['t']}" if clock else ""
    if days:
        ends = days[0].last
        if ends < when.date():
            return None
        named = describe(days[0].first, ends)
        expires: datetime | None = _end(ends, when)
    else:
        named, expires = rest.strip(" .,")[:_LONGEST].removeprefix("on "), None
    what = _LOOSE.sub("", re.sub(r"^(?:my|our|the) ", "", what, flags=re.IGNORECASE))
    line = f"{capital(what)} {verb} {named}{at}" if verb else f"{capital(what)} ({named}{at})"
    return Statement("event", f"event:{value_words(what)}", "is", line, value_words(what), quote, expires=expires)
