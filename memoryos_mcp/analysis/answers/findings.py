"""
Checking what a model says it learnt: facts, attributes, traits.

Nothing passes that does not stand on a page that was asked about: unknown pages are dropped, and a finding left without
any is; a date that lies outside the pages refuses the finding; dimensions, attributes and slots are those of our lists.
Texts are single lines, bounded, with relative dates written out. A repeated known fact only adds its pages.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from ...domain.records import About, AttributeFinding, Fact, FactFinding, Findings, Level, Page, TraitFinding
from ...domain.traits import DIMENSIONS
from ...text.dates import resolve_relative
from .cleaning import one_line
from .material import SegmentMaterial
from .shapes import ATTRIBUTES, LEVELS, SLOT_KEYS

__all__ = ["listed", "named_pages", "read_findings", "read_segment"]

MAX_FACT_CHARS = 240
ENDED = "-"
"""The value of an attribute that no longer holds; an empty one says nothing: models write it when they know none."""

_VALUE_CHARS = 120
_EVIDENCE_CHARS = 160
_FACTS_A_PAGE = 4
_MAX_ATTRIBUTES = 24
_MAX_TRAITS = 20
_TOLERANCE = timedelta(days=1)
_PARTS = ("attributes", "user_facts", "assistant_facts", "traits")
_SAYS_NOTHING = frozenset(
    {"", "unknown", "n/a", "na", "none", "null", "not mentioned", "not stated", "not specified", "?"}
)
_DAY = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})")

Json = Mapping[str, Any]


def read_segment(answer: Json, material: SegmentMaterial) -> Findings:
    """
    Return what the answer on a hot segment says of user and assistant.

    Raises:
        ValueError: It has none of the parts that were asked for, or one of the wrong type.
    """
    if not any(part in answer for part in _PARTS):
        raise ValueError(f"the object needs {', '.join(_PARTS)}")
    findings = read_findings(answer, material.pages, material.facts)
    _refuse_invented(answer, findings)
    return findings


def read_findings(answer: Json, pages: Mapping[str, Page], facts: Mapping[str, Fact]) -> Findings:
    """Return the findings in *answer* that stand on *pages*, each at the time its page was said, oldest first."""
    attributes = [_attribute(item, pages) for item in listed(answer, "attributes", _MAX_ATTRIBUTES)]
    traits = [_trait(item, pages) for item in listed(answer, "traits", _MAX_TRAITS)]
    return Findings(
        (*_facts(answer, "user", pages, facts), *_facts(answer, "assistant", pages, facts)),
        tuple(sorted((found for found in attributes if found), key=lambda found: found.said_at)),
        tuple(sorted((found for found in traits if found), key=lambda found: found.said_at)),
    )


def listed(answer: Json, part: str, most: int) -> Sequence[Json]:
    """
    Return the objects in a list of *answer*, at most *most*; a part that is missing is empty.

    Raises:
        ValueError: The part is no list, or holds no object at all.
    """
    items = answer.get(part) or []
    if not isinstance(items, list):
        raise ValueError(f"{part} must be a list of objects, got {type(items).__name__}")  # noqa: TRY004 - the answer's
    found = [item for item in items if isinstance(item, dict)]
    if items and not found:
        raise ValueError(f"{part} must be a list of objects, its items are no objects")
    return found[:most]


def named_pages(value: object, pages: Mapping[str, Page]) -> list[Page]:
    """Return the pages that a list of names stands for, in the order of *pages*; unknown names are dropped."""
    given = value if isinstance(value, list) else [value]
    names = {one_line(name, 40).strip("[] ").lower() for name in given[:200]}
    return [page for name, page in pages.items() if name in names]


def _facts(answer: Json, about: About, pages: Mapping[str, Page], facts: Mapping[str, Fact]) -> list[FactFinding]:
    items = listed(answer, f"{about}_facts", _FACTS_A_PAGE * len(pages))
    distinct: dict[str, FactFinding] = {}
    for item in items:
        if finding := _fact(item, about, pages, facts):
            distinct.setdefault(_bare(finding.text), finding)
    return sorted(distinct.values(), key=lambda finding: finding.said_at)


def _fact(item: Json, about: About, pages: Mapping[str, Page], facts: Mapping[str, Fact]) -> FactFinding | None:
    said = _sources_of(item, pages)
    text = one_line(item.get("fact"), MAX_FACT_CHARS).lstrip("-*\u2022 ").rstrip(".")
    if said is None or not re.search(r"\w", text):
        return None
    sources, when = said
    text = one_line(resolve_relative(text, when), MAX_FACT_CHARS)
    slot = one_line(item.get("slot"), 40).lower() if about == "user" else ""
    same = next((fact for fact in facts.values() if fact.about == about and _bare(fact.fact) == _bare(text)), None)
    if same is not None:
        return FactFinding(same.fact, about, sources, when, key=same.key)
    old = facts.get(one_line(item.get("replaces"), 40).strip("[] ").lower())
    replaced = old is not None and old.about == about and not old.pinned and old.said_at <= when
    return FactFinding(
        text, about, sources, when, SLOT_KEYS.get(slot, ""), supersedes=old.fact_id if old and replaced else None
    )


def _attribute(item: Json, pages: Mapping[str, Page]) -> AttributeFinding | None:
    said = _sources_of(item, pages)
    name = one_line(item.get("name"), 40).lower().replace("_", " ")
    value = one_line(item.get("value"), _VALUE_CHARS)
    if said is None or name not in ATTRIBUTES or value.lower().strip(". ") in _SAYS_NOTHING:
        return None
    return AttributeFinding(name, "" if value == ENDED else value, *said)


def _trait(item: Json, pages: Mapping[str, Page]) -> TraitFinding | None:
    said = _sources_of(item, pages)
    dimension = "_".join(one_line(item.get("dimension"), 60).lower().split())
    level = one_line(item.get("level"), 20).lower()
    evidence = one_line(item.get("evidence"), _EVIDENCE_CHARS)
    if said is None or dimension not in DIMENSIONS or level not in LEVELS or not evidence:
        return None
    return TraitFinding(dimension, cast("Level", level), evidence, *said)


def _sources_of(item: Json, pages: Mapping[str, Page]) -> tuple[tuple[str, ...], datetime] | None:
    """
    Return the ids of a finding's pages and the time it was said, None when it stands on none.

    The time is a page's own: that of the page said on the day which the answer names, else of the newest. A day that
    lies outside the pages asked about, or is none, refuses the finding: it was not read from them.
    """
    sources = named_pages(item.get("pages"), pages)
    if not sources:
        return None
    given = item.get("said")
    newest = max(sources, key=lambda page: page.timestamp)
    if given is not None and given != "":
        day = _day(given)
        if day is None or not _within(day, list(pages.values())):
            return None
        newest = next((page for page in reversed(sources) if page.timestamp.date() == day), newest)
    return tuple(page.page_id for page in sources), newest.timestamp


def _day(value: object) -> date | None:
    match = _DAY.match(value) if isinstance(value, str) else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _within(day: date, pages: Sequence[Page]) -> bool:
    """Whether *day* is one of the days the pages span, give or take one for the time zone."""
    days = [page.timestamp.date() for page in pages]
    return min(days).toordinal() - _TOLERANCE.days <= day.toordinal() <= max(days).toordinal() + _TOLERANCE.days


def _refuse_invented(answer: Json, findings: Findings) -> None:
    """Raise when an answer says much but nothing that stands on a page asked about."""
    said = sum(len(listed(answer, part, 1_000)) for part in _PARTS)
    if said and not (findings.facts or findings.attributes or findings.traits):
        raise ValueError("no item names a page that was asked about, with its date and one of the names given")


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
