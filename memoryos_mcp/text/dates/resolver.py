"""
Writing relative dates out: "I saw Anna yesterday" becomes "I saw Anna on 7 May 2023".

What was absolute stays as it stands. Only text is changed; which days are meant is `finder`'s.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .calendar import Interval, describe, month, week, year
from .finder import Found, find, lower
from .vocabulary import HOLIDAY

__all__ = ["TakenDate", "resolve_relative", "take_date"]

_BEFORE = re.compile(
    r"(?:\b(?:in|on|at|by|since|until|till|from|during|before|after|around|about|for|of|to|through|over|"
    r"between|than|as of)|[(:])\s*\Z"
)
_SUBJECT = re.compile(r"\s+(?:was|is|will be|has been|were|would be|went|marks|marked)\b")
_OWNED = re.compile(r"['\u2019]s\b|-\w")
_LEAD = re.compile(
    r"(?:since|until|till|by|from|before|after|during|through|around|for|of|over|within|early|late|mid|"
    r"(?P<part>(?:the )?(?:end|start|beginning|middle) of))\b"
)
_FRONT = 20
_FEAST_NOUN = re.compile(
    r"\s+(?:market|party|tree|dinner|presents?|gifts?|cards?|cookies|decorations?|lights|holidays?|break|season|"
    r"costumes?|shopping|lunch|song|movies?|carols?|eggs?|bunny|sales?)\b"
)
_FEAST = re.compile(HOLIDAY)
_OPENING = re.compile(r"\s*(?:(?:and|but|so|then),? )?(?:back )?(?:on |in |at )?\Z")
_CLAUSE = re.compile(
    r"(?P<stop>\s*[,:]|\s+[-\u2013\u2014])?\s+(?:i|we|my|our|he|she|they|it|the|an?|his|her|their|there|one|someone|"
    r"(?-i:[A-Z])[\w'\u2019]+)\b",
    re.IGNORECASE,
)
"""What follows a date in front of its sentence: a subject, behind a comma or not."""


def resolve_relative(text: str, said: datetime) -> str:
    """Return *text* with each relative date expression replaced by the days it means; the rest is unchanged."""
    parts: list[str] = []
    at = 0
    today = said.date()
    for each in find(text, said):
        mention = each.mention
        if each.relative:
            parts += [text[at : mention.start], _written_out(text, each, today)]
            at = mention.end
    return "".join([*parts, text[at:]]) if parts else text


@dataclass(frozen=True, slots=True)
class TakenDate:
    """A text without its first loose date ("yesterday", "last week"), and that date's name, "" when there is none."""

    text: str
    name: str


def take_date(text: str, said: datetime) -> TakenDate:
    """
    Return *text* with one loose date taken out and named, the other relative ones written out in place.

    "Last week I went to a parade" is "I went to a parade" and "the week of 26 June 2023"; so is a date of any kind in
    front ("On 3 May 2024 I broke my arm"). One that hangs on a preposition elsewhere or owns something ("since last
    week", "last night's dinner") stays in the text.
    """
    parts: list[str] = []
    at, name = 0, ""
    today = said.date()
    for each in find(text, said):
        start, end = each.mention.start, each.mention.end
        if (clause := _clause_behind(text, each)) is not None:
            name = describe(each.mention.first, each.mention.last)
            at = clause
            continue
        if not each.relative:
            continue
        own = lower(text[start:end])
        if not name and _loose(text, start, end) and _LEAD.match(own) is None and not _FEAST.search(own):
            preposition, name = _phrase(own, each, today)
            plain = describe(each.mention.first, each.mention.last)
            name = (
                f"{preposition} {name}"
                if preposition in ("around", "since")
                else plain
                if preposition == "between"
                else name
            )
            parts.append(text[at:start].rstrip().rstrip(","))
            at = end + 1 if text[end : end + 1] == "," else end
        else:
            parts += [text[at:start], _written_out(text, each, today)]
            at = end
    return TakenDate(" ".join("".join([*parts, text[at:]]).split()), name)


def _clause_behind(text: str, found: Found) -> int | None:
    """Return where the sentence goes on behind a date that opens it ("In 2019 we moved"), None when none does."""
    start, end = found.mention.start, found.mention.end
    own, before = lower(text[start:end]), lower(text[:start]) if start <= _FRONT else "-"
    clause = _CLAUSE.match(text, end)
    if clause is None or found.rough or _OPENING.fullmatch(before) is None or _FEAST.search(own):
        return None
    if _LEAD.match(own) or (found.relative and not before.strip()) or _SUBJECT.match(lower(text[end : end + 20])):
        return None
    return end + len(clause["stop"] or "")


def _loose(text: str, start: int, end: int) -> bool:
    """Return whether a date stands free in its sentence, so that taking it out leaves one."""
    after, before = lower(text[end : end + 20]), lower(text[max(0, start - 12) : start])
    return not (_OWNED.match(after) or _BEFORE.search(before) or _SUBJECT.match(after))


def _written_out(text: str, found: Found, today: date) -> str:
    mention = found.mention
    own = text[mention.start : mention.end]
    after = lower(text[mention.end : mention.end + 20])
    if _OWNED.match(after) or (_FEAST.search(lower(own)) and _FEAST_NOUN.match(after)):
        return own
    preposition, name = _phrase(lower(own), found, today)
    before = lower(text[max(0, mention.start - 12) : mention.start])
    hangs = _BEFORE.search(before) and not lower(own).startswith("on ")
    bare = bool(hangs or _SUBJECT.match(after))
    words = f"{preposition} {name}" if preposition and not bare else name
    return words[0].upper() + words[1:] if own[0].isupper() and _opens(text, mention.start) else words


def _phrase(own: str, found: Found, today: date) -> tuple[str, str]:
    """Return preposition and name for what *own* (lower case) means."""
    days = (found.mention.first, found.mention.last)
    lead, feast = _LEAD.match(own), _FEAST.search(own)
    if feast:
        name = f"{_capitals(feast[0])} {days[0].year}"
        return ("at" if lead is None else lead[0]), name
    if days[1] == today and (days[1] - days[0]).days > 1 and not own.startswith("earlier"):
        return "since", _coarse(days[0], (today - days[0]).days)
    if lead and lead["part"]:
        return "", f"{lead[0]} {describe(*_around(own, days[0]))}"
    preposition, name = _name(days, rough=found.rough)
    if lead and lead[0] not in ("for", "over", "during", "within"):
        return lead[0], name
    return preposition, name


def _name(days: Interval, *, rough: bool) -> tuple[str, str]:
    """Return an interval's preposition and name; a rough one is named by its middle."""
    width = (days[1] - days[0]).days
    name = describe(*days)
    whole = not re.search(r"\d-\d| to ", name)
    if rough and width and not whole:
        middle = days[0] + timedelta(days=width // 2)
        return "around", _coarse(middle, width * 8)
    if width == 0 or name.startswith("the weekend"):
        return "on", name
    return ("in", name) if whole else ("between", re.sub(r"(?<=\d)-(?=\d+ )| to ", " and ", name))


def _coarse(value: date, distance: int) -> str:
    """Return a day as a day, a month or a year: as exact as one *distance* days away is remembered."""
    if distance < 160:
        return describe(value, value)
    return describe(value, value).split(" ", 1)[1] if distance < 730 else str(value.year)


def _around(own: str, value: date) -> Interval:
    """Return the whole week, month or year around *value* that *own* names a part of."""
    if own.endswith("week"):
        return week(value)
    whole = year(value.year) if own.endswith("year") else month(value.year, value.month)
    return whole or (value, value)


def _capitals(name: str) -> str:
    return " ".join(word[0].upper() + word[1:] for word in name.split())


def _opens(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return not before or before[-1] in ".!?\n"
