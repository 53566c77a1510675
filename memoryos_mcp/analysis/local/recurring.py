"""
What only several pages say: promotion of a hot segment.

Traits whose evidence repeats rise to "high"; a subject the user keeps coming back to is noted once. What a single page
says was noted when the page arrived, and is not noted again.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from ...domain.records import Fact, FactFinding, Findings, Level, Page, TraitFinding
from .english.prose import plain
from .extract import extract
from .interests import interest_words
from .leanings import Leaning, leanings_of_line
from .memo import remembered

__all__ = ["recurring"]

_PAGES = 4
_DAYS = 2
_SHARE = 0.2


def recurring(pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
    """Return traits and recurring interests of *pages* (oldest first), given the facts *known*."""
    if not pages:
        return Findings()
    return Findings(tuple(_subjects(pages, known)), (), tuple(_traits(pages)))


def _traits(pages: Sequence[Page]) -> list[TraitFinding]:
    evidence: dict[str, list[tuple[Leaning, Page]]] = defaultdict(list)
    for page in pages:
        for leaning in _leanings(page.user_input, page.timestamp):
            evidence[leaning.dimension].append((leaning, page))
    return [_together(dimension, found) for dimension, found in evidence.items()]


@remembered
def _leanings(text: str, when: datetime) -> Sequence[Leaning]:
    said = extract(text, when)
    return (*said.leanings, *(each for note in said.notes for each in leanings_of_line(note.text)))


@remembered
def _interests(text: str) -> Sequence[tuple[str, str]]:
    return sorted(set(interest_words(plain(text))))


def _together(dimension: str, found: Sequence[tuple[Leaning, Page]]) -> TraitFinding:
    """Return the trait that several pieces of evidence make: the newest sets the direction, agreement the level."""
    newest, last = found[-1]
    agreeing = [(leaning, page) for leaning, page in found if (leaning.level == "low") == (newest.level == "low")]
    sources = tuple(dict.fromkeys(page.page_id for _, page in agreeing))
    level: Level = newest.level
    if level == "medium" and (len(sources) > 1 or any(leaning.level == "high" for leaning, _ in agreeing)):
        level = "high"
    told = list(dict.fromkeys(leaning.evidence for leaning, _ in agreeing))[-3:]
    return TraitFinding(dimension, level, "; ".join(told), sources, last.timestamp)


def _subjects(pages: Sequence[Page], known: Sequence[Fact]) -> list[FactFinding]:
    """Return at most two lines "Often talks about ..." for interests named on several pages and days."""
    named: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        for _, word in _interests(page.user_input):
            if len(word) > 3 and page not in named[word]:
                named[word].append(page)
    lines = [fact.fact.lower() for fact in known if fact.about == "user" and fact.superseded_by is None]
    found: list[FactFinding] = []
    for word, where in sorted(named.items(), key=lambda item: (-len(item[1]), item[0])):
        days = {page.timestamp.date() for page in where}
        if len(where) < max(_PAGES, _SHARE * len(pages)) or len(days) < _DAYS or len(found) == 2:
            continue
        if not any(word in line for line in lines):
            ids = tuple(page.page_id for page in where)
            found.append(FactFinding(f"Often talks about {word}", "user", ids, where[-1].timestamp, f"subject:{word}"))
    return found
