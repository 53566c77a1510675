"""
`TurnIndex`: adding, removing and viewing the turns of every user.

Rows (words, dates, word pieces) are the same for every embedder; vectors are each embedder's own, and may come later
than the rows: a page without them is found by its words. The caller holds the user's lock in the store around every
call but `changed_vectors`, which asks the embedder and touches nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Embedder, Store, Vectors
from ...domain.records import Page
from ..active_users import ActiveUsers
from .context import sessions_after
from .embedder_abilities import Remote, TokenTable, TurnEncoder
from .embedder_choice import ChosenEmbedder, EmbedderChoice, Former
from .lexical import ARCHIVED, LIVE, Columns, Entry, Ids, IndexFile, Postings, make_entry, remember_model, row_of
from .turn_vectors import MadeVectors, VectorMaker
from .vectors import PREFIX, Turn, TurnVectors, count_vectors, forget_vectors
from .view import View, languages_spoken, with_tail

__all__ = ["PieceIds", "TurnIndex"]

_USERS_HELD = 8
_ENTRIES_HELD = 1200


@dataclass(frozen=True, slots=True)
class PieceIds:
    """Who makes the word-piece ids of rows: a name that changes whenever the ids would, and the function."""

    name: str
    of: Callable[[Sequence[str]], Sequence[Ids]] | None


@dataclass
class _Held:
    """What is held in memory of one user."""

    number: int
    removals: int
    positions: int = 0
    columns: Columns = field(default_factory=Columns)
    languages: list[str] = field(default_factory=list)
    memo: dict[str, NDArray[Any]] = field(default_factory=dict)
    mark: object = field(default_factory=object)
    tail: list[Entry] = field(default_factory=list)

    def changed(self) -> None:
        """Take note that the indexed turns are others now."""
        self.memo.clear()
        self.mark = object()

    def without_tail(self) -> Columns:
        """Return the columns with the indexed turns alone."""
        self.columns.cut(self.positions)
        self.tail = []
        return self.columns

    def put_behind(self, entries: list[Entry]) -> None:
        """Have *entries* stand behind the indexed turns, and nothing else; they often stand there already."""
        if len(entries) != len(self.tail) or any(
            one is not other for one, other in zip(entries, self.tail, strict=True)
        ):
            columns = self.without_tail()
            sessions = sessions_after(columns.last(), entries)
            columns.extend([row_of(entry, number) for entry, number in zip(entries, sessions, strict=True)])
            self.tail = entries


class TurnIndex:
    """
    The turns of every user. `_lock` guards `_entries`.

    Args:
        store: Holds the turn vectors.
        folder: Holds the SQLite file; made when missing.
        embedder: Makes the turn vectors; a `TokenTable` lets turns be compared word by word too.
        pieces: Makes the word pieces of rows; the same for all processes on a folder, or they undo each other's rows.
            Default: the embedder, if it has any.
        former: Makes an embedder used before this one, whose vectors serve until this one's are complete.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        embedder: Embedder,
        *,
        pieces: PieceIds | None = None,
        former: Former = lambda name, model: None,
    ) -> None:
        own = embedder.token_ids if isinstance(embedder, (TokenTable, TurnEncoder)) else None
        self._pieces = pieces or PieceIds(embedder.name, own)
        self._store = store
        self._file = IndexFile(folder / "index.sqlite3", self._pieces.name)
        self._maker = VectorMaker(embedder)
        self._vectors = TurnVectors(store, self._file, embedder.name, with_tokens=self._maker.with_tokens)
        self._serving = EmbedderChoice(store, self._file, ChosenEmbedder(embedder, self._vectors), former)
        self._held: ActiveUsers[_Held] = ActiveUsers(_USERS_HELD)
        self._lock = Lock()
        self._entries: OrderedDict[str, Entry] = OrderedDict()

    def changed_vectors(self, before: Sequence[Page], pages: Sequence[Page], after: Sequence[Page] = ()) -> MadeVectors:
        """
        Return the vectors that change when *pages* come between *before* and *after*. Not under the lock.

        Raises:
            EmbedderError: From the embedder.
        """
        return self._maker.make([[*before, *pages, *after]], self._maker.touched_ids(before, pages, after))

    def embedded_runs(self, runs: Sequence[Sequence[Page]], page_ids: Collection[str]) -> MadeVectors:
        """Return the vectors of the pages with *page_ids* in runs of consecutive pages. Not under the lock."""
        return self._maker.make(runs, self._maker.widened_ids(runs, page_ids))

    def add(self, user_id: str, pages: Sequence[Page], before: Sequence[Page], after: Sequence[Page]) -> None:
        """
        Add *pages*, oldest first, with their vectors; those that are there already stay as they are.

        Args:
            user_id: Whose.
            pages: What to add.
            before: The pages just before them, oldest first.
            after: The pages just after them, oldest first. Those not indexed lend no context: they may yet be
                forgotten, and give it when they are added themselves.
        """
        number, _, _ = self._file.state(user_id)
        there = self._file.positions_of(number, [page.page_id for page in (*before, *after)]) if number else {}
        old, late = ([page for page in near if page.page_id in there] for near in (before, after))
        made = self.changed_vectors(old, pages, late)
        if self.add_rows(user_id, pages):
            self.put_vectors(user_id, made)

    def add_rows(self, user_id: str, pages: Sequence[Page], *, staged: bool = False) -> int:
        """Add the rows of those of *pages*, oldest first, that have none, and return how many: words find them now."""
        number, _, _ = self._file.state(user_id, staged=staged)
        known = self._file.positions_of(number, [page.page_id for page in pages]) if number else {}
        new = list({page.page_id: page for page in pages if page.page_id not in known}.values())
        entries = [self._entry(page) for page in new]
        sessions = sessions_after(self._file.last(number) if number else None, entries)
        if entries:
            self._file.add(user_id, list(zip(entries, sessions, strict=True)), staged=staged)
        return len(entries)

    def put_vectors(self, user_id: str, made: MadeVectors) -> bool:
        """Store what was made of pages; False if one that was read for it has gone: they stay without for now."""
        number, _, _ = self._file.state(user_id)
        known = self._file.positions_of(number, made.context) if number else {}
        there = len(known) == len(made.context)
        if there:
            self._vectors.put(user_id, number, made)
            embedder = self._maker.embedder
            if isinstance(embedder, Remote):
                remember_model(self._file, embedder.name, embedder.model)
        return there

    def remove(self, user_id: str, page_ids: Collection[str], near: Collection[str] = ()) -> None:
        """
        Remove pages, archived ones too, with every trace of them in every embedder's vectors; unknown ids are ignored.

        The pages beside them lose their vectors, since context had put the removed pages' into those: they get new
        ones from the `Reembedder`. Which these are the rows say, and *near* for pages whose rows are still to be made.
        """
        with self._lock:
            for page_id in page_ids:
                self._entries.pop(page_id, None)
        for staged in (False, True):
            number, _, _ = self._file.state(user_id, staged=staged)
            known = self._file.positions_of(number, page_ids) if number else {}
            beside = self._file.beside(number, known.values()).values() if number else ()
            forget_vectors(self._store, self._file, user_id, number, {*page_ids, *near, *beside})
            if known:
                self._file.remove(number, known)
        while self._file.delete_abandoned_rows(user_id):  # rows that serve nobody name these pages too
            pass

    def traces(self, user_id: str, page_ids: Sequence[str] | None = None) -> dict[str, int]:
        """Return how many pages (of these, or all) have words here, and how many turn vectors of any embedder."""
        number, _, _ = self._file.state(user_id)
        rows = 0
        if number:
            rows = self._file.total(number) if page_ids is None else len(self._file.positions_of(number, page_ids))
        return {"word_index": rows, "turn_vectors": count_vectors(self._store, user_id, page_ids)}

    @property
    def with_tokens(self) -> bool:
        """Whether the embedder is a model that reads every turn in context and keeps piece vectors."""
        return self._maker.with_tokens

    def progress(self, user_id: str) -> tuple[int, int]:
        """Return how many of a user's pages have this embedder's vectors, and how many pages there are."""
        number, _, _ = self._file.state(user_id)
        return self._vectors.count(user_id, number), self._file.total(number) if number else 0

    def order(self, user_id: str) -> list[str]:
        """Return the ids of all of a user's pages in their order, archived ones too."""
        number, _, _ = self._file.state(user_id)
        return self._file.order(number) if number else []

    def embedded_ids(self, user_id: str) -> set[str]:
        """Return the ids of the pages that have all of this embedder's vectors."""
        number, _, _ = self._file.state(user_id)
        return self._vectors.page_ids(user_id, number) if number else set()

    def remove_strays(self, user_id: str, page_ids: Collection[str]) -> int:
        """
        Remove this embedder's vectors of pages that are not among *page_ids*, and return how many there were.

        Those of a page that is stored and has no row are none: its row may be on its way.
        """
        strays = self._vectors.strays(user_id, page_ids)
        self._vectors.remove(user_id, strays)
        return len(strays)

    def archive(self, user_id: str, page_ids: Collection[str], *, staged: bool = False) -> None:
        """Keep pages for searches of the archive alone: `page_ids` and `count` no longer have them."""
        self._set_state(user_id, page_ids, ARCHIVED, staged)

    def revive(self, user_id: str, page_ids: Collection[str]) -> None:
        """Take pages out of the archive again."""
        self._set_state(user_id, page_ids, LIVE, False)

    def _set_state(self, user_id: str, page_ids: Collection[str], state: int, staged: bool) -> None:
        number, _, _ = self._file.state(user_id, staged=staged)
        if number and page_ids:
            self._file.set_state(number, page_ids, state)

    def users(self) -> list[str]:
        """Return the users that have rows, whether they still have pages or not."""
        return self._file.users()

    def drop(self, user_id: str) -> None:
        """Remove a user, every embedder's vectors too."""
        self._held.drop(user_id)
        self._serving.forget(user_id)
        with self._lock:
            self._entries.clear()
        self._file.drop(user_id)
        for place in self._store.places(user_id):
            if place.startswith(PREFIX):
                self._store.drop(user_id, place)

    def drop_staged(self, user_id: str) -> None:
        """Take away the rows that were staged and not put in place; `delete_abandoned_rows` removes them."""
        self._file.abandon_staged(user_id)

    def delete_abandoned_rows(self, user_id: str) -> bool:
        """Remove some of the rows that serve nobody now; return whether there may be more. Takes the lock itself."""
        with self._store.exclusive(user_id):
            return self._file.delete_abandoned_rows(user_id)

    def copy_tokens(self, user_id: str) -> None:
        """Give the staged rows the piece vectors of those in use, batch by batch. Takes the lock itself."""
        last: str | None = ""
        while last is not None:
            with self._store.exclusive(user_id):
                last = self._file.copy_tokens(user_id, last)

    def swap(self, user_id: str) -> None:
        """Put the staged rows in place of those in use, for `delete_abandoned_rows` to remove; vectors stay."""
        if self._file.state(user_id, staged=True)[0]:
            self._file.swap(user_id)

    def drop_vectors(self, user_id: str, embedder: str) -> None:
        """Remove the vectors that an embedder made of a user's turns."""
        number, _, _ = self._file.state(user_id)
        TurnVectors(self._store, self._file, embedder, with_tokens=True).drop(user_id, number)
        self._serving.forget(user_id)

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

    def serving_embedder(self, user_id: str) -> Embedder:
        """Return the embedder whose vectors answer a user's questions now, by which the questions are to be read."""
        return self._served_for(user_id).embedder

    def _served_for(self, user_id: str) -> ChosenEmbedder:
        number, _, _ = self._file.state(user_id)
        return self._serving.of(user_id, number, lambda: self._file.total(number) if number else 0)

    def view(self, user_id: str, tail: Sequence[Page]) -> View:
        """Return a user's turns with the pages of *tail* (short-term memory, oldest first) behind them."""
        held, served = self._load(user_id), self._served_for(user_id)
        columns, stored = held.columns, served.vectors
        indexed = self._file.positions_of(held.number, [page.page_id for page in tail]) if held.number else {}
        fresh = [page for page in tail if page.page_id not in indexed]
        entries = [self._entry(page) for page in fresh]
        texts = tuple(text for page in fresh for text in (page.user_input, page.agent_response))
        held.put_behind(entries)

        read: dict[str, Postings | None] = {}

        def postings(terms: Collection[str]) -> Mapping[str, Postings]:
            missing = [term for term in terms if term not in read]
            stored_ones = self._file.postings(held.number, missing) if held.number and missing else {}
            found = with_tail(stored_ones, missing, entries, 2 * held.positions)
            read.update((term, found.get(term)) for term in missing)
            return {term: each for term in terms if (each := read[term]) is not None}

        def nearest(vector: Vectors, k: int) -> list[tuple[int, float]]:
            return self._turns_of(held, stored.nearest(user_id, vector, k)) if held.positions else []

        def vectors(turns: Sequence[int]) -> dict[int, Vectors]:
            return stored.vectors(user_id, _positions_of(columns, turns))

        def tokens(turns: Sequence[int]) -> dict[int, NDArray[np.int8]]:
            return stored.tokens(held.number, _positions_of(columns, turns))

        languages = languages_spoken(held.languages, entries)
        return View(
            columns,
            held.positions,
            texts,
            languages,
            postings,
            nearest,
            vectors,
            tokens,
            served.embedder,
            held.memo,
            held.mark,
        )

    def _entry(self, page: Page) -> Entry:
        """Return a page's entry, from memory when it was made a moment ago."""
        with self._lock:
            entry = self._entries.get(page.page_id)
        if entry is None:
            entry = make_entry(page, self._pieces.of)
            with self._lock:
                self._entries[page.page_id] = entry
                while len(self._entries) > _ENTRIES_HELD:
                    self._entries.popitem(last=False)
        return entry

    def _load(self, user_id: str) -> _Held:
        """Bring what is held in memory up to date with the file."""
        number, positions, removals = self._file.state(user_id)
        held = self._held.get(user_id)
        self._held.drop(user_id)  # until it is up to date again
        if held is None or held.number != number or held.positions > positions:
            held = _Held(number, removals)
        if held.removals == removals and held.positions == positions:
            return self._held.put(user_id, held)
        columns = held.without_tail()
        if held.removals != removals:
            changes = self._file.changes(number, held.removals)
            columns.change({position: state for position, state in changes.items() if position < held.positions})
            held.removals = removals
            held.changed()
        if held.positions < positions:
            for block in self._file.blocks(number, held.positions, positions):
                columns.append(block)
            columns.change(dict.fromkeys(self._file.archived_positions(number, held.positions), ARCHIVED))
            held.positions = positions
            held.changed()
            held.languages = self._file.languages(number)
        return self._held.put(user_id, held)

    def _turns_of(self, held: _Held, found: Sequence[tuple[Turn, float]]) -> list[tuple[int, float]]:
        positions = self._file.positions_of(held.number, {page_id for (page_id, _), _ in found})
        return [(2 * positions[page_id] + side, score) for (page_id, side), score in found if page_id in positions]


def _positions_of(columns: Columns, turns: Sequence[int]) -> dict[Turn, int]:
    return {(columns.page_ids[turn // 2], int(turn % 2)): int(turn) for turn in turns}
