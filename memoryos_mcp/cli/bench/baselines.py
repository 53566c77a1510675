"""
What the engine is compared with, over the same pages: BM25 over chunks, and the paper's gated two-stage retrieval.

Written by us, each as simple as its idea, without the engine's index. Each returns a reply within a budget, by the
ruler's tokens.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol

import numpy as np

from ...domain.protocols import Embedder
from ...domain.records import Page
from ...domain.similarity import jaccard, unit
from ...text.terms import stem, terms
from .ruler import tokens

__all__ = ["Baseline", "ChunkBm25", "GatedSegments", "Topic", "chunks"]

_K1, _B = 1.2, 0.75
_CHUNK_CHARS = 700
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_DATE_TOKENS = 3
_FULL = 10
_SEGMENTS, _PAGES, _QUEUE = 5, 10, 10
"""The paper's and its code's numbers: the best five segments, ten pages of them, and a queue of ten."""


class Baseline(Protocol):
    """A way to retrieve."""

    @property
    def name(self) -> str: ...

    def reply(self, question: str, budget: int) -> str:
        """Return the text handed over for *question*, of at most *budget* tokens."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of memory that is shown whole or not at all."""

    day: str
    place: int
    text: str


def chunks(text: str, longest: int = _CHUNK_CHARS) -> list[str]:
    """Return *text* in pieces of at most *longest* characters, cut between lines where that is possible."""
    parts: list[str] = []
    current = ""
    for line in re.findall(r"[^\n]+\n*|\n+", text):
        for piece in (line[at : at + longest] for at in range(0, len(line), longest)):
            if current and len(current) + len(piece) > longest:
                parts.append(current)
                current = ""
            current += piece
    return [*parts, current] if current.strip() else parts


class ChunkBm25:
    """Okapi BM25 over chunks of both sides: stems without function words, k1 = 1.2, b = 0.75; shown by day."""

    name = "BM25 over chunks"

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pieces = [
            _Piece(page.timestamp.date().isoformat(), place, f"{who}: {part}")
            for place, page in enumerate(pages)
            for who, side in (("User", page.user_input), ("Assistant", page.agent_response))
            for part in chunks(side)
        ]
        self._counts = [Counter(_stems(piece.text)) for piece in self._pieces]
        lengths = np.array([sum(counts.values()) for counts in self._counts], np.float64)
        self._norms = _K1 * (1 - _B + _B * lengths / max(lengths.mean(), 1.0)) if len(pages) else lengths
        self._had = Counter(term for counts in self._counts for term in counts)

    def reply(self, question: str, budget: int) -> str:
        scores = np.zeros(len(self._pieces))
        for term in set(_stems(question)):
            had = self._had[term]
            rarity = np.log(1 + (len(self._pieces) - had + 0.5) / (had + 0.5))
            counts = np.array([counts[term] for counts in self._counts])
            scores += rarity * counts * (_K1 + 1) / (counts + self._norms)
        return _packed((self._pieces[at] for at in np.argsort(-scores, kind="stable")), budget)


@dataclass(frozen=True, slots=True)
class Topic:
    """A segment as the gate sees it: the ids of its pages and its keywords."""

    page_ids: frozenset[str]
    keywords: tuple[str, ...]


class GatedSegments:
    """
    The paper's retrieval (section 3.4): first segments by equation 3, then pages within the best of them by cosine.

    Five segments, ten pages, and after them the ten newest pages of the dialogue, which the paper always hands over.
    """

    name = "two stages, gated by segments (the paper's)"

    def __init__(self, topics: Sequence[Topic], pages: Sequence[Page], embedder: Embedder) -> None:
        self._pages = list(pages)
        self._embedder = embedder
        self._vectors = embedder.embed([f"{page.user_input}\n{page.agent_response}" for page in pages])
        self._stems = [[stem for each in topic.keywords for stem in terms(each)[0]] for topic in topics]
        self._members = [[at for at, page in enumerate(pages) if page.page_id in topic.page_ids] for topic in topics]
        self._centres = [unit(self._vectors[members].sum(axis=0)) for members in self._members]

    def reply(self, question: str, budget: int) -> str:
        pieces = (
            _Piece(
                page.timestamp.date().isoformat(),
                self._pages.index(page),
                f"User: {page.user_input}\nAssistant: {page.agent_response}",
            )
            for page in self.rank(question)
        )
        return _packed(pieces, budget)

    def rank(self, question: str) -> list[Page]:
        """Return the pages that pass the gate, best first, then the newest pages."""
        vector = self._embedder.embed([question])[0]
        words = terms(question)[0]
        scores = [
            float(centre @ vector) + jaccard(words, stems)
            for centre, stems in zip(self._centres, self._stems, strict=True)
        ]
        best = sorted(range(len(scores)), key=lambda at: -scores[at])[:_SEGMENTS]
        inside = [at for topic in best for at in self._members[topic]]
        inside.sort(key=lambda at: -float(self._vectors[at] @ vector))
        queue = reversed(self._pages[-_QUEUE:])
        return list({page.page_id: page for page in [*(self._pages[at] for at in inside[:_PAGES]), *queue]}.values())


def _stems(text: str) -> list[str]:
    """Return the stems of a text, read as English whatever it is (code has no language to guess), and Han signs."""
    found = [word for word in _WORD.findall(text.lower()) if word not in _function_words()]
    return stem(found, "english")


@cache
def _function_words() -> frozenset[str]:
    lines = (files(__package__) / "function_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _packed(pieces: Iterable[_Piece], budget: int) -> str:
    """Return the pieces that fit, best first, by day and place; a day costs its heading once."""
    room = budget
    chosen: list[_Piece] = []
    days: set[str] = set()
    for piece in pieces:
        cost = tokens(piece.text) + 1 + (0 if piece.day in days else _DATE_TOKENS)
        if cost <= room:
            room -= cost
            chosen.append(piece)
            days.add(piece.day)
        if room < _FULL:
            break
    chosen.sort(key=lambda piece: (piece.day, piece.place, piece.text))
    return "\n".join(f"{piece.day} {piece.text}" for piece in chosen)
