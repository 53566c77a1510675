"""
The seams between the domain and its adapters: store, turn index, embedder, analyzer, tokenizer.

Each is owned by its users here; adapters live in `storage/`, `lexical/`, `embedders/`, `analyzers/`
and `tokenizer.py`. Nothing here has behaviour.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .records import Batch, BatchAnalysis, Fact, Findings, Page, Segment, Topic

__all__ = ["Analyzer", "Embedder", "Record", "Store", "TokenMatrix", "Tokenizer", "Vectors"]

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Record:
    """
    One stored record: document and metadata are the truth, the vector is derived.

    `metadata` values are str, int, float or bool. `vector` is None where the place is not searched by vector.
    """

    id: str
    document: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    vector: Vectors | None = None


class Store(Protocol):
    """
    Every operation on stored memory goes through here. Safe to call from any thread.

    A place is one collection of one user: "short_term", "mid_term", "segments", "long_term", "archive", or a derived
    vector place ("turns.<embedder>", "segments.<embedder>"). A place that was never written reads as empty.

    All methods raise `StoreUnavailableError` (locked, unreachable, disk full, read-only) or `StoreCorruptError`.
    """

    def exclusive(self, user_id: str | None = None) -> AbstractContextManager[None]:
        """
        Hold a user's memory (None: everybody's) for several operations. Reentrant per thread.

        Nobody else reads or writes that user's meanwhile, and a thread that holds one user's asks for no other's;
        holding everybody's waits for all.
        """
        ...

    def put(self, user_id: str, place: str, records: Sequence[Record]) -> None:
        """Add or replace *records* by id; durable on return."""
        ...

    def get(
        self,
        user_id: str,
        place: str,
        ids: Sequence[str] | None = None,
        *,
        where: Mapping[str, Any] | None = None,
        limit: int | None = None,
        offset: int = 0,
        vectors: bool = False,
    ) -> list[Record]:
        """Return the records with *ids* (or all) whose metadata equal *where*; unknown ids are left out."""
        ...

    def ids(self, user_id: str, place: str, *, where: Mapping[str, Any] | None = None) -> list[str]:
        """Return the ids in a place, without reading documents."""
        ...

    def delete(self, user_id: str, place: str, ids: Sequence[str]) -> None:
        """Delete by id; unknown ids are ignored."""
        ...

    def count(self, user_id: str, place: str) -> int: ...

    def nearest(self, user_id: str, place: str, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return up to *k* (id, cosine similarity) pairs, best first."""
        ...

    def generation(self) -> int:
        """Return a number that changes when another process has written: what was read before may be stale."""
        ...

    def users(self) -> list[str]:
        """Return every user id that has a place, sorted."""
        ...

    def places(self, user_id: str) -> list[str]:
        """Return the places of a user that were ever written and not dropped, sorted."""
        ...

    def drop(self, user_id: str, place: str | None = None) -> None:
        """Drop one place of a user, or all of them."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TokenMatrix:
    """A text's word pieces, unit vectors (n, d) and weights (n,); its vector is their weighted sum, normalised."""

    pieces: tuple[str, ...]
    vectors: Vectors
    weights: Vectors


class Embedder(Protocol):
    """Text to vectors. Thread-safe. Raises `EmbedderUnavailableError` when model files or endpoint are missing."""

    @property
    def name(self) -> str:
        """Stable name that is part of derived places: letters, digits, "-"; changes whenever vectors would."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit rows, shape (len(texts), dimensions); finite for any text in any script."""
        ...


class Analyzer(Protocol):
    """
    Whoever reads pages and says what they mean. Called from the worker's thread only, never on the path of a tool.

    Raises `AnalyzerUnavailableError` (may be retried) or `AnalyzerFormatError`; then the pages wait.
    """

    @property
    def name(self) -> str:
        """`local`, `openai` or `host`; stored with what it produced."""
        ...

    @property
    def eager(self) -> bool:
        """Whether `note` is cheap enough to run on every new page at once, before consolidation."""
        ...

    def note(self, pages: Sequence[Page], known: Sequence[Fact], context: Sequence[Page] = ()) -> Findings:
        """
        Return plain facts and attributes said in *pages*, given the facts already known.

        *context* are pages that stand near them, read before or still to be read: for what a page means, not for what
        it says.
        """
        ...

    def analyze_batch(self, batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        """Return continuity, chain summaries, topics and (unless eager) findings of pages leaving short-term memory."""
        ...

    def analyze_segment(self, segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        """Return what a hot segment says of the user and the assistant (promotion), oldest page first."""
        ...

    def summarize(self, pages: Sequence[Page]) -> Topic:
        """Return summary and keywords of *pages* taken as one topic (used when a segment's pages change)."""
        ...

    def keywords(self, page: Page) -> tuple[str, ...]:
        """Return the keyword set K_p of one page for equation 3, normalised as in topics."""
        ...


class Tokenizer(Protocol):
    """Counts tokens for budgets. Never blocks on the network."""

    @property
    def name(self) -> str:
        """As `memory_status` shows it: "o200k_base"."""
        ...

    def count(self, text: str) -> int: ...
