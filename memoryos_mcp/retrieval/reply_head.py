"""
The short head of a reply: what is known of the user that the question asks for, and what is in force for the work.

Three kinds of lines, within a tenth of the budget: attributes and facts of the slots that the question's type asks for
(`asked_slots`), whatever its words; instructions, constraints and decisions of the project, always; and facts that hold
the question's words. A fact that was told (not learnt from pages) or pinned was meant to be used: it needs fewer of
them, and pinned ones come along without any. When everything in memory fits the budget anyway, nothing needs choosing:
`Known.everything` is all that holds, `Known.with_more` what fits of it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..domain.protocols import Tokenizer
from ..domain.records import Attribute, Fact
from ..storage.index import View
from ..text.terms import terms
from .asked_slots import asked_slots, is_of, slots_of
from .ranking import Knowledge, asks_for_profile
from .rendering import STANDING, attribute_line, fact_line, profile_lines, short_ids
from .request import Request

__all__ = ["Known", "facts_holding", "know", "says"]

_SHARE, _MOST_TOKENS = 0.1, 150
_LEAST, _LEAST_SHARE = 40, 0.3
_ASKED_SHARE, _PROFILE_SHARE, _PINNED_SHARE = 0.6, 0.4, 0.05
_MOST_MISSED = 12
_OF_EACH = 4
_CAN_HARM = ("allergy", "diet", "medication", "condition")
_BAR, _MEANT_BAR = 0.0, -0.3
_SILENT_TOKENS = 36
_OCCASION = re.compile(
    r"\b(?:when(?:ever)?|if|while|before|after|for (?:any|all|every|each)|in case|every time|each time)\b",
    re.IGNORECASE,
)
_SAID_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Known:
    """
    Lines of the profile and facts that belong to a reply, in the order to be read.

    `standing` are those of `facts` that are in force whatever is asked; `left_out` counts what belongs to the question
    and did not fit; `rest_lines` and `rest` are what does not belong to it. `ids` are the short ids of all facts.
    `answers` says whether anything here was asked for, and not only comes along.
    """

    profile: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    standing: tuple[Fact, ...] = ()
    left_out: int = 0
    rest_lines: tuple[str, ...] = ()
    rest: tuple[Fact, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    answers: bool = False

    def lines(self, shown: Mapping[str, str] | None = None) -> list[str]:
        """
        Return the lines to print.

        Args:
            shown: What is shown of each page, by id: a fact that is said there is not said twice, unless it stands.
        """
        return [*self.profile, *(self.line(fact) for fact in self.facts if not self._is_said(fact, shown or {}))]

    def line(self, fact: Fact) -> str:
        """Return the line of a fact."""
        return fact_line(fact, self.ids.get(fact.fact_id, ""), self.now)

    def in_silence(self, tokenizer: Tokenizer) -> "Known":
        """
        Return what still stands under a question on which memory holds nothing, within a line or two.

        What holds at any time comes first, then what waits for an occasion ("when I ask about ..."), then decisions.
        """
        fits = _Fits(_SILENT_TOKENS, tokenizer)
        order = sorted(
            self.standing, key=lambda fact: ("decision" in slots_of(fact), _OCCASION.search(fact.fact) is not None)
        )
        kept = tuple(fact for fact in order if fits.take(self.line(fact)))
        pinned = tuple(fact for fact in self.facts if fact.pinned and fact not in kept)
        return replace(self, profile=(), facts=(*kept, *pinned), standing=kept)

    def everything(self) -> "Known":
        """Return all that holds, chosen or not."""
        return replace(self, profile=self.rest_lines or self.profile, facts=(*self.facts, *self.rest), left_out=0)

    def with_more(self, room: float, tokenizer: Tokenizer) -> "Known":
        """Return this with what fits *room* tokens of the facts that were told or pinned, and of the profile."""
        fits = _Fits(room, tokenizer)
        more = tuple(fact for fact in self.rest if _is_meant(fact) and fits.take(self.line(fact)))
        lines = tuple(line for line in self.rest_lines if fits.take(line))
        return replace(self, profile=lines if lines else self.profile, facts=(*self.facts, *more))

    def _is_said(self, fact: Fact, shown: Mapping[str, str]) -> bool:
        return fact not in self.standing and any(says(shown[id_], fact) for id_ in fact.page_ids if id_ in shown)


def says(text: str, fact: Fact) -> bool:
    """Whether *text* says *fact*: holds most words of its quote, or of the line itself."""
    wanted = set(terms(fact.quote or fact.fact)[0])
    return bool(wanted) and len(wanted & set(terms(text)[0])) >= _SAID_SHARE * len(wanted)


def facts_holding(facts: Iterable[Fact], until: datetime | None) -> list[Fact]:
    """Return the facts that hold now, or held at *until*."""
    if until is None:
        return [fact for fact in facts if fact.superseded_by is None and fact.superseded_at is None]
    return [
        fact for fact in facts if fact.said_at <= until and (fact.superseded_at is None or fact.superseded_at > until)
    ]


def know(knowledge: Knowledge, view: View, bare: str, request: Request, tokenizer: Tokenizer) -> Known:
    """Return what of the request's profile belongs to its reply (*bare*: the question, names taken out)."""
    profile, budget = request.profile, request.max_tokens
    everything = [*profile.user_knowledge, *profile.assistant_knowledge]
    now = request.until or request.now
    base = Known(ids=short_ids(everything), now=now)
    facts = facts_holding(everything, request.until)
    ranked = _ranked(knowledge, view, bare, facts)
    digest = profile_lines(profile.summary) if request.until is None else []  # of the past it says nothing
    head = _Head(base, _Fits(_room(budget), tokenizer))
    if asks_for_profile(request.query, request.user_name):
        asked_lines = _Fits(budget * _PROFILE_SHARE, tokenizer)
        head.lines = [line for line in digest if asked_lines.take(line)]
        head.fits.room += asked_lines.room
        head.cut = len(digest) - len(head.lines)
    asked = _choose(head, ranked, request, now)
    chosen = {fact.fact_id for fact in head.chosen}
    return replace(
        base,
        profile=tuple(head.lines),
        facts=tuple(head.chosen),
        standing=tuple(fact for fact in head.chosen if _is_in_force(fact, request, now)),
        left_out=head.left_out,
        rest_lines=tuple(digest),
        rest=tuple(fact for fact, _ in ranked if fact.fact_id not in chosen),
        answers=bool(head.lines) or not chosen.isdisjoint(asked),
    )


def _room(budget: int) -> float:
    """Return the tokens of a head: a tenth of the budget, at most 150; a line must fit a small one too."""
    return min(_MOST_TOKENS, max(min(_LEAST, budget * _LEAST_SHARE), budget * _SHARE))


@dataclass(slots=True)
class _Head:
    """The lines and facts that are taken, while there is room."""

    base: Known
    fits: "_Fits"
    lines: list[str] = field(default_factory=list)
    chosen: list[Fact] = field(default_factory=list)
    cut: int = 0
    missed: set[str] = field(default_factory=set)

    @property
    def left_out(self) -> int:
        """How many lines and facts belong to the question and did not fit."""
        return self.cut + len(self.missed - {fact.fact_id for fact in self.chosen})

    def take(self, facts: Iterable[Fact], share: float = 1.0) -> None:
        """Take those of *facts* that fit *share* of the room; what does not fit is left out."""
        kept = self.fits.room * max(0.0, 1 - share)
        self.fits.room -= kept
        taken, misses = {fact.fact_id for fact in self.chosen}, 0
        for fact in (fact for fact in facts if fact.fact_id not in taken):
            if misses < _MOST_MISSED and self.fits.take(self.base.line(fact)):
                self.chosen.append(fact)
            else:
                misses += 1
                self.missed.add(fact.fact_id)
        self.fits.room += kept


def _choose(head: _Head, ranked: Sequence[tuple[Fact, float]], request: Request, now: datetime) -> frozenset[str]:
    """
    Fill the head: what the question's type asks for, what is in force, what holds its words, what is pinned.

    Return the ids of the facts that are about the question.
    """
    slots = asked_slots(request.query)
    standing = [fact for fact, _ in ranked if _is_in_force(fact, request, now)]
    asked = [fact for fact, _ in ranked if not _stands(fact) and is_of(fact, slots)]
    relevant = [fact for fact, score in ranked if score >= (_MEANT_BAR if _is_meant(fact) else _BAR)]
    if not head.lines and request.until is None:
        head.lines = _attribute_lines(request.profile.static, slots, asked, head.fits)
    head.take(_few_of_each(_current_first(asked, now)), _ASKED_SHARE if standing else 1.0)
    head.take(standing)
    head.take(relevant)
    missed = set(head.missed)
    head.take((fact for fact, _ in ranked if fact.pinned), _PINNED_SHARE * request.max_tokens / max(head.fits.room, 1))
    head.missed = missed  # nobody asked for those
    about = [*asked, *(fact for fact, score in ranked if score >= _BAR)]
    return frozenset(fact.fact_id for fact in about)


def _attribute_lines(
    static: Sequence[Attribute], slots: tuple[str, ...], facts: Sequence[Fact], fits: "_Fits"
) -> list[str]:
    """Return the attributes of *slots* that no fact says, in the order of the slots, while they fit."""
    said = " ".join(fact.fact for fact in facts).casefold()
    asked = [each for each in static if is_of(each, slots) and each.value.casefold() not in said]
    asked.sort(key=lambda each: slots.index(each.name))
    return [line for line in map(attribute_line, asked) if fits.take(line)]


def _stands(fact: Fact) -> bool:
    """Whether a fact is an instruction, a constraint or a decision, by its kind or by its words."""
    return not slots_of(fact).isdisjoint(STANDING)


def _is_in_force(fact: Fact, request: Request, now: datetime) -> bool:
    """Whether a fact stands for the work that is asked from: of its project or of none, and not expired."""
    mine = fact.project in ("", request.project)
    return _stands(fact) and mine and (fact.expires is None or fact.expires > now)


def _current_first(facts: Sequence[Fact], now: datetime) -> list[Fact]:
    return sorted(facts, key=lambda fact: fact.expires is not None and fact.expires <= now)


def _few_of_each(facts: Sequence[Fact]) -> list[Fact]:
    """Return *facts* without the lesser ones of a slot with many; of what can harm none is left out."""
    counts: Counter[frozenset[str]] = Counter()
    kept = []
    for fact in facts:
        slots = slots_of(fact)
        counts[slots] += 1
        if counts[slots] <= _OF_EACH or not slots.isdisjoint(_CAN_HARM):
            kept.append(fact)
    return kept


def _is_meant(fact: Fact) -> bool:
    """Whether somebody meant a fact to be kept: pinned it, or told it outside any page."""
    return fact.pinned or not fact.page_ids


def _ranked(knowledge: Knowledge, view: View, bare: str, facts: Sequence[Fact]) -> list[tuple[Fact, float]]:
    """Return the facts with how far they are over the bar, the most relevant and then the newest first."""
    scores = knowledge.relevant(view, bare, [fact.fact for fact in facts])
    order = sorted(range(len(facts)), key=lambda at: (-scores[at], -facts[at].said_at.timestamp()))
    return [(facts[at], scores[at]) for at in order]


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
