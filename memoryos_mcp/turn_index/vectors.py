"""
Turn vectors: made in context, kept in the store, made anew where context goes.

With a `TurnEncoder` the vectors of word pieces are kept too, in the index file. The caller holds the store's lock.
"""

import logging
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..codec import decode_page
from ..errors import EmbedderError
from ..lexical import IndexFile
from ..mid_term import ARCHIVE, MID_TERM
from ..protocols import Embedder, Record, Store, Vectors
from ..records import Page
from .abilities import TurnEncoder
from .context import context_vectors, preceding, starts

__all__ = ["Turn", "TurnVectors"]

logger = logging.getLogger(__name__)

Turn = tuple[str, int]
"""A turn by its page's id and its side: 0 the user's, 1 the assistant's."""

_MOST_TOKENS = 1024


class TurnVectors:
    """The vectors of every user's turns in one embedder's place."""

    def __init__(self, store: Store, file: IndexFile, embedder: Embedder) -> None:
        self._store = store
        self._file = file
        self._embedder = embedder
        self._encoder = embedder if isinstance(embedder, TurnEncoder) else None
        self.place = f"turns.{embedder.name}"

    def add(self, user_id: str, before: Sequence[Page], pages: Sequence[Page], after: Sequence[Page]) -> None:
        """Store the vectors of *pages*, and those of the indexed pages beside them, whose context they now are."""
        earlier = [] if self._encoder else before[-1:]  # a model reads what comes before a turn, not what follows
        changed = {page.page_id for page in (*earlier, *pages, *after[:1])}
        self._put(user_id, [[*before, *pages, *after]], changed)

    def remove(self, user_id: str, page_ids: Collection[str]) -> None:
        """Remove the vectors of pages; unknown ids are ignored."""
        self._store.delete(user_id, self.place, [name for id_ in page_ids for name in _names(id_)])

    def renew_beside(self, user_id: str, number: int, gone: Collection[int]) -> None:
        """Make the vectors of the pages next to removed places anew, from the pages themselves."""
        beside = {place + step for place in gone for step in (-1, 1)}.difference(gone)
        reach = {place + step for place in beside for step in (-1, 0, 1)}.difference(gone)
        ids = self._file.at(number, reach)
        changed = [ids[place] for place in beside if place in ids]
        runs = self._runs(user_id, ids)
        self.remove(user_id, changed)
        self._file.drop_tokens(number, changed)
        if runs:
            try:
                self._put(user_id, runs, changed)
            except EmbedderError as exc:  # an endpoint out of reach: forgetting is not put off for it
                logger.warning("%d pages beside forgotten ones have no vector until a rebuild: %s", len(changed), exc)

    def drop(self, user_id: str) -> None:
        """Remove a user's vectors."""
        self._store.drop(user_id, self.place)

    def nearest(self, user_id: str, vector: Vectors, k: int) -> list[tuple[Turn, float]]:
        """Return up to *k* turns nearest to *vector* with their cosines, best first."""
        found = self._store.nearest(user_id, self.place, vector, k)
        return [((name[:-2], int(name[-1] == "a")), score) for name, score in found]

    def vectors(self, user_id: str, turns: Mapping[Turn, int]) -> dict[int, Vectors]:
        """Return the stored vectors of *turns*, under the numbers they map to."""
        numbers = {_names(page_id)[side]: number for (page_id, side), number in turns.items()}
        records = self._store.get(user_id, self.place, list(numbers), vectors=True)
        return {numbers[record.id]: record.vector for record in records if record.vector is not None}

    def tokens(self, user: int, turns: Mapping[Turn, int]) -> dict[int, NDArray[np.int8]]:
        """Return the stored piece vectors of *turns*, under the numbers they map to."""
        found = self._file.tokens(user, {page_id for page_id, _ in turns})
        return {
            number: _unpacked(found[page_id][side]) for (page_id, side), number in turns.items() if page_id in found
        }

    def _runs(self, user_id: str, ids: Mapping[int, str]) -> list[list[Page]]:
        """Return the pages at places, read from the store, in runs of consecutive places."""
        wanted = list(ids.values())
        records = [record for place in (MID_TERM, ARCHIVE) for record in self._store.get(user_id, place, wanted)]
        pages = {record.id: decode_page(record) for record in records}
        runs: list[list[Page]] = []
        last = -2
        for place in sorted(place for place, page_id in ids.items() if page_id in pages):
            if place != last + 1:
                runs.append([])
            runs[-1].append(pages[ids[place]])
            last = place
        return runs

    def _put(self, user_id: str, runs: Sequence[Sequence[Page]], wanted: Collection[str]) -> None:
        """Store the vectors of the *wanted* pages of *runs*, each run being consecutive pages."""
        row = [page for run in runs for page in run]
        breaks = np.concatenate([starts([page.timestamp.timestamp() for page in run]) for run in runs])
        vectors = self._made(user_id, row, np.repeat(np.cumsum(breaks), 2), wanted)
        records = [
            Record(name, "", {}, vectors[2 * at + side])
            for at, page in enumerate(row)
            if page.page_id in wanted
            for side, name in enumerate(_names(page.page_id))
        ]
        self._store.put(user_id, self.place, records)

    def _made(self, user_id: str, row: Sequence[Page], sessions: NDArray[np.int64], wanted: Collection[str]) -> Vectors:
        texts = [text for page in row for text in (page.user_input, page.agent_response)]
        if self._encoder is None:
            return context_vectors(self._embedder.embed(texts), sessions)
        made = self._encoder.encode_turns(preceding(texts, sessions))
        parts = [_packed(each.tokens[:_MOST_TOKENS]) for each in made]
        pairs = {page.page_id: (parts[2 * at], parts[2 * at + 1]) for at, page in enumerate(row)}
        self._file.put_tokens(user_id, {page_id: pair for page_id, pair in pairs.items() if page_id in wanted})
        return np.stack([each.vector for each in made])


def _names(page_id: str) -> tuple[str, str]:
    """Return the ids of a page's two vectors in the store."""
    return f"{page_id}.u", f"{page_id}.a"


def _packed(tokens: NDArray[np.int8]) -> bytes:
    """Return piece vectors (n, t) as bytes, t in the first two."""
    return int(tokens.shape[1]).to_bytes(2, "little") + tokens.tobytes()


def _unpacked(data: bytes) -> NDArray[np.int8]:
    return np.frombuffer(data, np.int8, offset=2).reshape(-1, int.from_bytes(data[:2], "little"))
