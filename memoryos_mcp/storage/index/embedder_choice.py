"""
Which embedder's vectors answer questions: the present one's, or those of a former one that has more of them still.

After a change of embedder the old vectors serve until the new ones are complete, as long as the old embedder can be
asked here; if it cannot, the new ones serve as far as they go and words find the rest. The caller holds the store's
lock.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ...domain.protocols import Embedder, Store
from .embedder_abilities import TurnEncoder
from .lexical import IndexFile, model_of
from .vectors import PREFIX, TurnVectors

__all__ = ["ChosenEmbedder", "EmbedderChoice", "Former"]

Former = Callable[[str, str], Embedder | None]
"""Returns the embedder of a name and, for an endpoint's, its model; None when it cannot be had here."""


@dataclass(frozen=True, slots=True)
class ChosenEmbedder:
    """An embedder and its vectors."""

    embedder: Embedder
    vectors: TurnVectors


class EmbedderChoice:
    """
    Chooses for each user.

    Args:
        store: Holds the vectors.
        file: The index file.
        own: The present embedder with its vectors.
        former: Makes a former embedder.
    """

    def __init__(self, store: Store, file: IndexFile, own: ChosenEmbedder, former: Former) -> None:
        self._store = store
        self._file = file
        self._own = own
        self._former = former
        self._others: dict[str, ChosenEmbedder | None] = {}
        self._settled: set[str] = set()

    def of(self, user_id: str, number: int, pages: Callable[[], int]) -> ChosenEmbedder:
        """
        Return who serves *user_id*, whose rows have this *number* and are so many *pages* (asked for if need be).

        Once the present embedder serves, it goes on: what it lacks later is a page or two, found by their words.
        """
        if user_id in self._settled:
            return self._own
        own = self._own.vectors.count(user_id, number)
        if own >= pages():
            self._settled.add(user_id)
            return self._own
        return self._best_other(user_id, number, own) or self._own

    def forget(self, user_id: str) -> None:
        """Choose anew: the user's vectors were dropped."""
        self._settled.discard(user_id)

    def _best_other(self, user_id: str, number: int, least: int) -> ChosenEmbedder | None:
        best = None
        for place in self._store.places(user_id):
            if place.startswith(PREFIX) and place != self._own.vectors.place:
                other = self._other(place.removeprefix(PREFIX))
                count = other.vectors.count(user_id, number) if other else 0
                if count > least:
                    best, least = other, count
        return best

    def _other(self, name: str) -> ChosenEmbedder | None:
        if name not in self._others:
            embedder = self._former(name, model_of(self._file, name))
            self._others[name] = None if embedder is None else self._served_by(name, embedder)
        return self._others[name]

    def _served_by(self, name: str, embedder: Embedder) -> ChosenEmbedder:
        with_tokens = isinstance(embedder, TurnEncoder)
        return ChosenEmbedder(embedder, TurnVectors(self._store, self._file, name, with_tokens=with_tokens))
