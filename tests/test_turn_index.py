"""The turn index over real Chroma and SQLite: what it keeps, what it forgets, what it gives ranking."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from memoryos_mcp.domain.errors import EmbedderUnavailableError
from memoryos_mcp.domain.protocols import Vectors
from memoryos_mcp.domain.records import Page
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.storage.chroma import ChromaStore, open_store
from memoryos_mcp.storage.index import PieceIds, TurnEncoder, TurnIndex, context_vectors, with_preceding_turns
from memoryos_mcp.tiers.long_term import LongTermMemory
from memoryos_mcp.tiers.memory import Memory
from memoryos_mcp.tiers.mid_term import MidTermMemory
from memoryos_mcp.tiers.short_term import ShortTermMemory
from memoryos_mcp.updating.reembedding import Reembedder

from .make import NOON, page

USER = "anna"
PLACE = "turns.letters"


class LetterEmbedder:
    """A text's vector counts its letters: one can see whose words are in it."""

    name = "letters"
    dimensions = 26
    down = False

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit letter counts; raise while `down`."""
        if self.down:
            raise EmbedderUnavailableError("no route to the embedder")
        rows = np.array([[text.lower().count(chr(97 + at)) + 1e-6 for at in range(26)] for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@dataclass(frozen=True)
class Read:
    """What `ReadingEncoder` made of a text."""

    vector: Vectors
    ids: NDArray[np.int32]
    tokens: NDArray[np.int8]


class ReadingEncoder(LetterEmbedder):
    """A piece per word; its vector says how many texts it was read after."""

    name = "reading"

    def token_ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the length of each word."""
        return [np.array([len(word) for word in text.split()], np.int32) for text in texts]

    def encode_turns(self, turns: Sequence[tuple[str, Sequence[str]]]) -> list[Read]:
        """Return a piece (words, texts before) per word."""
        return [
            Read(self.embed([text])[0], ids, np.array([[len(ids), len(before)]] * len(ids), np.int8))
            for (text, before), ids in zip(turns, self.token_ids([text for text, _ in turns]), strict=True)
        ]

    def encode_questions(self, texts: Sequence[str]) -> list[Read]:
        """Read texts on their own."""
        return self.encode_turns([(text, ()) for text in texts])


@dataclass
class Shelf:
    """An index, its store, and mid-term memory beside it."""

    store: ChromaStore
    tier: MidTermMemory
    index: TurnIndex
    embedder: LetterEmbedder

    def keep(self, pages: Sequence[Page], before: Sequence[Page] = (), after: Sequence[Page] = ()) -> None:
        """Store pages as consolidation does."""
        self.tier.put_pages(USER, pages)
        self.index.add(USER, pages, before, after)

    def mend(self) -> None:
        """Make the vectors that are missing."""
        memory = Memory(
            self.store,
            ShortTermMemory(self.store, 10),
            self.tier,
            LongTermMemory(self.store, 10),
            self.index,
            self.embedder,
        )
        reembedder = Reembedder(memory)
        while reembedder.step(USER):
            pass

    def vectors(self) -> dict[str, Vectors]:
        """Return every turn vector by its id."""
        place = f"turns.{self.embedder.name}"
        found = self.store.get(USER, place, vectors=True)
        return {record.id: record.vector for record in found if record.vector is not None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the data folder."""
    return tmp_path / "data"


@pytest.fixture
def shelf(folder: Path) -> Iterator[Shelf]:
    """Return an empty shelf on `folder`."""
    made = open_shelf(folder)
    yield made
    made.index.close()
    made.store.close()


def open_shelf(folder: Path, embedder: LetterEmbedder | None = None) -> Shelf:
    """Open the shelf of a folder."""
    store, used = open_store(load_settings({"data_dir": folder}, environ={})), embedder or LetterEmbedder()
    return Shelf(
        store, MidTermMemory(store, 100, used.name), TurnIndex(store, folder / "index", used, pieces=PIECES), used
    )


def letters(number: int, letter: str, **fields: object) -> Page:
    """Return a page that has one letter alone."""
    return page(number, letter * 3, letter * 4, **fields)


PIECES = PieceIds("words", ReadingEncoder().token_ids)
ABC = [letters(0, "a"), letters(1, "b"), letters(2, "c")]


def test_pages_added_twice_are_there_once(shelf: Shelf) -> None:
    """Ours: adding is idempotent by page id."""
    shelf.keep(ABC)
    shelf.keep(ABC)
    assert shelf.index.page_ids(USER) == {"p0", "p1", "p2"}
    assert shelf.index.count(USER) == 3
    assert len(shelf.vectors()) == 6


def test_another_user_sees_nothing(shelf: Shelf) -> None:
    """Invariant 5: users do not share an index."""
    shelf.keep(ABC)
    assert shelf.index.page_ids("anna ") == set()
    assert shelf.index.view("anna ", ()).columns.turns == 0


def test_a_turn_lends_half_and_a_quarter_of_itself_to_its_neighbours() -> None:
    """Ours (measured): own + .5 of the turns beside + .25 of the next but one, within the session."""
    own = np.eye(4, dtype=np.float32)
    mixed = context_vectors(own, np.array([0, 0, 0, 1]))
    expected = np.array([1, 0.5, 0.25, 0]) / np.linalg.norm([1, 0.5, 0.25])
    np.testing.assert_allclose(mixed[0], expected, atol=1e-6)
    np.testing.assert_allclose(mixed[3], own[3], atol=1e-6)


def test_batches_give_the_vectors_that_one_batch_gives(folder: Path, tmp_path: Path) -> None:
    """Ours: the last page of a batch gets its following context when the next batch comes."""
    whole, parts = open_shelf(folder), open_shelf(tmp_path / "other")
    whole.keep(ABC)
    for at, each in enumerate(ABC):
        parts.keep([each], before=ABC[max(0, at - 2) : at], after=ABC[at + 1 :])
    one, many = whole.vectors(), parts.vectors()
    assert one.keys() == many.keys()
    for name, vector in one.items():
        np.testing.assert_allclose(many[name], vector, atol=1e-5)
    for made in (whole, parts):
        made.index.close()
        made.store.close()


def test_a_page_still_in_the_queue_lends_no_context(shelf: Shelf) -> None:
    """Invariant 6: forgetting a page of short-term memory would not reach the vectors of its neighbours."""
    shelf.keep(ABC[:2], after=ABC[2:])
    assert all(vector[2] < 1e-3 for vector in shelf.vectors().values())


def test_a_removed_page_leaves_its_neighbours_vectors_too(shelf: Shelf) -> None:
    """Invariant 6: context had put its words into them; they go at once, and new ones are made afterwards."""
    shelf.keep(ABC)
    assert any(vector[1] > 0.1 for name, vector in shelf.vectors().items() if not name.startswith("p1"))
    shelf.index.remove(USER, ["p1", "never there"])
    assert shelf.vectors() == {}
    shelf.mend()
    left = shelf.vectors()
    assert set(left) == {"p0.u", "p0.a", "p2.u", "p2.a"}
    assert all(vector[1] < 1e-3 for vector in left.values())
    assert shelf.index.page_ids(USER) == {"p0", "p2"}


def test_a_removed_page_leaves_no_word_in_the_file(shelf: Shelf, folder: Path) -> None:
    """Invariant 6: forgetting reaches files on disk, freed pages of SQLite included."""
    shelf.keep([page(0, "zanzibar secret", "fine"), page(1, "tea", "good")])
    path = folder / "index" / "index.sqlite3"
    assert b"zanzibar" in path.read_bytes()
    shelf.index.remove(USER, ["p0"])
    shelf.index.close()
    assert all(b"zanzibar" not in file.read_bytes() for file in path.parent.iterdir())


def test_forgetting_does_not_wait_for_an_embedder_out_of_reach(shelf: Shelf) -> None:
    """Ours: the neighbours lose their vectors rather than keep a trace, and words still find them."""
    shelf.keep(ABC)
    shelf.embedder.down = True
    shelf.index.remove(USER, ["p0"])
    with pytest.raises(EmbedderUnavailableError):
        shelf.mend()
    assert set(shelf.vectors()) == {"p2.u", "p2.a"}
    assert shelf.index.page_ids(USER) == {"p1", "p2"}


def test_dropping_a_user_empties_both_places(shelf: Shelf) -> None:
    """Invariant 6: forgetting everything."""
    shelf.keep(ABC)
    shelf.index.drop(USER)
    assert shelf.index.count(USER) == 0
    assert shelf.vectors() == {}
    shelf.keep(ABC)
    assert shelf.index.count(USER) == 3


def test_archived_pages_are_kept_apart(shelf: Shelf) -> None:
    """Ours: eviction keeps pages findable on request, and out of what is searched otherwise."""
    shelf.keep(ABC)
    shelf.index.archive(USER, ["p1"])
    assert shelf.index.page_ids(USER) == {"p0", "p2"}
    assert shelf.index.page_ids(USER, archived=True) == {"p1"}
    assert shelf.index.view(USER, ()).columns.states.tolist() == [1, 2, 1]


def test_the_queue_stands_behind_the_index_for_one_view(shelf: Shelf) -> None:
    """Ours: pages not consolidated yet are ranked with the same signals, and leave no mark."""
    shelf.keep(ABC[:2])
    view = shelf.index.view(USER, [ABC[1], ABC[2]])
    assert view.columns.page_ids == ["p0", "p1", "p2"]
    assert (view.indexed, view.tail_texts) == (2, ("ccc", "cccc"))
    assert view.postings({"ccc"})["ccc"].turns.tolist() == [4]
    assert shelf.index.view(USER, ()).columns.page_ids == ["p0", "p1"]


def test_a_long_pause_starts_a_session(shelf: Shelf) -> None:
    """Ours: two hours; context does not reach across."""
    later = letters(1, "b", timestamp=NOON + timedelta(hours=3))
    shelf.keep([ABC[0], later])
    columns = shelf.index.view(USER, ()).columns
    assert columns.sessions[0] != columns.sessions[1]
    assert all(vector[1] < 1e-3 for name, vector in shelf.vectors().items() if name.startswith("p0"))


def test_a_second_process_sees_what_the_first_wrote(shelf: Shelf, folder: Path) -> None:
    """Invariant 7: what is held in memory is brought up to date from the file, after removals too."""
    other = open_shelf(folder)
    shelf.keep(ABC[:2])
    assert other.index.view(USER, ()).columns.pages == 2
    shelf.keep([ABC[2]], before=ABC[:2])
    shelf.index.remove(USER, ["p0"])
    view = other.index.view(USER, ())
    assert view.columns.states.tolist() == [0, 1, 1]
    other.index.close()
    other.store.close()


def test_a_damaged_file_is_replaced_by_an_empty_one(folder: Path) -> None:
    """Ours: the index is derived; repair fills it from the pages."""
    path = folder / "index" / "index.sqlite3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database " * 100)
    made = open_shelf(folder)
    assert made.index.page_ids(USER) == set()
    made.keep(ABC)
    assert made.index.count(USER) == 3
    made.index.close()
    made.store.close()


def test_two_embedders_share_rows_and_keep_vectors_apart(shelf: Shelf, folder: Path) -> None:
    """Regression: processes with different embedders on one folder wiped each other's index."""
    shelf.keep(ABC)
    other = open_shelf(folder, ReadingEncoder())
    assert other.index.count(USER) == 3
    assert other.index.view(USER, ()).postings({"ccc"})["ccc"].turns.tolist() == [4]
    assert other.index.progress(USER) == (0, 3)
    other.mend()
    assert (other.index.progress(USER), shelf.index.progress(USER)) == ((3, 3), (3, 3))
    assert set(other.vectors()) == set(shelf.vectors())

    other.keep([letters(3, "d")], before=ABC[1:])
    assert shelf.index.progress(USER) == (3, 4)
    assert shelf.index.view(USER, ()).columns.pages == 4
    shelf.mend()
    assert shelf.index.progress(USER) == (4, 4)
    other.index.close()
    other.store.close()


def test_forgetting_reaches_the_vectors_of_every_embedder(shelf: Shelf, folder: Path) -> None:
    """Invariant 6: also those of an embedder that nobody uses any more."""
    shelf.keep(ABC)
    other = open_shelf(folder, ReadingEncoder())
    other.mend()
    shelf.index.remove(USER, ["p0"])
    assert set(shelf.vectors()) == set(other.vectors()) == {"p2.u", "p2.a"}
    assert other.index.view(USER, ()).tokens([0, 1]) == {}
    shelf.index.drop(USER)
    assert shelf.vectors() == other.vectors() == {}
    other.index.close()
    other.store.close()


def test_a_model_reads_each_turn_after_the_two_before_it_in_its_session() -> None:
    """Ours (measured): two previous turns are worth .8 points."""
    assert with_preceding_turns(["a", "b", "c", "d"], np.array([0, 0, 0, 1])) == [
        ("a", ()),
        ("b", ("a",)),
        ("c", ("a", "b")),
        ("d", ()),
    ]


def test_what_a_model_made_of_word_pieces_is_kept_and_forgotten(folder: Path) -> None:
    """Ours and invariant 6: a removed page goes with its pieces, and the next page is read again without it."""
    shelf = open_shelf(folder, ReadingEncoder())
    assert isinstance(shelf.embedder, TurnEncoder)
    shelf.keep([page(0, "one two", "three"), page(1, "four five six", "seven")])
    view = shelf.index.view(USER, ())
    assert {turn: found.tolist() for turn, found in view.tokens([0, 1, 2, 3]).items()} == {
        0: [[2, 0]] * 2,
        1: [[1, 1]],
        2: [[3, 2]] * 3,
        3: [[1, 2]],
    }
    shelf.index.remove(USER, ["p0"])
    shelf.mend()
    view = shelf.index.view(USER, ())
    assert {turn: found.tolist() for turn, found in view.tokens([2, 3]).items()} == {2: [[3, 0]] * 3, 3: [[1, 1]]}
    assert view.columns.gather(np.array([2]))[0].tolist() == [4, 4, 3]
    shelf.index.close()
    shelf.store.close()
