"""
What an embedder may offer besides a vector per text; asked for once, with `isinstance`.

Without either, turns are compared by one vector each.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors
from .lexical import Ids

__all__ = ["EncodedTurn", "Remote", "TokenTable", "TurnEncoder"]


@runtime_checkable
class TokenTable(Protocol):
    """
    What an embedder may offer besides: word pieces with fixed vectors, for late interaction.

    Ids are stable, so that an index may keep them; vectors are unit rows; weights positive.
    """

    def token_ids(self, texts: Sequence[str]) -> Sequence[Ids]: ...

    def vectors_of(self, ids: Ids) -> Vectors: ...

    def weights_of(self, ids: Ids) -> Vectors: ...


class EncodedTurn(Protocol):
    """A text as a `TurnEncoder` read it: unit vector (d,), piece ids (n,), piece vectors int8 (n, t); n >= 1."""

    @property
    def vector(self) -> Vectors: ...

    @property
    def ids(self) -> Ids: ...

    @property
    def tokens(self) -> NDArray[np.int8]: ...


@runtime_checkable
class TurnEncoder(Protocol):
    """What a model may offer besides: turns read after the turns before them, with a vector for each word piece."""

    def token_ids(self, texts: Sequence[str]) -> Sequence[Ids]: ...

    def encode_turns(self, turns: Sequence[tuple[str, Sequence[str]]]) -> Sequence[EncodedTurn]: ...

    def encode_questions(self, texts: Sequence[str]) -> Sequence[EncodedTurn]: ...


@runtime_checkable
class Remote(Protocol):
    """What an embedder behind an endpoint offers besides: to give up early, since somebody waits for the answer."""

    @property
    def model(self) -> str:
        """The model's exact name, from which the same embedder can be made again."""
        ...

    def embed_within(self, texts: Sequence[str], timeout_s: float) -> Vectors:
        """Return what `embed` does, or raise `EmbedderUnavailableError` after about *timeout_s*, without a retry."""
        ...
