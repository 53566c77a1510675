"""
Profile and facts for one question: what held at the time and is about the question, within a small share.

A fact that was told (not learnt from pages) or pinned was meant to be used: it needs less to belong to a question,
and pinned ones come along even without, within a share of their own. When everything in memory fits the budget anyway,
nothing needs choosing: `Known.everything` is all that holds, `Known.with_more` what fits of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ..domain.protocols import Tokenizer
from ..domain.records import Fact, Profile
from ..storage.index import View
from .ranking import Knowledge, asks_for_profile
from .rendering import fact_line, profile_lines
from .request import Request

__all__ = ["Known", "holding", "know"]

_SHARE, _PROFILE_SHARE, _PINNED_SHARE = 0.06, 0.4, 0.05
_LEAST, _LEAST_SHARE = 40, 0.3
_MOST = 12
_BAR, _MEANT_BAR = 0.0, -0.3


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

    def with_more(self, room: float, tokenizer: Tokenizer) -> "Known":
        """Return this with what fits *room* tokens of the facts that were told or pinned, and of the profile."""
        more, left = _fitting([fact for fact in self.rest if _meant(fact)], room, tokenizer)
        lines, _ = _lines_fitting(self.rest_lines, left, tokenizer)
        return replace(self, profile=(*self.profile, *lines), facts=(*self.facts, *more))


def holding(facts: Sequence[Fact], until: datetime | None) -> list[Fact]:
    """Return the facts that hold now, or held at *until*."""
    if until is None:
        return [fact for fact in facts if fact.superseded_by is None and fact.superseded_at is None]
    return [
        fact for fact in facts if fact.said_at <= until and (fact.superseded_at is None or fact.superseded_at > until)
    ]


def know(knowledge: Knowledge, view: View, bare: str, request: Request, tokenizer: Tokenizer) -> Known:
    """Return what of the request's profile belongs to its question (*bare*: names taken out)."""
    profile, budget = request.profile, request.max_tokens
    room = max(min(_LEAST, budget * _LEAST_SHARE), budget * _SHARE)
    digest = _digest(profile, request)
    lines: list[str] = []
    if asks_for_profile(request.query, request.user_name):
        lines, left = _lines_fitting(digest, budget * _PROFILE_SHARE, tokenizer)
        room += left
    facts = holding([*profile.user_knowledge, *profile.assistant_knowledge], request.until)
    ranked = _ranked(knowledge, view, bare, facts)
    relevant = [fact for fact, score in ranked if score >= (_MEANT_BAR if _meant(fact) else _BAR)]
    chosen, _ = _fitting(relevant[:_MOST], room, tokenizer)
    pinned = [fact for fact, _ in ranked if fact.pinned and fact not in chosen]
    chosen += _fitting(pinned, budget * _PINNED_SHARE, tokenizer)[0]
    return Known(
        tuple(lines),
        tuple(chosen),
        sum(fact not in chosen for fact in relevant) + (len(digest) - len(lines) if lines else 0),
        tuple(line for line in digest if line not in lines),
        tuple(fact for fact, _ in ranked if fact not in chosen),
    )


def _meant(fact: Fact) -> bool:
    """Whether somebody meant a fact to be kept: pinned it, or told it outside any page."""
    return fact.pinned or not fact.page_ids


def _digest(profile: Profile, request: Request) -> list[str]:
    """Return the profile's lines; none for a time in the past, of which it says nothing."""
    return profile_lines(profile.summary) if request.until is None else []


def _ranked(knowledge: Knowledge, view: View, bare: str, facts: Sequence[Fact]) -> list[tuple[Fact, float]]:
    """Return the facts with how far they are over the bar, the most relevant and then the newest first."""
    scores = knowledge.relevant(view, bare, [fact.fact for fact in facts])
    order = sorted(range(len(facts)), key=lambda at: (-scores[at], -facts[at].said_at.timestamp()))
    return [(facts[at], scores[at]) for at in order]


def _fitting(facts: Sequence[Fact], room: float, tokenizer: Tokenizer) -> tuple[list[Fact], float]:
    """Return those of *facts* whose lines fit, in order, and the room that is left."""
    fits = _Fits(room, tokenizer)
    return [fact for fact in facts if fits.take(fact_line(fact))], fits.room


def _lines_fitting(lines: Sequence[str], room: float, tokenizer: Tokenizer) -> tuple[list[str], float]:
    """Return those of *lines* that fit, in order, and the room that is left."""
    fits = _Fits(room, tokenizer)
    return [line for line in lines if fits.take(line)], fits.room


@dataclass(slots=True)
class _Fits:
    """Room for lines, taken up line by line."""

    room: float
    tokenizer: Tokenizer

    def take(self, line: str) -> bool:
        """Whether *line* fits; if so, its room is taken."""
        cost = self.tokenizer.count("\n" + line)
        if cost > self.room:
            return False
        self.room -= cost
        return True
