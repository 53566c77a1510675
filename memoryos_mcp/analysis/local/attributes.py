"""
The profile that follows from the facts that hold: static attributes, and traits from several statements.

Both are read off the lines, so they fall with the facts they stand on.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from ...domain.records import AttributeFinding, Level, TraitFinding
from ...tiers.forgotten_facts import PARTS
from .closing import Entry
from .rules import Rule, rules
from .templates import filled, line_pattern

__all__ = ["attributes_of", "changed_attributes", "changed_traits", "traits_of"]

_SINGULAR = re.compile(r"^(?P<name>[\w {}:]+?)(?P<many>[=+])(?P<value>.*)$")
_LOVED = re.compile(
    r"(?:Loves|Adores|Is (?:a (?:huge|big|massive|lifelong|die-hard|avid)|obsessed|passionate|crazy))\b"
)
_DISLIKED = re.compile(
    r"(?:Hates|Dislikes|Can't stand|Does not (?:like|enjoy)|Detests|Loathes|No longer (?:likes|enjoys)|Despises)\b"
)
_ENOUGH, _MANY = 2, 3


@dataclass(frozen=True, slots=True)
class Derived:
    """What several facts make: its value or level, in words, with its pages and when it was last said."""

    value: str
    evidence: str
    page_ids: tuple[str, ...]
    said_at: datetime


def attributes_of(entries: Sequence[Entry]) -> Mapping[str, Derived]:
    """Return the static attributes by name that the lines in *entries* (those that hold, oldest first) state."""
    found: dict[str, Derived] = {}
    for entry in entries:
        for name, value, gathers in _stated(entry):
            old = found.get(name)
            if gathers and old is not None:
                value = old.value if value in old.value.split(PARTS) else PARTS.join((old.value, value))
                pages = tuple(dict.fromkeys((*old.page_ids, *entry.page_ids)))
                found[name] = Derived(value, "", pages, entry.said_at)
            else:
                found[name] = Derived(value, "", entry.page_ids, entry.said_at)
    return found


def _over(before: Mapping[str, Derived], name: str) -> datetime | None:
    return before[name].said_at if name in before else None


def changed_attributes(
    before: Mapping[str, Derived], after: Mapping[str, Derived], latest: datetime
) -> list[AttributeFinding]:
    """Return what turns the attributes *before* into those *after*; one that is gone has no value, at *latest*."""
    gone = [AttributeFinding(name, "", (), latest) for name in before if name not in after]
    new = [
        AttributeFinding(name, each.value, each.page_ids, each.said_at, _over(before, name))
        for name, each in after.items()
        if before.get(name) != each
    ]
    return [*gone, *new]


def _stated(entry: Entry) -> Sequence[tuple[str, str, bool]]:
    if not entry.key:
        return []
    for rule, pattern in _templates().get(entry.kind, ()):
        found = pattern.match(entry.line)
        if found:
            if not rule.attribute:
                return []
            parts = _SINGULAR.match(rule.attribute)
            assert parts is not None
            groups = {name: value or "" for name, value in found.groupdict().items()}
            whole = re.sub(r" \([^()]*\)$", "", entry.line.partition(" ")[2])
            value = whole if parts["value"] == "*" else filled(parts["value"], groups, entry.said_at)
            name = filled(parts["name"], groups, entry.said_at).lower()
            return [(name, value, parts["many"] == "+")] if value else []
    return []


@cache
def _templates() -> Mapping[str, list[tuple[Rule, re.Pattern[str]]]]:
    """Return by kind the rules whose lines state an attribute or none, the plainest line last."""
    found: dict[str, list[tuple[Rule, re.Pattern[str]]]] = defaultdict(list)
    for rule in rules("english_life"):
        if rule.line:
            kind = rule.kind
            found[kind].append((rule, line_pattern(rule.line)))
    for each in found.values():
        each.sort(key=lambda pair: (not pair[0].line.split("{")[0], -len(pair[0].line.split("{")[0])))
    return found


@cache
def _interests() -> Mapping[str, re.Pattern[str]]:
    """Return what speaks of an interest, by dimension."""
    rows = files(__package__).joinpath("rules", "interests.tsv").read_text("utf-8").splitlines()
    pairs = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return {name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for name, pattern in pairs}


def traits_of(entries: Sequence[Entry]) -> Mapping[str, Derived]:
    """Return the traits that at least two statements of taste or habit agree on, by dimension."""
    evidence: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind not in ("liking", "study", "side_activity", "pet", "work"):
            continue
        low = bool(_DISLIKED.match(entry.line))
        for name, pattern in _interests().items():
            if pattern.search(entry.line):
                evidence[name, low].append(entry)
    found: dict[str, Derived] = {}
    for (name, low), told in evidence.items():
        if len(told) < _ENOUGH or len({page for each in told for page in each.page_ids}) < _ENOUGH:
            continue
        if len(evidence.get((name, not low), ())) >= len(told):
            continue
        high = len(told) >= _MANY or sum(bool(_LOVED.match(each.line)) for each in told) > 1
        level: Level = "low" if low else "high" if high else "medium"
        pages = tuple(dict.fromkeys(page for each in told for page in each.page_ids))
        found[name] = Derived(level, "; ".join(each.line for each in told[-3:]), pages, told[-1].said_at)
    return found


def changed_traits(before: Mapping[str, Derived], after: Mapping[str, Derived], latest: datetime) -> list[TraitFinding]:
    """Return what turns the traits *before* into those *after*; one that is gone has no evidence and no page."""
    gone = [TraitFinding(name, "medium", "", (), latest) for name in before if name not in after]
    new = [
        TraitFinding(name, _level(each.value), each.evidence, each.page_ids, each.said_at, _over(before, name))
        for name, each in after.items()
        if before.get(name) != each
    ]
    return [*gone, *new]


def _level(value: str) -> Level:
    return "high" if value == "high" else "low" if value == "low" else "medium"
