"""
`TurnIndex`: adding, removing and viewing the turns of every user.

The caller holds the store's lock around every call.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..lexical import ARCHIVED, Columns, Entry, IndexFile, Postings, make_entry, row_of
from ..protocols import Embedder, Store, Vectors
from ..records import Page
from .abilities import TokenTable, TurnEncoder
from .context import sessions_after
from .vectors import Turn, TurnVectors
from .view import View, spoken, with_tail

__all__ = ["TurnIndex"]

_USERS_HELD = 8
_ENTRIES_HELD = 1200


@dataclass
class _Held:
    """What is held in memory of one user."""

    number: int
    removals: int
    places: int = 0
    columns: Columns = field(default_factory=Columns)
    languages: list[str] = field(default_factory=list)


class TurnIndex:
    """
    The turns of every user.

    Args:
        store: Holds the turn vectors.
        folder: Holds the SQLite file; made when missing.
        embedder: Makes the turn vectors; a `TokenTable` lets turns be compared word by word too.
    """

    def __init__(self, store: Store, folder: Path, embedder: Embedder) -> None:
        self._token_ids = embedder.token_ids if isinstance(embedder, (TokenTable, TurnEncoder)) else None
        self._file = IndexFile(folder / "index.sqlite3", embedder.name)
        self._vectors = TurnVectors(store, self._file, embedder)
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._entries: OrderedDict[str, Entry] = OrderedDict()

    def add(self, user_id: str, pages: Sequence[Page], before: Sequence[Page], after: Sequence[Page]) -> None:
        """
        Add *pages*, oldest first; those that are there already stay as they are.

        Args:
            user_id: Whose.
            pages: What to add.
            before: The pages just before them, oldest first.
            after: The pages just after them, oldest first. Those not indexed lend no context: they may yet be
                forgotten, and give it when they are added themselves.
        """
        number, _, _ = self._file.state(user_id)
        known = self._file.known(number, [page.page_id for page in pages]) if number else {}
        new = list({page.page_id: page for page in pages if page.page_id not in known}.values())
        if not new:
            return
        entries = [self._entry(page) for page in new]
        beside = [page.page_id for page in (*before, *after)]
        there = self._file.known(number, beside) if number else {}
        old = [page for page in before if page.page_id in there]
        late = [page for page in after if page.page_id in there]
        self._vectors.add(user_id, old, pages, late)
        sessions = sessions_after(self._file.last(number) if number else None, entries)
        self._file.add(user_id, list(zip(entries, sessions, strict=True)))

    def remove(self, user_id: str, page_ids: Collection[str]) -> None:
        """
        Remove pages, archived ones too, with every trace of them; unknown ids are ignored.

        The vectors of the pages beside them are made anew, since context had put the removed pages' into those.
        """
        number, _, _ = self._file.state(user_id)
        for page_id in page_ids:
            self._entries.pop(page_id, None)
        known = self._file.known(number, page_ids) if number else {}
        if known:
            self._file.remove(number, known)
        self._vectors.remove(user_id, page_ids)
        if known:
            self._vectors.renew_beside(user_id, number, set(known.values()))

    def archive(self, user_id: str, page_ids: Collection[str]) -> None:
        """Keep pages for searches of the archive alone: `page_ids` and `count` no longer have them."""
        number, _, _ = self._file.state(user_id)
        if number:
            self._file.set_state(number, page_ids, ARCHIVED)

    def drop(self, user_id: str) -> None:
        """Remove a user."""
        self._held.pop(user_id, None)
        self._entries.clear()
        self._file.drop(user_id)
        self._vectors.drop(user_id)

    @property
    def vector_place(self) -> str:
        """The place of the store that holds the turns' vectors: two records for each page, `<page id>.u` and `.a`."""
        return self._vectors.place

    def page_ids(self, user_id: str, *, archived: bool = False) -> set[str]:
        """Return the ids of a user's indexed pages, without (or only) the archived ones."""
        number, _, _ = self._file.state(user_id)
        return self._file.page_ids(number, archived=archived) if number else set()

    def count(self, user_id: str) -> int:
        """Return how many pages of a user are indexed, archived ones not counted."""
        number, _, _ = self._file.state(user_id)
        return self._file.count(number) if number else 0

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def view(self, user_id: str, tail: Sequence[Page]) -> View:
        """Return a user's turns with the pages of *tail* (short-term memory, oldest first) behind them."""
        held = self._load(user_id)
        columns = held.columns
        columns.cut(held.places)
        indexed = self._file.known(held.number, [page.page_id for page in tail]) if held.number else {}
        fresh = [page for page in tail if page.page_id not in indexed]
        entries = [self._entry(page) for page in fresh]
        texts = tuple(text for page in fresh for text in (page.user_input, page.agent_response))
        last = columns.last()
        sessions = sessions_after(last, entries)
        columns.extend([row_of(entry, number) for entry, number in zip(entries, sessions, strict=True)])

        def postings(terms: Collection[str]) -> Mapping[str, Postings]:
            stored = self._file.postings(held.number, terms) if held.number else {}
            return with_tail(stored, terms, entries, 2 * held.places)

        def nearest(vector: Vectors, k: int) -> list[tuple[int, float]]:
            return self._turns_of(held, self._vectors.nearest(user_id, vector, k)) if held.places else []

        def vectors(turns: Sequence[int]) -> dict[int, Vectors]:
            return self._vectors.vectors(user_id, _named(columns, turns))

        def tokens(turns: Sequence[int]) -> dict[int, NDArray[np.int8]]:
            return self._vectors.tokens(held.number, _named(columns, turns))

        languages = spoken(held.languages, entries)
        return View(columns, held.places, texts, languages, postings, nearest, vectors, tokens)

    def _entry(self, page: Page) -> Entry:
        """Return a page's entry, from memory when it was made a moment ago."""
        entry = self._entries.get(page.page_id)
        if entry is None:
            entry = self._entries[page.page_id] = make_entry(page, self._token_ids)
            while len(self._entries) > _ENTRIES_HELD:
                self._entries.popitem(last=False)
        return entry

    def _load(self, user_id: str) -> _Held:
        """Bring what is held in memory up to date with the file."""
        number, places, removals = self._file.state(user_id)
        held = self._held.pop(user_id, None)
        if held is None or held.number != number or held.places > places:
            held = _Held(number, removals)
        columns = held.columns
        columns.cut(held.places)
        if held.removals != removals:
            changes = self._file.changes(number, held.removals)
            columns.change({place: state for place, state in changes.items() if place < held.places})
            held.removals = removals
        if held.places < places:
            for block in self._file.blocks(number, held.places, places):
                columns.append(block)
            columns.change(dict.fromkeys(self._file.archived(number, held.places), ARCHIVED))
            held.places = places
            held.languages = self._file.languages(number)
        self._held[user_id] = held
        while len(self._held) > _USERS_HELD:
            self._held.popitem(last=False)
        return held

    def _turns_of(self, held: _Held, found: Sequence[tuple[Turn, float]]) -> list[tuple[int, float]]:
        places = self._file.known(held.number, {page_id for (page_id, _), _ in found})
        return [(2 * places[page_id] + side, score) for (page_id, side), score in found if page_id in places]


def _named(columns: Columns, turns: Sequence[int]) -> dict[Turn, int]:
    return {(columns.page_ids[turn // 2], int(turn % 2)): int(turn) for turn in turns}
