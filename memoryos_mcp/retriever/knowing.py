"""
Profile and facts for one question: what held at the time and is about the question, within a small share.

When everything in memory fits the budget anyway, nothing needs choosing: `Known.everything` is all that holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..protocols import Tokenizer
from ..ranking import Knowledge, asks_for_profile
from ..records import Fact, Profile
from ..rendering import fact_line, profile_lines
from ..turn_index import View
from .request import Request

__all__ = ["Known", "holding", "know"]

_SHARE, _LEAST, _PROFILE_SHARE = 0.06, 24, 0.4
_MOST = 12


@dataclass(frozen=True, slots=True)
class Known:
    """
    Lines of the profile and facts that belong to a question, the most relevant first.

    `left_out` counts what belongs to it and did not fit; `rest_lines` and `rest` are what does not.
    """

    profile: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    left_out: int = 0
    rest_lines: tuple[str, ...] = ()
    rest: tuple[Fact, ...] = ()

    def lines(self, shown: frozenset[str] = frozenset()) -> list[str]:
        """Return the lines to print; a fact whose page is among *shown* is not said twice."""
        return [*self.profile, *(fact_line(fact) for fact in self.facts if not shown & set(fact.page_ids))]

    def everything(self) -> "Known":
        """Return all that holds, chosen or not."""
        return Known((*self.profile, *self.rest_lines), (*self.facts, *self.rest))


def holding(facts: Sequence[Fact], until: datetime | None) -> list[Fact]:
    """Return the facts that hold now, or held at *until*."""
    if until is None:
        return [fact for fact in facts if fact.superseded_by is None and fact.superseded_at is None]
    return [
        fact for fact in facts if fact.said_at <= until and (fact.superseded_at is None or fact.superseded_at > until)
    ]


def know(knowledge: Knowledge, view: View, bare: str, request: Request, tokenizer: Tokenizer) -> Known:
    """Return what of the request's profile belongs to its question (*bare*: names taken out)."""
    profile, room = request.profile, max(_LEAST, request.max_tokens * _SHARE)
    digest = _digest(profile, request)
    lines: list[str] = []
    if asks_for_profile(request.query, request.user_name):
        lines, left = _fitting(digest, request.max_tokens * _PROFILE_SHARE, tokenizer)
        room += left
    facts = holding([*profile.user_knowledge, *profile.assistant_knowledge], request.until)
    relevant = _relevant(knowledge, view, bare, facts)
    kept, _ = _fitting([fact_line(fact) for fact in relevant[:_MOST]], room, tokenizer)
    chosen = [fact for fact in relevant[:_MOST] if fact_line(fact) in kept]
    rest = [fact for fact in facts if fact not in chosen]
    return Known(
        tuple(lines),
        tuple(chosen),
        len(relevant) - len(chosen) + (len(digest) - len(lines) if lines else 0),
        tuple(line for line in digest if line not in lines),
        tuple(rest),
    )


def _digest(profile: Profile, request: Request) -> list[str]:
    """Return the profile's lines; none for a time in the past, of which it says nothing."""
    return profile_lines(profile.summary) if request.until is None else []


def _relevant(knowledge: Knowledge, view: View, bare: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that are about the question, the most relevant and then the newest first."""
    scores = knowledge.relevant(view, bare, [fact.fact for fact in facts])
    order = sorted(range(len(facts)), key=lambda at: (-scores[at], -facts[at].said_at.timestamp()))
    return [facts[at] for at in order if scores[at] >= 0]


def _fitting(lines: Sequence[str], room: float, tokenizer: Tokenizer) -> tuple[list[str], float]:
    """Return those of *lines* that fit, in order, and the room that is left."""
    kept = []
    for line in lines:
        cost = tokenizer.count("\n" + line)
        if cost <= room:
            kept.append(line)
            room -= cost
    return kept, room
