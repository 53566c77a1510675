"""The readers of meaning behind one seam: by word pieces where the embedder has them, by stored vectors otherwise."""

from collections.abc import Sequence
from typing import Protocol

from ...domain.protocols import Embedder, Vectors
from ...domain.records import Page
from ...storage.index import TokenTable, TurnEncoder, View
from .context_reader import ContextReader
from .meaning import Meaning
from .passages import Passages
from .piece_reader import PieceReader
from .question import Question
from .vector_reader import VectorReader

__all__ = ["Reader", "reader_of"]


class Reader(Protocol):
    """Reads the meaning of a question against turns. May raise `EmbedderError`."""

    @property
    def slow(self) -> bool:
        """Whether `prepare` is worth calling: the embedder takes longer than a lock should be held."""
        ...

    def prepare(self, question: Question, tail: Sequence[Page]) -> None:
        """Embed a question and short-term memory, oldest first, beforehand; called without the store's lock."""
        ...

    def question(self, view: View, question: Question) -> Vectors:
        """Return the question's unit vector."""
        ...

    def read(self, view: View, question: Question, passages: Passages) -> Meaning:
        """Return what the vectors of *passages* tell of a question."""
        ...


def reader_of(embedder: Embedder) -> Reader:
    """Return the best reader that *embedder* allows."""
    if isinstance(embedder, TurnEncoder):
        return ContextReader(embedder)
    return PieceReader(embedder) if isinstance(embedder, TokenTable) else VectorReader(embedder)
