"""Fakes shared by the suite: computed by hand, no network, no clock."""

from collections.abc import Sequence

import numpy as np

from memoryos_mcp.domain.errors import AnalyzerUnavailableError
from memoryos_mcp.domain.protocols import Vectors
from memoryos_mcp.domain.records import (
    AttributeFinding,
    Batch,
    BatchAnalysis,
    ChainLink,
    Fact,
    FactFinding,
    Findings,
    Page,
    Segment,
    Topic,
    TraitFinding,
)

__all__ = ["FirstWordAnalyzer", "FirstWordEmbedder"]


def first_word(text: str) -> str:
    """Return the first word in lower case: what this world takes for a text's topic."""
    return text.split()[0].lower().strip(".,!?")


class FirstWordEmbedder:
    """A vector per first word: the same word is cosine 1, another one near 0."""

    name = "first-word"
    dimensions = 64

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one random but fixed direction per first word."""
        rows = [np.random.default_rng(sum(map(ord, first_word(text)))).standard_normal(64) for text in texts]
        return np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)


class FirstWordAnalyzer:
    """
    The topic of a page is its first word; "I am X" is a fact; a page continues one of the same topic.

    `down` makes every call fail as an endpoint that is not there would.
    """

    name = "local"

    def __init__(self, *, eager: bool = True) -> None:
        self.eager = eager
        self.down = False
        self.noted: list[str] = []

    def note(self, pages: Sequence[Page], known: Sequence[Fact], context: Sequence[Page] = ()) -> Findings:
        """Find "I am X" in what users say."""
        self._answer()
        self.noted += [page.page_id for page in pages]
        said = [page for page in pages if page.user_input.startswith("I am ")]
        return Findings(
            tuple(FactFinding(page.user_input, "user", (page.page_id,), page.timestamp, key="am") for page in said),
            tuple(AttributeFinding("am", page.user_input[5:], (page.page_id,), page.timestamp) for page in said),
        )

    def analyze_batch(self, batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        """Group by first word."""
        self._answer()
        groups: dict[str, list[str]] = {}
        links, previous = [], batch.previous
        for page in batch.pages:
            groups.setdefault(first_word(page.user_input), []).append(page.page_id)
            continues = previous is not None and first_word(previous.user_input) == first_word(page.user_input)
            links.append(ChainLink(page.page_id, continues, f"up to {page.user_input}"))
            previous = page
        topics = tuple(Topic(tuple(ids), f"About {word}.", (word,)) for word, ids in groups.items())
        return BatchAnalysis(tuple(links), topics, Findings() if self.eager else self.note(batch.pages, known))

    def analyze_segment(self, segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        """Every hot topic makes the user "open"."""
        self._answer()
        ids = tuple(page.page_id for page in pages)
        return Findings(traits=(TraitFinding("openness", "high", segment.summary, ids, pages[-1].timestamp),))

    def summarize(self, pages: Sequence[Page]) -> Topic:
        """Join what was asked."""
        words = tuple(dict.fromkeys(first_word(page.user_input) for page in pages))
        return Topic(tuple(page.page_id for page in pages), " / ".join(page.user_input for page in pages), words)

    def keywords(self, page: Page) -> tuple[str, ...]:
        """Return the first word."""
        return (first_word(page.user_input),)

    def _answer(self) -> None:
        if self.down:
            raise AnalyzerUnavailableError("no route to model")
