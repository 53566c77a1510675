"""
Turn vectors, made in context from pages alone. No store and no lock: an endpoint may take its time here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Embedder, Vectors
from ...domain.records import Page
from .context import context_vectors, starts, with_preceding_turns
from .embedder_abilities import TurnEncoder

__all__ = ["MadeVectors", "VectorMaker", "unpack"]

_MOST_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class MadeVectors:
    """
    What an embedder made of pages: by page id the unit rows (2, d) of its turns and, from a `TurnEncoder`, their packed
    piece vectors. `context` are the ids of all pages that were read for it: none of them may be forgotten meanwhile.
    """

    vectors: Mapping[str, Vectors]
    tokens: Mapping[str, tuple[bytes, bytes]]
    context: frozenset[str]


class VectorMaker:
    """Makes the vectors of turns with one embedder. Thread-safe as far as that is."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self._encoder = embedder if isinstance(embedder, TurnEncoder) else None

    @property
    def with_tokens(self) -> bool:
        """Whether piece vectors are made too."""
        return self._encoder is not None

    def touched_ids(self, before: Sequence[Page], pages: Sequence[Page], after: Sequence[Page]) -> set[str]:
        """Return the ids of those whose vectors change when *pages* come between *before* and *after*."""
        earlier = [] if self._encoder else before[-1:]  # a model reads what comes before a turn, not what follows
        return {page.page_id for page in (*earlier, *pages, *after[:1])}

    def widened_ids(self, runs: Sequence[Sequence[Page]], page_ids: Collection[str]) -> set[str]:
        """Return *page_ids* and those just before them in *runs*, whose vectors may be older than their context."""
        pairs = [] if self._encoder else [pair for run in runs for pair in pairwise(run)]
        return {*page_ids, *(left.page_id for left, right in pairs if right.page_id in page_ids)}

    def make(self, runs: Sequence[Sequence[Page]], wanted: Collection[str]) -> MadeVectors:
        """
        Return the vectors of the *wanted* pages of *runs*, each run being consecutive pages.

        Raises:
            EmbedderError: From the embedder.
        """
        row = [page for run in runs for page in run]
        if not row:
            return MadeVectors({}, {}, frozenset())
        breaks = np.concatenate([starts([page.timestamp.timestamp() for page in run]) for run in runs])
        vectors, tokens = self._read(row, np.repeat(np.cumsum(breaks), 2))
        places = {page.page_id: at for at, page in enumerate(row) if page.page_id in wanted}
        return MadeVectors(
            {page_id: vectors[2 * at : 2 * at + 2] for page_id, at in places.items()},
            {page_id: (tokens[2 * at], tokens[2 * at + 1]) for page_id, at in places.items()} if tokens else {},
            frozenset(page.page_id for page in row),
        )

    def _read(self, row: Sequence[Page], sessions: NDArray[np.int64]) -> tuple[Vectors, list[bytes]]:
        texts = [text for page in row for text in (page.user_input, page.agent_response)]
        if self._encoder is None:
            return context_vectors(self.embedder.embed(texts), sessions), []
        made = self._encoder.encode_turns(with_preceding_turns(texts, sessions))
        return np.stack([each.vector for each in made]), [_pack(each.tokens[:_MOST_TOKENS]) for each in made]


def _pack(tokens: NDArray[np.int8]) -> bytes:
    """Return piece vectors (n, t) as bytes, t in the first two."""
    return int(tokens.shape[1]).to_bytes(2, "little") + tokens.tobytes()


def unpack(data: bytes) -> NDArray[np.int8]:
    """Return piece vectors (n, t) from their bytes."""
    return np.frombuffer(data, np.int8, offset=2).reshape(-1, int.from_bytes(data[:2], "little"))
