"""
Lines from templates: "{group}", "{group:form}", "{group: text}" (the text stands before the group when there is one).

And back: which attribute a line of a table's form states.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from .english.verbs import third_person
from .english.wording import capital, name_case
from .rules import area_of
from .statement import value_words

__all__ = ["filled", "line_pattern", "slot_of"]

_FIELD = re.compile(r"\{(\w+)(?::([^}]*))?\}")
_ARTICLE = re.compile(r"^(?:an?|the|my|our|as) ", re.IGNORECASE)
_MINE = re.compile(r"^(?:my|our)(?: own)? ", re.IGNORECASE)
_ENDED = {"broke up": "Broke up", "broken up": "Broke up", "split up": "Split up", "split": "Split up"}
_JOB = re.compile(
    r"^(?:an? |my )?(?:new |first |full[- ]time |great )*(?:job|position|role|post|gig)(?: offer)? "
    r"(?:as |at |with )?(?=.)"
)
_TAIL = re.compile(r",? (?:and|but|or|properly|badly|severely|seriously|unfortunately|sadly)$")
_DATE_BEHIND = r"(?: \([^()]*\d{4}[^()]*\))?"


def _role(value: str) -> str:
    return _ARTICLE.sub("", _JOB.sub("", value))


_FORMS: Mapping[str, Callable[[str], str]] = {
    "bare": lambda value: _ARTICLE.sub("", value),
    "own": lambda value: _MINE.sub(
        lambda found: "a " if found[0].strip().lower() in ("my own", "our own") else "", value
    ),
    "cap": capital,
    "place": lambda value: value if value.startswith(("a ", "an ", "the ")) else name_case(value),
    "third": lambda value: third_words(value),
    "verb": lambda value: third_words(value)[:1].lower() + third_words(value)[1:],
    "ended": lambda value: _ENDED.get(value.lower(), "Separated" if value.lower() == "separated" else "Got divorced"),
    "baby": lambda value: capital(f"baby {value}") if value else "",
    "aged": lambda value: re.sub(r"^an? \d+[- ]years?[- ]old ", "a ", value),
    "removed": lambda value: f"{value} removed",
    "role": _role,
    "day": lambda value: re.sub(r"^the |(?<=\d)(?:st|nd|rd|th)\b|\bof ", "", value).strip(),
}


def third_words(value: str) -> str:
    """Return a verb phrase of the first person in the third: "do not like" is "Does not like"."""
    first, _, rest = value.partition(" ")
    low = value.lower()
    if low.startswith("do not "):
        return f"Does not {value[7:]}"
    if low.startswith("can not "):
        return f"Can't {value[8:]}"
    if first.lower() in ("is", "are", "has", "was", "turned", "moved", "started", "got", "does"):
        return value
    if first.lower().endswith("s") and first.lower() not in ("cross", "fuss"):
        return capital(value) if low in value else value
    verb = third_person(first.lower())
    return f"{capital(verb)} {rest}".strip()


def filled(template: str, groups: Mapping[str, str], when: datetime) -> str:
    """Return *template* with the groups of a match in it, blanks tidied."""

    def put(found: re.Match[str]) -> str:
        name, form = found[1], found[2]
        if name == "year":
            return str(when.year)
        value = (groups.get(name) or "").rstrip(",.;:!")
        if form is None:
            return value
        forms = form.split(":")
        if all(each in _FORMS for each in forms):
            value = value.strip()
            for each in forms:
                value = _FORMS[each](value) if value else ""
            return value
        return f"{form.replace(';', '')}{value}" if value.strip() else ""

    return _TAIL.sub("", " ".join(_FIELD.sub(put, template).split()).strip(" ,."))


def slot_of(template: str, groups: Mapping[str, str]) -> tuple[str, str]:
    """Return the slot of a match and its value: the words of the groups that the slot names."""
    name, _, rest = template.partition(":")
    if not rest:
        return name, ""
    parts = []
    for found in _FIELD.finditer(rest):
        value = (groups.get(found[1]) or "").strip()
        parts.append(_keyed(value, found[2] or ""))
    fixed = value_words(_FIELD.sub("", rest).strip(": ")) if _FIELD.sub("", rest).strip(": ") else ""
    value = " ".join(part for part in parts if part)
    value = f"{value} {fixed}".strip()
    return f"{name}:{value}", value


def _keyed(value: str, form: str) -> str:
    if form == "area":
        return area_of(value) or value_words(value)
    if form == "pets":
        named = re.findall(r"(?<!^)\b[A-Z][\w'-]+", value)
        return (
            value_words(" ".join(named))
            if named
            else value_words(re.sub(r"\b(?:a|an|two|three|four|five|\d+|several|my|our)\b", "", value))
        )
    if form == "deploy":
        return value_words(value)
    return value_words(value)


def line_pattern(template: str) -> re.Pattern[str]:
    """Return the pattern of lines that *template* makes; its groups have the template's names."""
    parts, at, seen = [], 0, set[str]()
    for found in _FIELD.finditer(template):
        parts.append(re.escape(template[at : found.start()]))
        at = found.end()
        name, before = found[1], found[2]
        group = r"\d{4}" if name == "year" else f"(?P<{name}>.+?)" if name not in seen else ".+?"
        seen.add(name)
        optional = before is not None and not all(each in _FORMS for each in before.split(":"))
        parts.append(f"(?:{re.escape((before or '').replace(';', ''))}{group})?" if optional else group)
    parts.append(re.escape(template[at:]))
    return re.compile("".join(parts) + _DATE_BEHIND + r"$", re.IGNORECASE)
