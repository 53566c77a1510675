"""
A user's profile as a model reads it: compact, each line with its day, its page, its id and the words it stands on.

Attributes first, then what was asked for and settled for the work, project by project, then life, the assistant, and
traits last: so that what is cut for space is what matters least. Pure functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain.records import Attribute, Fact, Profile, Trait
from .rendering import HEADER, STANDING, attribute_line, fact_line, one_line, short_forms
from .reply_head import facts_holding

__all__ = ["profile_text"]

_LONGEST = 24_000
"""Characters (about 6,000 tokens): hosts cap what a model reads of a tool's result."""

_WORK = (*STANDING, "tool", "project_fact")
_QUOTE_CHARS = 120


def profile_text(
    profile: Profile, *, now: datetime, superseded: bool = False, rest: str = "", languages: str = ""
) -> str:
    """
    Return what is known of a user, at most 24,000 characters; what does not fit is counted.

    Args:
        profile: With its facts, superseded ones included.
        now: What ended before is told as past.
        superseded: Show what no longer holds, too.
        rest: Where a reader finds the lines that do not fit, said after their count.
        languages: In which facts are read, in words; "": not said.
    """
    known = [*profile.user_knowledge, *profile.assistant_knowledge]
    current = {fact.fact_id for fact in facts_holding(known, None)}
    newest = sorted(known, key=lambda fact: fact.said_at, reverse=True)
    told = _Telling.of(profile, known, now)
    mine = [fact for fact in newest if fact.about == "user" and fact.fact_id in current]
    read = f" Facts are read in {languages}." if languages else ""
    lines = [f"About user {profile.user_id!r}. {HEADER}{read}"]
    lines += [attribute_line(each, told.page(each.page_ids)) for each in profile.static]
    lines += told.work([fact for fact in mine if fact.kind in _WORK])
    lines += told.section("Known about the user", [fact for fact in mine if fact.kind not in _WORK])
    about = [fact for fact in newest if fact.about == "assistant" and fact.fact_id in current]
    lines += told.section("Known about the assistant", about)
    if superseded:
        lines += told.section("No longer", [fact for fact in newest if fact.fact_id not in current])
    lines += told.traits(profile.traits)
    return _lines_that_fit(lines, f", {rest}" if rest else "")


@dataclass(frozen=True, slots=True)
class _Telling:
    """How facts are told: the short ids of facts and pages, and the time from which past is past."""

    facts: Mapping[str, str]
    pages: Mapping[str, str]
    now: datetime

    @classmethod
    def of(cls, profile: Profile, known: Sequence[Fact], now: datetime) -> "_Telling":
        sources: list[Fact | Attribute | Trait] = [*known, *profile.static, *profile.traits]
        pages = short_forms(page_id for each in sources for page_id in each.page_ids[:1])
        return cls(short_forms(fact.fact_id for fact in known), pages, now)

    def page(self, page_ids: Sequence[str]) -> str:
        """Return the short id of the first page, "" for what was told outside any."""
        return self.pages[page_ids[0]] if page_ids else ""

    def section(self, title: str, facts: Iterable[Fact]) -> list[str]:
        """Return a title and a line for each fact, nothing without facts."""
        lines = [self._line(fact) for fact in facts]
        return [f"{title}:", *lines] if lines else []

    def work(self, facts: Sequence[Fact]) -> list[str]:
        """Return what was asked for and settled: what belongs to no project, then project by project."""
        lines: list[str] = []
        for project in sorted({fact.project for fact in facts}):
            mine = sorted((fact for fact in facts if fact.project == project), key=lambda fact: _WORK.index(fact.kind))
            lines += self.section(f"Project {one_line(project)}" if project else "Asked for and settled", mine)
        return lines

    def traits(self, traits: Sequence[Trait]) -> list[str]:
        """Return a line for each trait."""
        lines = [one_line(f"- {each.dimension}: {each.level} ({each.evidence})") for each in traits]
        return ["Traits:", *lines] if lines else []

    def _line(self, fact: Fact) -> str:
        line = fact_line(fact, self.facts[fact.fact_id], self.now, self.page(fact.page_ids))
        quote = one_line(fact.quote)[:_QUOTE_CHARS]
        return f'{line}: "{quote}"' if quote and quote.casefold() not in fact.fact.casefold() else line


def _lines_that_fit(lines: Sequence[str], rest: str) -> str:
    kept: list[str] = []
    room = _LONGEST
    for line in lines:
        if len(line) >= room:
            break
        kept.append(line)
        room -= len(line) + 1
    left = len(lines) - len(kept)
    return "\n".join([*kept, f"... and {left} lines more{rest}"] if left else kept)
