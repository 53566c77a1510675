"""
Extractive summaries: sentences taken from what was said, the ones that speak of what the pages have in common, each
behind who said it ("User: ... Assistant: ...").

At most 300 characters. Nothing is rephrased but for greetings and an assistant's openings taken off and relative dates
written out; names of code stay, code itself is left out.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ...domain.records import Page
from ...text.dates import resolve_relative
from .english.clauses import without_greeting
from .english.prose import holds_secret
from .english.wording import capital
from .keywords import page_terms
from .sayings import Saying, sayings

__all__ = ["LONGEST_SUMMARY", "extend", "gist", "summary_of"]

LONGEST_SUMMARY = 300
_SENTENCE = 140
_SENTENCES = 12
_USER, _ASSISTANT = "User: ", "Assistant: "


def summary_of(pages: Sequence[Page]) -> str:
    """Return up to 300 characters on *pages*: their most telling sentences in the order said, behind who said them."""
    shared: Counter[str] = Counter()
    for page in pages:
        shared.update(page_terms(page).keys())
    found = [
        (score, place, side, saying)
        for place, page in enumerate(pages)
        for score, side, saying in _scored(page, shared)
    ]
    chosen: list[tuple[int, int, str]] = []
    for _, place, side, saying in sorted(found, key=lambda each: -each[0]):
        text = _as_told(saying, pages[place])
        more = sorted([*chosen, (place, side, text)], key=lambda each: each[:2])
        if len(_told(more)) <= LONGEST_SUMMARY and not _repeats(text, [each for _, _, each in chosen]):
            chosen = more
        if len(chosen) == 4:
            break
    return _told(chosen) if chosen else _beginning(pages[0]) if pages else ""


def gist(page: Page) -> str:
    """Return the most telling sentence of a page behind its speaker, about 140 characters at most."""
    scored = _scored(page, page_terms(page))
    if not scored:
        return _beginning(page)
    _, side, saying = max(scored, key=lambda each: each[0])
    return _told([(0, side, _as_told(saying, page))])


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


def _told(chosen: Iterable[tuple[int, int, str]]) -> str:
    """Return sentences in order; a speaker is named where the side changes."""
    told, last = list[str](), -1
    for _, side, text in chosen:
        told.append(text if side == last else f"{_ASSISTANT if side else _USER}{text}")
        last = side
    return " ".join(told)


def _scored(page: Page, shared: Counter[str]) -> list[tuple[float, int, Saying]]:
    """Return the sentences of a page with their worth and side (0 the user, 1 the assistant)."""
    found: list[tuple[float, int, Saying]] = []
    for side, text in enumerate((page.user_input, page.agent_response)):
        for place, saying in enumerate(sayings(text)[:_SENTENCES]):
            if (saying.asks and side) or holds_secret(saying.text):
                continue
            terms = saying.terms
            if len(terms) >= 2:
                worth = sum(min(shared[term], 6) for term in terms) / (4 + len(terms)) / (1 + 0.05 * place)
                found.append((worth * (0.6 if side else 1.0) * (0.7 if saying.asks else 1.0), side, saying))
    return found


def _as_told(saying: Saying, page: Page) -> str:
    """Return a sentence as a summary has it: opened without a greeting, dated, clipped, with its stop."""
    body = _clip(
        resolve_relative(_clip(capital(without_greeting(saying.text)), _SENTENCE), page.timestamp), _SENTENCE + 30
    )
    return body if body[-1:] in "\u2026.!?\u3002\uff01\uff1f" else body.rstrip(":,;") + ("?" if saying.asks else ".")


def _beginning(page: Page) -> str:
    """Return how a page begins, for a summary when no sentence of it tells enough; nothing when it holds a secret."""
    text = _clip(page.user_input)
    return "" if holds_secret(page.user_input) or not text else _USER + text


def _repeats(text: str, chosen: list[str]) -> bool:
    mine = _words(text)
    return any(len(mine & _words(each)) > 0.7 * len(mine) for each in chosen)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _clip(text: str, longest: int = _SENTENCE) -> str:
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    return (
        text[: longest - 1].rpartition(" ")[0].rstrip(" ,;:-") + "\u2026"
        if " " in text[:longest]
        else text[: longest - 1] + "\u2026"
    )
