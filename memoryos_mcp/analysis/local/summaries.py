"""
Extractive summaries: sentences taken from what was said, the ones that speak of what the pages have in common.

At most 300 characters. Nothing is rephrased but for greetings taken off and relative dates written out.
"""

from collections import Counter
from collections.abc import Sequence

from ...domain.records import Page
from ...text.dates import resolve_relative
from .english.clauses import without_greeting
from .english.lexicon import words
from .english.prose import Sentence, holds_secret, sentences
from .english.wording import capital
from .keywords import keyword, page_terms

__all__ = ["LONGEST_SUMMARY", "extend", "gist", "summary_of"]

LONGEST_SUMMARY = 300
_SENTENCE = 140
_READ = 3_000


def summary_of(pages: Sequence[Page]) -> str:
    """Return up to 300 characters on *pages*: their most telling sentences, in the order said."""
    shared: Counter[str] = Counter()
    for page in pages:
        shared.update(page_terms(page).keys())
    candidates: list[tuple[float, int, str]] = []
    for place, page in enumerate(pages):
        candidates += [(score, place, text) for score, text in _scored(page, shared)]
    chosen: list[tuple[int, str]] = []
    length = 0
    for _, place, text in sorted(candidates, key=lambda each: -each[0]):
        if length + len(text) + 2 <= LONGEST_SUMMARY and not _repeats(text, [each for _, each in chosen]):
            chosen.append((place, text))
            length += len(text) + 2
        if len(chosen) == 4:
            break
    if not chosen:
        return _beginning(pages[0]) if pages else ""
    return " ".join(text for _, text in sorted(chosen, key=lambda each: each[0]))


def gist(page: Page) -> str:
    """Return the most telling sentence of a page, about 140 characters at most, with its full stop."""
    scored = _scored(page, page_terms(page))
    return max(scored)[1] if scored else _beginning(page)


def extend(running: str, page: Page) -> str:
    """Return a chain's running summary with *page* added: how it began stays, then the newest sentences that fit."""
    told = gist(page)
    if not running or told in running:
        return running or told
    parts = [part for part in running.split(" | ") if part]
    parts.append(told)
    while len(" | ".join(parts)) > LONGEST_SUMMARY and len(parts) > 2:
        parts.pop(1)
    return " | ".join(parts)[:LONGEST_SUMMARY]


def _scored(page: Page, shared: Counter[str]) -> list[tuple[float, str]]:
    """Return the sentences of a page with their worth, the user's before the assistant's."""
    found: list[tuple[float, str]] = []
    for side, text in ((1.0, page.user_input), (0.6, page.agent_response)):
        for place, sentence in enumerate(sentences(text[:_READ])[:12]):
            if sentence.asks and side < 1:
                continue
            body = _clip(_opened(sentence.text), _SENTENCE)
            terms = {term for word in words(body) if (term := keyword(word))}
            if len(terms) >= 2:
                worth = sum(min(shared[term], 6) for term in terms) / (4 + len(terms)) / (1 + 0.05 * place)
                found.append((side * worth * (0.7 if sentence.asks else 1.0), _ended(_resolved(body, page), sentence)))
    return found


def _ended(text: str, sentence: Sentence) -> str:
    return text if text.endswith("\u2026") else text + ("?" if sentence.asks else ".")


def _beginning(page: Page) -> str:
    """Return how a page begins, for a summary when no sentence of it tells enough; nothing when it holds a secret."""
    return "" if holds_secret(page.user_input) else _clip(page.user_input)


def _opened(text: str) -> str:
    return capital(without_greeting(text))


def _resolved(text: str, page: Page) -> str:
    return _clip(resolve_relative(text, page.timestamp), _SENTENCE + 30)


def _repeats(text: str, chosen: list[str]) -> bool:
    mine = set(words(text))
    return any(len(mine & set(words(each))) > 0.7 * len(mine) for each in chosen)


def _clip(text: str, longest: int = _SENTENCE) -> str:
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    return (
        text[: longest - 1].rpartition(" ")[0].rstrip(" ,;:-") + "\u2026"
        if " " in text[:longest]
        else text[: longest - 1] + "\u2026"
    )
