"""
The run of the demonstration: feed the conversation, ask, and judge what comes back.

It returns records and prints nothing; `cli` shows them. Any memory will do, as long as it was empty.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ...api.memoryos import Memoryos
from ...domain.records import PageHit, Retrieval
from .script import LABEL_KEY, Question, ScriptedExchange

__all__ = ["BUDGET_TOKENS", "Answer", "Found", "ask", "feed"]

BUDGET_TOKENS = 600
"""Tokens a question may bring back: about a tenth of the conversation, so that choosing matters."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page that a question brought back: its place in the ranking (1 is best) and the tier it came from."""

    label: str
    rank: int
    tier: str
    hit: PageHit


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question brought back, judged: `missing_*` name what should have come and did not."""

    question: Question
    retrieval: Retrieval
    found: tuple[Found, ...]
    missing_pages: tuple[str, ...]
    missing_words: tuple[str, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every page and word that the question needs came back within the budget."""
        return not self.missing_pages and not self.missing_words


def feed(memory: Memoryos, exchanges: Iterable[ScriptedExchange], advance: Callable[[int], None]) -> list[float]:
    """Add *exchanges* oldest first, calling *advance* with the count so far; return the seconds each add took."""
    seconds = []
    for exchange in exchanges:
        started = time.perf_counter()
        memory.add_memory(exchange.user_input, exchange.agent_response, exchange.timestamp, {LABEL_KEY: exchange.label})
        seconds.append(time.perf_counter() - started)
        advance(len(seconds))
    return seconds


def ask(memory: Memoryos, question: Question) -> Answer:
    """Retrieve for *question* and say which of its pages and words came back."""
    started = time.perf_counter()
    retrieval = memory.retrieve_context(question.question, max_tokens=BUDGET_TOKENS, explain=True)
    seconds = time.perf_counter() - started
    by_label = _by_label(retrieval)
    text = retrieval.text.casefold()
    return Answer(
        question=question,
        retrieval=retrieval,
        found=tuple(by_label[label] for label in question.pages if label in by_label),
        missing_pages=tuple(label for label in question.pages if label not in by_label),
        missing_words=tuple(word for word in question.words if word.casefold() not in text),
        seconds=seconds,
    )


def _by_label(retrieval: Retrieval) -> Mapping[str, Found]:
    tiers = [("short-term", hit) for hit in retrieval.short_term] + [("mid-term", hit) for hit in retrieval.mid_term]
    ranked = sorted(tiers, key=lambda pair: pair[1].score, reverse=True)
    return {
        str(hit.page.metadata.get(LABEL_KEY, "")): Found(str(hit.page.metadata.get(LABEL_KEY, "")), rank, tier, hit)
        for rank, (tier, hit) in enumerate(ranked, start=1)
    }
