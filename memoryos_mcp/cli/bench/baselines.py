"""
What the engine is compared with, over the same pages: BM25, plain vectors, and the paper's gated two-stage retrieval.

Written by us, each as simple as its idea, without the engine's index. Whole pages are ranked and handed over.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...domain.protocols import Embedder, Vectors
from ...domain.records import Page
from ...domain.similarity import jaccard, unit
from ...text.terms import terms

__all__ = ["Baseline", "Bm25", "GatedSegments", "PlainVectors", "Topic"]

_K1, _B = 1.2, 0.75
_SEGMENTS, _PAGES, _QUEUE = 5, 10, 10
"""The paper's and its code's numbers: the best five segments, ten pages of them, and a queue of ten."""


def page_text(page: Page) -> str:
    """Return both sides as one text."""
    return f"{page.user_input}\n{page.agent_response}"


class Bm25:
    """Okapi BM25 over pages: stems without stopwords, k1 = 1.2, b = 0.75."""

    name = "BM25 over pages"

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._counts = [Counter(terms(page_text(page))[0]) for page in pages]
        lengths = np.array([sum(counts.values()) for counts in self._counts], np.float64)
        self._norms = _K1 * (1 - _B + _B * lengths / max(lengths.mean(), 1.0)) if len(pages) else lengths
        self._had = Counter(term for counts in self._counts for term in counts)

    def rank(self, question: str) -> list[Page]:
        """Return every page, best first."""
        scores = np.zeros(len(self._pages))
        for term in set(terms(question)[0]):
            had = self._had[term]
            rarity = np.log(1 + (len(self._pages) - had + 0.5) / (had + 0.5))
            counts = np.array([counts[term] for counts in self._counts])
            scores += rarity * counts * (_K1 + 1) / (counts + self._norms)
        return [self._pages[at] for at in np.argsort(-scores, kind="stable")]


class PlainVectors:
    """Cosine of the question's and each page's vector, the texts as they are."""

    name = "plain vectors over pages"

    def __init__(self, pages: Sequence[Page], embedder: Embedder) -> None:
        self._pages = pages
        self._embedder = embedder
        self.vectors: Vectors = embedder.embed([page_text(page) for page in pages])

    def rank(self, question: str) -> list[Page]:
        """Return every page, best first."""
        scores = self.vectors @ self._embedder.embed([question])[0]
        return [self._pages[at] for at in np.argsort(-scores, kind="stable")]


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

    def __init__(
        self, vectors: PlainVectors, topics: Sequence[Topic], pages: Sequence[Page], embedder: Embedder
    ) -> None:
        self._pages = list(pages)
        self._vectors = vectors.vectors
        self._embedder = embedder
        self._topics = topics
        self._members = [[at for at, page in enumerate(pages) if page.page_id in topic.page_ids] for topic in topics]
        self._centres = [unit(self._vectors[members].sum(axis=0)) for members in self._members]

    def rank(self, question: str) -> list[Page]:
        """Return the pages that pass the gate, best first, then the newest pages."""
        vector = self._embedder.embed([question])[0]
        words = terms(question)[0]
        scores = [
            float(centre @ vector) + jaccard(words, [stem for each in topic.keywords for stem in terms(each)[0]])
            for centre, topic in zip(self._centres, self._topics, strict=True)
        ]
        best = sorted(range(len(scores)), key=lambda at: -scores[at])[:_SEGMENTS]
        inside = [at for topic in best for at in self._members[topic]]
        inside.sort(key=lambda at: -float(self._vectors[at] @ vector))
        queue = reversed(self._pages[-_QUEUE:])
        return list({page.page_id: page for page in [*(self._pages[at] for at in inside[:_PAGES]), *queue]}.values())


Baseline = Bm25 | PlainVectors | GatedSegments
