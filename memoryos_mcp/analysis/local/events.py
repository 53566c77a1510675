"""Dated events that lie ahead or are fixed: "my flight is on March 12", "I have a dentist appointment next Tuesday at 3"."""

import re
from datetime import date, datetime, time, timedelta, timezone

from ...text.dates import describe, find_dates
from .english.wording import capital
from .rules import pieces, written_out
from .statement import Statement, value_words

__all__ = ["event_of"]

_EVENT = written_out("<event>", pieces("english"))
_IS = re.compile(
    rf"(?:my|our|the|(?P<whose>my [\w-]+(?: [A-Z]\w+)?'s)) (?P<what>(?:(?!is\b|was\b)[\w'&-]+ ){{0,4}}?(?:{_EVENT})(?: (?:in|to|at|with|for|appointment|of) [\w' ]{{2,30}}?)?) "
    r"(?:is|will be|has been moved|was moved|got moved|moved|is now|is scheduled|has been scheduled|is set|is due|starts|begins|ends|"
    r"was rescheduled|got rescheduled|has been rescheduled|is happening|takes place|falls|got pushed|has been pushed|was postponed|got postponed|leaves|departs|is planned|is booked)"
    r"(?: now| actually| back| again| still)*(?: on| at| for| in| to| until| by| from)* (?P<when>.+)",
    re.IGNORECASE,
)
_HAVE = re.compile(
    rf"(?:I|we) (?:(?:also|just|now|still) )*(?:have|have got|am having|am getting|are having|booked|have booked|scheduled|have scheduled|am going to|am attending|am giving|are going to|am taking|am running|have to go to) "
    rf"(?:an?|my|our|the|another) (?P<what>(?:(?!and\b)[\w'&-]+ ){{0,3}}?(?:{_EVENT})(?: (?:in|to|at|with|for) (?!(?:an?|the) (?:week|month)\b)[\w' ]{{2,30}}?)?)(?P<when>,? (?:on|at|in|next|this|tomorrow|coming|for|the|from|by)?\b.*)",
    re.IGNORECASE,
)
_GOES = re.compile(
    r"(?:I|we) (?:fly|leave|depart|am flying|are flying|am leaving|are leaving) (?P<what>(?:to|for) (?-i:[A-Z])[\w' ]{2,25}?) (?P<when>(?:on|next|this|tomorrow|in)\b.*)",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"(?P<what>(?:(?:my|our|the) )?(?:<event>|dentist|doctor|gp|vet|hairdresser|physio|therapy|optician|gym|lunch with [A-Z]\w+|dinner with [A-Z]\w+)(?: appointment)?(?: (?:in|at|with) [\w ]{{2,25}}?)?) (?P<when>(?:is )?(?:on|next|this|tomorrow|at) .+)".replace(
        "<event>", _EVENT
    ),
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:the )?\d{1,2}(?:st|nd|rd|th)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}/\d{1,2}\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\bat (?P<t>\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?|noon|midnight)(?=$|[ ,.;])", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)
_LONGEST = 60


def event_of(part: str, when: datetime, quote: str) -> Statement | None:
    """Return the dated event that a clause tells, None when it tells none."""
    for pattern, verb in ((_IS, "is on"), (_HAVE, ""), (_GOES, ""), (_BARE, "")):
        found = pattern.match(part)
        if found is None:
            continue
        whose = (found.groupdict().get("whose") or "").removeprefix("my ").removeprefix("My ")
        what = f"{whose} {found['what']}".strip()
        if pattern is _GOES:
            what = f"Flight {what}" if re.search(r"\bfl[iy]", part) else f"Leaving {what}"
        return _event(what, found["when"], verb, when, quote)
    return None


def _ahead(rest: str, day: date, when: datetime) -> date:
    """Return the coming day where a bare weekday ("on Friday") was read as the last one."""
    past = (when.date() - day).days
    return day + timedelta(days=7) if 0 < past < 7 and _WEEKDAY.search(rest) and "last" not in rest.lower() else day


def _event(what: str, rest: str, verb: str, when: datetime, quote: str) -> Statement | None:
    days = find_dates(rest, when)
    if not days and not _NUMBERED.search(rest):
        return None
    clock = _CLOCK.search(rest)
    at = f" at {clock['t']}" if clock else ""
    if days:
        first, ends = _ahead(rest, days[0].first, when), _ahead(rest, days[0].last, when)
        if ends < when.date():
            return None
        named = describe(first, ends)
        expires: datetime | None = datetime.combine(ends + timedelta(days=1), time(), timezone.utc)
    else:
        named, expires = rest.strip(" .,")[:_LONGEST].removeprefix("on "), None
    what = re.sub(r"^(?:my|our|the) ", "", what, flags=re.IGNORECASE)
    line = f"{capital(what)} {verb} {named}{at}" if verb else f"{capital(what)} ({named}{at})"
    return Statement("event", f"event:{value_words(what)}", "is", line, value_words(what), quote, expires=expires)
