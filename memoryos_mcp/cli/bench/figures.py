"""
What a reply is worth, without a model: how much of the evidence, and how many of the answer's words, stand in it.

Pure functions over texts; a token is four characters here, whatever tokenizer the engine counts with, so that figures
of different installations compare.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from ...domain.records import Page
from ...text.terms import terms
from .dialogues import CATEGORIES, Question

__all__ = ["CHARS_A_TOKEN", "Mark", "Score", "mark", "page_reply", "summarise"]

CHARS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """
    One question's result: shares in [0, 1] of evidence and of the answer's words, and the reply's tokens.

    `missing` is the evidence that was not there.
    """

    category: int
    evidence: float
    answer: float
    tokens: float
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """
    Means over questions, in percent, by category and overall ("all"), and the mean tokens of a reply.

    `answer` leaves out questions whose answer has no word to look for.
    """

    evidence: Mapping[str, float]
    answer: Mapping[str, float]
    tokens: float


def mark(question: Question, reply: str, budget: int) -> Mark:
    """Return what the first *budget* tokens of *reply* are worth for *question*."""
    read = reply[: budget * CHARS_A_TOKEN]
    flat = _flat(read)
    missing = tuple(text for text in question.evidence if _flat(text) not in flat)
    held = 1 - len(missing) / len(question.evidence)
    wanted, had = set(terms(question.answer)[0]), set(terms(read)[0])
    share = len(wanted & had) / len(wanted) if wanted else float("nan")
    return Mark(question.category, held, share, len(reply) / CHARS_A_TOKEN, missing)


def summarise(marks: Sequence[Mark]) -> Score:
    """Return the means of *marks*, at least one."""
    groups = {name: [each for each in marks if each.category == number] for number, name in CATEGORIES.items()}
    groups["all"] = list(marks)
    filled = {name: found for name, found in groups.items() if found}
    return Score(
        {name: 100 * fmean(each.evidence for each in found) for name, found in filled.items()},
        {name: _percent([each.answer for each in found]) for name, found in filled.items()},
        fmean(each.tokens for each in marks),
    )


def page_reply(pages: Sequence[Page], budget: int, names: tuple[str, str]) -> str:
    """Return whole pages, best first, as far as *budget* tokens go: by time, under a heading a day, without ids."""
    room = budget * CHARS_A_TOKEN
    chosen: list[Page] = []
    days: set[str] = set()
    for page in pages:
        cost = len(_lines(page, names)) + 1 + (0 if _day(page) in days else len(_day(page)) + 1)
        if cost <= room:
            room -= cost
            chosen.append(page)
            days.add(_day(page))
    lines: list[str] = []
    last = ""
    for page in sorted(chosen, key=lambda page: (page.timestamp, page.sequence)):
        if _day(page) != last:
            last = _day(page)
            lines.append(last)
        lines.append(_lines(page, names))
    return "\n".join(lines)


def _lines(page: Page, names: tuple[str, str]) -> str:
    return f"{names[0]}: {page.user_input}\n{names[1]}: {page.agent_response}"


def _day(page: Page) -> str:
    return f"{page.timestamp.day} {page.timestamp:%b %Y}"


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _percent(values: Sequence[float]) -> float:
    known = [value for value in values if value == value]
    return 100 * fmean(known) if known else 0.0
