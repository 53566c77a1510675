"""
What a server answers hooks: what is recalled on a prompt if it has to do with it, and who the user is.

A host passes on every prompt, so this judges by rules of its own, stricter than a question to memory: orders and
acknowledgements are silent, and otherwise a telling word must stand in one of the three best turns (`telling_words`),
or what is known of the user must bear on the prompt (`relevant_facts`). Then the pages that hold such words are shown,
two at most.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ...domain.errors import MemoryOSError
from ...domain.records import Fact, Page, PageHit, Profile, Retrieval, WordCounts
from ...retrieval.rendering import HEADER, STANDING, Names, fact_line, render, short_ids, turn_line
from ...text.terms import terms
from .long_prompt import query_of
from .relevant_facts import attributes_asked_for, facts_that_bear
from .telling_words import Wording
from .typed_prompt import asks_something, is_about_the_past, is_about_their_own, typed_prompt

__all__ = ["HookMemory", "answerer"]

logger = logging.getLogger(__name__)

_ENOUGH, _ENOUGH_OF_THE_PAST, _SOME, _LITTLE = 1.0, 0.6, 0.3, 0.2
_SHARE, _OWN_SHARE = (0.75, 3), (0.6, 2)
"""How much of a prompt, and how many of its words, a page holds that is on it: of any prompt, and of one's own."""

_BEST, _PAGES = 3, 2
_FACTS = 5


class HookMemory(Protocol):
    """What hooks need of a memory."""

    def retrieve_context(
        self, query: str, *, max_tokens: int, until: str | None, project: str | None, fill: bool, user_id: str | None
    ) -> Retrieval: ...

    def word_counts(self, text: str, *, user_id: str | None = None) -> WordCounts: ...

    def get_user_profile(self, *, user_id: str | None = None) -> Profile: ...

    def take_in_hook_inbox(self) -> int: ...


def answerer(memory: HookMemory) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """Return what answers hooks' questions from *memory*."""

    def answer(question: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            memory.take_in_hook_inbox()
        except MemoryOSError as exc:  # it waits on; recalling goes without it
            logger.warning("exchanges left by hooks wait on: %s", exc)
        if question.get("op") == "recall":
            return {"text": _recalled(memory, question)}
        if question.get("op") == "profile":
            summary = memory.get_user_profile(user_id=question["user_id"]).summary
            return {"text": f"{HEADER}\n{summary}" if summary else ""}
        return {}

    return answer


def _recalled(memory: HookMemory, question: Mapping[str, Any]) -> str:
    """Return what a prompt gets, "" for most of them."""
    typed = typed_prompt(str(question["query"]))
    if not asks_something(typed):
        return ""
    user = question["user_id"]
    wording = Wording.of(typed, memory.word_counts(typed, user_id=user))
    profile = memory.get_user_profile(user_id=user)
    bearing, asked = facts_that_bear(typed, profile), attributes_asked_for(typed, profile)
    if not (wording.parts or bearing or asked):
        return ""
    found = memory.retrieve_context(
        query_of(typed, wording),
        max_tokens=question["max_tokens"],
        until=question.get("until"),
        project=question.get("project"),
        fill=True,  # what is worth its tokens is judged here
        user_id=user,
    )
    hits = _telling_hits(found, wording, _bar_for(typed))
    facts = _facts(found, bearing, wording, speaks=bool(hits))
    return _text(asked, facts, hits) if hits or facts or asked else ""


@dataclass(frozen=True, slots=True)
class _Bar:
    """What a page must hold for the hook to speak: telling words, or this share and number of the prompt's words."""

    told: float
    share: float
    words: int

    def lets(self, hit: PageHit, wording: Wording) -> bool:
        """Whether a page holds enough."""
        held = _terms_of(hit.page)
        share, count = wording.share_in(held)
        return wording.told_by(held) >= self.told or (share >= self.share and count >= self.words)


def _bar_for(typed: str) -> _Bar:
    """Return the bar for a prompt; who speaks of what is theirs, or of what was said, is more likely to need memory."""
    told = _ENOUGH_OF_THE_PAST if is_about_the_past(typed) else _ENOUGH
    return _Bar(told, *(_OWN_SHARE if is_about_their_own(typed) else _SHARE))


def _telling_hits(found: Retrieval, wording: Wording, bar: _Bar) -> list[PageHit]:
    """Return those of the best hits that hold telling words, the most first; none when no one of them passes *bar*."""
    best = sorted((*found.short_term, *found.mid_term), key=lambda hit: -hit.score)[:_BEST]
    if not any(bar.lets(hit, wording) for hit in best):
        return []
    told = {hit.page.page_id: wording.told_by(_terms_of(hit.page)) for hit in best}
    best.sort(key=lambda hit: -told[hit.page.page_id])
    return [hit for hit in best if told[hit.page.page_id] >= _SOME or bar.lets(hit, wording)]


def _terms_of(page: Page) -> list[str]:
    return [*terms(page.user_input)[0], *terms(page.agent_response)[0]]


def _facts(found: Retrieval, bearing: Sequence[Fact], wording: Wording, *, speaks: bool) -> list[Fact]:
    """Return the facts to show: what bears on the prompt, and what was found if telling words stand in it or beside."""
    known = [*found.user_knowledge, *found.assistant_knowledge]
    near = [fact for fact in known if speaks or wording.told_by(terms(fact.fact)[0]) >= _bar_of(fact)]
    by_id = {fact.fact_id: fact for fact in (*bearing, *near)}
    return list(by_id.values())[:_FACTS]


def _bar_of(fact: Fact) -> float:
    """Return what of the prompt's words a fact must hold to be shown by itself: little of one that is in force."""
    return _LITTLE if fact.kind in STANDING else _ENOUGH


def _text(asked: Sequence[str], facts: Sequence[Fact], hits: Sequence[PageHit]) -> str:
    """Return what is known and the turns of two pages at most as a reply shows them, by date."""
    sides = [
        (hit, side, text)
        for hit in hits[:_PAGES]
        for side, text in enumerate((hit.page.user_input, hit.page.agent_response))
        if text
    ]
    sides.sort(key=lambda each: (each[0].page.timestamp, each[0].page.sequence, each[1]))
    ids = short_ids([*facts, *(hit.page for hit, _, _ in sides)])
    lines = [
        (
            hit.page.timestamp.toordinal(),
            turn_line(Names(), side, text, ids[hit.page.page_id], hit.notes),
        )
        for hit, side, text in sides
    ]
    return render([*asked, *(fact_line(fact, ids[fact.fact_id]) for fact in facts)], lines)
