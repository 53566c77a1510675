"""
How findings change long-term memory: merging, supersession, capacity. Pure functions, no store (paper, section 3.3).

Where we depart from the paper: a fact that no longer holds is superseded, not dropped, so that "where did I live
before?" still has an answer; superseded facts are the first to leave when the capacity is reached.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ..domain.identity import fact_id
from ..domain.records import About, Attribute, AttributeFinding, Fact, FactFinding, Trait, TraitFinding

__all__ = [
    "FAR",
    "FactChanges",
    "active",
    "apply_attributes",
    "apply_facts",
    "apply_traits",
    "ending_line",
    "ids_to_leave",
    "learnt_from",
    "supersede",
    "withdraw",
]

FAR = datetime.max.replace(tzinfo=timezone.utc)
"""A horizon beyond which nothing lies."""
_BEFORE_ALL = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class FactChanges:
    """Facts to write, by id, and the ids that the change superseded."""

    changed: Mapping[str, Fact]
    superseded: tuple[str, ...] = ()


def active(facts: Iterable[Fact], about: About | None = None) -> list[Fact]:
    """Return the facts that hold now, in the order said."""
    found = [fact for fact in facts if fact.superseded_by is None and about in (None, fact.about)]
    return sorted(found, key=lambda fact: (fact.said_at, fact.fact_id))


def apply_facts(
    known: Mapping[str, Fact], findings: Sequence[FactFinding], *, analyzer: str, horizon: datetime = FAR
) -> FactChanges:
    """
    Return what *findings* (oldest first) change in *known* facts.

    The same line again only adds its source pages. A newer fact supersedes older ones of its key; one that arrives
    after a newer one of its key (old history imported late) is stored as superseded at once. Pinned facts stay.
    Applying the same findings twice changes nothing the second time. What was said after *horizon* counts as the oldest
    of all: it closes nothing, and whatever is said of its key closes it.
    """
    changed, superseded = _righted(known, horizon), list[str]()
    facts = {**known, **changed}
    for finding in findings:
        for fact in _apply_one(facts, finding, analyzer, horizon):
            if facts.get(fact.fact_id) != fact:
                if fact.superseded_by and fact.fact_id in facts and not facts[fact.fact_id].superseded_by:
                    superseded.append(fact.fact_id)
                facts[fact.fact_id] = changed[fact.fact_id] = fact
    return FactChanges(changed, tuple(superseded))


def ending_line(fact: Fact) -> str:
    """Return the line that says no more than that *fact* no longer holds."""
    return f"No longer: {fact.fact}"


def supersede(old: Fact, by: Fact) -> Fact:
    """Return *old* closed by *by*, from the time *by* was said."""
    return replace(old, superseded_by=by.fact_id, superseded_at=by.said_at)


def withdraw(facts: Mapping[str, Fact], gone: Collection[str]) -> list[Fact]:
    """
    Return the facts that change once those with ids in *gone* are taken out.

    One that was superseded by a fact that goes is closed by the next living successor, and holds again without any.
    """
    changed = []
    for fact in facts.values():
        if fact.superseded_by in gone and fact.fact_id not in gone:
            heir = facts.get(fact.superseded_by or "")
            while heir is not None and heir.fact_id in gone:
                heir = facts.get(heir.superseded_by or "")
            changed.append(supersede(fact, heir) if heir else replace(fact, superseded_by=None, superseded_at=None))
    return changed


def learnt_from(facts: Iterable[Fact], page_ids: Collection[str]) -> list[str]:
    """Return the ids of facts that stand on these pages alone; pinned ones stay."""
    pages = set(page_ids)
    return [fact.fact_id for fact in facts if fact.page_ids and not fact.pinned and set(fact.page_ids) <= pages]


def ids_to_leave(facts: Iterable[Fact], about: About, capacity: int) -> list[str]:
    """
    Return the ids of facts that leave so that at most *capacity* about *about* stay.

    Superseded ones leave first, then the oldest; pinned ones never, even when they alone are over capacity.
    """
    mine = [fact for fact in facts if fact.about == about]
    loose = [fact for fact in mine if not fact.pinned]
    loose.sort(key=lambda fact: (fact.superseded_by is None, fact.said_at))
    return [fact.fact_id for fact in loose[: max(0, len(mine) - capacity)]]


def apply_attributes(
    known: Mapping[str, Attribute], findings: Sequence[AttributeFinding], horizon: datetime = FAR
) -> tuple[list[Attribute], list[str]]:
    """
    Return attributes to write and names to remove: the newest value of a name wins, an empty one removes it.

    One said after *horizon* counts as the oldest of all.
    """
    current, removed = dict(known), list[str]()
    for finding in sorted(findings, key=lambda finding: _when(finding.said_at, horizon)):
        old = current.get(finding.name)
        if old is not None and _when(old.said_at, horizon) > _latest(finding, horizon):
            continue
        if not finding.value:
            current.pop(finding.name, None)
            removed.append(finding.name)
        elif old is not None and not finding.over and _normal(old.value) == _normal(finding.value):
            current[finding.name] = replace(old, page_ids=_union(old.page_ids, finding.page_ids))
        else:
            current[finding.name] = Attribute(finding.name, finding.value, finding.page_ids, finding.said_at)
    changed = [attribute for name, attribute in current.items() if known.get(name) != attribute]
    return changed, [name for name in removed if name not in current and name in known]


def _latest(finding: AttributeFinding | TraitFinding, horizon: datetime) -> datetime:
    """Return up to when a value may have been said that a finding takes the place of."""
    return max(_when(each, horizon) for each in (finding.said_at, finding.over) if each is not None)


def apply_traits(
    known: Mapping[str, Trait], findings: Sequence[TraitFinding], horizon: datetime = FAR
) -> tuple[list[Trait], list[str]]:
    """
    Return traits to write and dimensions to remove.

    The newest evidence sets level and words; sources add up while the level stays; a finding without evidence removes.
    """
    current, fallen = dict(known), list[str]()
    for finding in sorted(findings, key=lambda finding: _when(finding.said_at, horizon)):
        old = current.get(finding.dimension)
        if old is not None and _when(old.updated_at, horizon) > _latest(finding, horizon):
            continue
        if not finding.evidence:
            current.pop(finding.dimension, None)
            fallen.append(finding.dimension)
            continue
        same_level = old is not None and not finding.over and old.level == finding.level
        sources = _union(old.page_ids, finding.page_ids) if old is not None and same_level else finding.page_ids
        current[finding.dimension] = Trait(finding.dimension, finding.level, finding.evidence, sources, finding.said_at)
    changed = [trait for dimension, trait in current.items() if known.get(dimension) != trait]
    return changed, [dimension for dimension in fallen if dimension in known and dimension not in current]


def _righted(known: Mapping[str, Fact], horizon: datetime) -> dict[str, Fact]:
    """Return what changes when facts that one said after *horizon* had closed hold again, and close it instead."""
    changed: dict[str, Fact] = {}
    for fact in sorted(known.values(), key=lambda fact: fact.said_at):
        closer = known.get(fact.superseded_by or "")
        if closer is not None and closer.said_at > horizon >= fact.said_at:
            held = replace(fact, superseded_by=None, superseded_at=None)
            changed |= {held.fact_id: held, closer.fact_id: supersede(closer, held)}
    return changed


def _apply_one(facts: Mapping[str, Fact], finding: FactFinding, analyzer: str, horizon: datetime) -> list[Fact]:
    """Return the facts one finding adds or changes."""
    rivals = _rivals(facts, finding)
    text = finding.text.strip() or (ending_line(rivals[-1]) if rivals else "")
    if not text:
        return []
    same = next((fact for fact in active(facts.values(), finding.about) if _normal(fact.fact) == _normal(text)), None)
    if same is not None:
        new = replace(same, page_ids=_union(same.page_ids, finding.page_ids))
    else:
        id_ = fact_id(finding.about, text, finding.said_at)
        if id_ in facts:
            return []
        new = Fact(
            id_,
            text,
            finding.about,
            finding.page_ids,
            finding.said_at,
            key=finding.key,
            analyzer=analyzer,
            kind=finding.kind,
            project=finding.project,
            quote=finding.quote,
            expires=finding.expires,
        )
    said = _when(new.said_at, horizon)
    newer = [fact for fact in rivals if _when(fact.said_at, horizon) > said and fact.fact_id != new.fact_id]
    if newer:
        return [supersede(new, newer[0])]
    return [new, *(supersede(fact, new) for fact in rivals if fact.fact_id != new.fact_id)]


def _rivals(facts: Mapping[str, Fact], finding: FactFinding) -> list[Fact]:
    """Return the facts that cannot hold beside the finding, in the order said."""
    return [
        fact
        for fact in active(facts.values(), finding.about)
        if not fact.pinned and (fact.fact_id == finding.supersedes or (finding.key != "" and fact.key == finding.key))
    ]


def _when(said_at: datetime, horizon: datetime) -> datetime:
    """Return what a time counts as: nobody can have said anything after *horizon*, so it is no evidence of news."""
    return said_at if said_at <= horizon else _BEFORE_ALL


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _union(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*old, *new]))
