"""What the scripted model says: an analysis computed from the pages in a prompt, by rules one can follow by hand."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from memoryos_mcp.text import is_stopword

__all__ = ["Shown", "analysis", "embedding", "reply_to", "shown_pages"]

DIMENSIONS = 64
_PAGE = re.compile(r"\[(p\w+) (\d{4}-\d\d-\d\d) \d\d:\d\d\](?P<about>.*)")
_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"(?:(?<=^)|(?<=[.!?] ))((?:I|I'm|I've|My|We) [^.!?]{12,90})[.!]")
_TRAITS = {"paint": "painting", "danc": "dance", "camp": "camping", "music": "music", "kid": "parenting"}


@dataclass(frozen=True)
class Shown:
    """A page as a prompt shows it."""

    name: str
    day: str
    user: str
    assistant: str


def shown_pages(prompt: str) -> list[Shown]:
    """Return the pages in a prompt, without the one before them."""
    found, lines = [], prompt.splitlines()
    for place, line in enumerate(lines):
        match = _PAGE.fullmatch(line)
        if match and not match["about"]:
            user, assistant = (lines[place + step][3:] for step in (1, 2))
            found.append(Shown(match[1], match[2], user, assistant))
    return found


def reply_to(messages: list[dict[str, Any]]) -> str:
    """Return the answer to a conversation: an analysis where one is asked for, else the line that fits the question."""
    system = "\n".join(str(each["content"]) for each in messages if each["role"] == "system")
    user = next(str(each["content"]) for each in messages if each["role"] == "user")
    pages = shown_pages(user)
    if pages and "user_facts" in system:
        return json.dumps(analysis(pages, batch="chains:" in system, traits="traits:" in system), ensure_ascii=False)
    return _best_line("\n".join(str(each["content"]) for each in messages))


def analysis(pages: list[Shown], *, batch: bool, traits: bool) -> dict[str, Any]:
    """Return an analysis of *pages*: chains by day, topics of three pages, facts from what begins with "I"."""
    found: dict[str, Any] = {}
    if batch:
        found["chains"] = [_group(run) for run in _runs(pages)]
        found["topics"] = [
            {**_group(pages[at : at + 3]), "keywords": _keywords(pages[at : at + 3])} for at in range(0, len(pages), 3)
        ]
    found["attributes"] = [
        {"name": "name", "value": match[1], "pages": [page.name], "said": page.day}
        for page in pages
        if (match := re.search(r"[Mm]y name is ([A-Z]\w+)", page.user))
    ]
    found["user_facts"] = [fact for page in pages for fact in _facts(page, page.user)]
    found["assistant_facts"] = [fact for page in pages for fact in _facts(page, page.assistant)][:2]
    if traits:
        found["traits"] = [
            {"dimension": name, "level": "high", "evidence": page.user[:60], "pages": [page.name], "said": page.day}
            for word, name in _TRAITS.items()
            for page in [page for page in pages if word in page.user.lower()][:1]
        ]
    return found


def embedding(text: str) -> list[float]:
    """Return a unit vector of 64 numbers: each word adds one in a direction of its own."""
    row = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()) or [""]:
        row[hashlib.blake2b(word.encode(), digest_size=2).digest()[0] % DIMENSIONS] += 1.0
    length = sum(value * value for value in row) ** 0.5
    return [value / length for value in row]


def _runs(pages: list[Shown]) -> list[list[Shown]]:
    runs: list[list[Shown]] = []
    for page in pages:
        if runs and runs[-1][-1].day == page.day:
            runs[-1].append(page)
        else:
            runs.append([page])
    return runs


def _group(pages: list[Shown]) -> dict[str, Any]:
    words = ", ".join(_keywords(pages)[:4]) or "small talk"
    return {"pages": [page.name for page in pages], "summary": f"They speak of {words} on {pages[0].day}."}


def _keywords(pages: list[Shown]) -> list[str]:
    counted = Counter(word for page in pages for word in _content(f"{page.user} {page.assistant}"))
    return [word for word, _ in counted.most_common(6)]


def _facts(page: Shown, text: str) -> list[dict[str, Any]]:
    """Return what a person says of themselves in a page: the first sentence that begins so."""
    lines = [line.removeprefix("I ") for line in _SENTENCE.findall(text)[:1]]
    return [
        {"fact": line[0].upper() + line[1:], "pages": [page.name], "said": page.day, "slot": "", "replaces": ""}
        for line in lines
    ]


def _content(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if not is_stopword(word, "english")]


def _best_line(text: str) -> str:
    """Return the line of *text* that shares most words with its last question, in at most twelve words."""
    lines = [line.strip("|- \t") for line in text.splitlines() if line.strip("|- \t")]
    question = next((line for line in reversed(lines) if line.endswith("?")), lines[-1])
    asked = set(_content(question))
    others = [line for line in lines if line != question]
    best = max(others, key=lambda line: len(asked.intersection(_content(line))), default="")
    return " ".join(best.split()[-12:]) or "I do not know."
