"""
What a server answers hooks: what is recalled on a prompt if it has to do with it, and who the user is.

A host passes on every prompt, so this judges by rules of its own, stricter than a question to memory: orders and
acknowledgements are silent, and otherwise a telling word must stand in one of the three best turns (`telling`), or
a known fact must bear on the prompt (`safety`). Then the pages that hold such words are shown, two at most.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ...domain.errors import MemoryOSError
from ...domain.records import Fact, Page, PageHit, Profile, Retrieval, WordCounts
from ...retrieval.rendering import HEADER, Names, fact_line, render, short_ids, turn_line
from ...text.terms import terms
from .long_prompt import query_of
from .safety import facts_that_bear
from .telling import told_by, weights_of
from .typed_prompt import asks_something, is_about_the_past, typed_prompt

__all__ = ["HookMemory", "answerer"]

logger = logging.getLogger(__name__)

_ENOUGH, _ENOUGH_OF_THE_PAST, _SOME = 1.0, 0.6, 0.3
_BEST, _PAGES = 3, 2
_FACTS = 5


class HookMemory(Protocol):
    """What hooks need of a memory."""

    def retrieve_context(
        self, query: str, *, max_tokens: int, until: str | None, project: str | None, user_id: str | None
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
    weights = weights_of(typed, memory.word_counts(typed, user_id=user))
    bearing = facts_that_bear(typed, memory.get_user_profile(user_id=user).user_knowledge)
    if not weights and not bearing:
        return ""
    found = memory.retrieve_context(
        query_of(typed, weights),
        max_tokens=question["max_tokens"],
        until=question.get("until"),
        project=question.get("project"),
        user_id=user,
    )
    enough = _ENOUGH_OF_THE_PAST if is_about_the_past(typed) else _ENOUGH
    hits = _telling_hits(found, weights, enough)
    facts = _facts(found, bearing, weights, speaks=bool(hits))
    return _text(facts, hits) if hits or facts else ""


def _telling_hits(found: Retrieval, weights: Mapping[tuple[str, ...], float], enough: float) -> list[PageHit]:
    """Return those of the best hits that hold telling words, the most first; none when no one of them holds enough."""
    best = sorted((*found.short_term, *found.mid_term), key=lambda hit: -hit.score)[:_BEST]
    told = {hit.page.page_id: told_by(weights, _terms_of(hit.page)) for hit in best}
    if max(told.values(), default=0.0) < enough:
        return []
    best.sort(key=lambda hit: -told[hit.page.page_id])
    return [hit for hit in best if told[hit.page.page_id] >= _SOME]


def _terms_of(page: Page) -> list[str]:
    return [*terms(page.user_input)[0], *terms(page.agent_response)[0]]


def _facts(
    found: Retrieval, bearing: Sequence[Fact], weights: Mapping[tuple[str, ...], float], *, speaks: bool
) -> list[Fact]:
    """Return the facts to show: what bears on the prompt, and what was found if telling words stand in it or beside."""
    known = [*found.user_knowledge, *found.assistant_knowledge]
    near = [fact for fact in known if speaks or told_by(weights, terms(fact.fact)[0]) >= _ENOUGH]
    by_id = {fact.fact_id: fact for fact in (*bearing, *near)}
    return list(by_id.values())[:_FACTS]


def _text(facts: Sequence[Fact], hits: Sequence[PageHit]) -> str:
    """Return facts and the turns of two pages at most as a reply shows them, by date."""
    sides = [
        (hit.page, side, text)
        for hit in hits[:_PAGES]
        for side, text in enumerate((hit.page.user_input, hit.page.agent_response))
        if text
    ]
    ids = short_ids(page for page, _, _ in sides)
    sides.sort(key=lambda each: (each[0].timestamp, each[0].sequence, each[1]))
    lines = [
        (page.timestamp.toordinal(), turn_line(Names(), side, text, ids[page.page_id])) for page, side, text in sides
    ]
    return render([fact_line(fact) for fact in facts], lines)
