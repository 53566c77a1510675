"""Blocks in the index file: what is loaded from them, and what is changed in memory, is what the rows say."""

import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.storage.index.blocks import BLOCK
from memoryos_mcp.storage.index.entries import Ids
from memoryos_mcp.storage.index.lexical import ARCHIVED, Columns, IndexFile, make_entry, row_of

from .retrieval_world import exchange

PAGES = BLOCK + 30


def pieces_of(texts: Sequence[str]) -> list[Ids]:
    """Give every character an id."""
    return [np.array([ord(sign) for sign in text], np.int32) for text in texts]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of one complete block and some pages more, made once."""
    path = tmp_path_factory.mktemp("index") / "index.sqlite3"
    file = IndexFile(path, "bundled")
    entries = [(make_entry(exchange(at, f"v{at} today" if at % 9 == 0 else "v"), pieces_of), at) for at in range(PAGES)]
    file.add("anna", entries[: BLOCK - 1])
    file.add("anna", entries[BLOCK - 1 :])
    file.close()
    return path


@pytest.fixture
def file(filled: Path, tmp_path: Path) -> IndexFile:
    """Return a copy of the file of one's own."""
    path = tmp_path / "index.sqlite3"
    path.write_bytes(filled.read_bytes())
    return IndexFile(path, "bundled")


def path_of(file: IndexFile) -> Path:
    """Return where the file is."""
    return file._path


def loaded(file: IndexFile) -> Columns:
    """Return what a process that opens the file sees."""
    user, places, _ = file.state("anna")
    columns = Columns()
    for block in file.blocks(user, 0, places):
        columns.append(block)
    columns.change(dict.fromkeys(file.archived_positions(user, 0), ARCHIVED))
    return columns


def without_blocks(file: IndexFile) -> Columns:
    """Return what the rows alone say."""
    file.close()
    with sqlite3.connect(path_of(file)) as db:
        db.execute("DELETE FROM blocks")
    db.close()
    return loaded(file)


def same(one: Columns, other: Columns, gone: Collection[int] = ()) -> None:
    """Compare everything ranking reads; what a removed place holds besides its state does not count."""
    left = np.array([turn for turn in range(2 * PAGES) if turn // 2 not in gone])
    assert one.page_ids == other.page_ids
    for name in ("stamps", "days", "sessions", "states"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert one.lengths.tolist() == other.lengths.tolist()
    assert one.flags.tolist() == other.flags.tolist()
    assert one.mentions.tolist() == other.mentions.tolist()
    assert [part.tolist() for part in one.gather(left)] == [part.tolist() for part in other.gather(left)]
    ids = np.array([ord(sign) for sign in "v0189 tody"], np.int32)
    live = [one.pieces_of(np.array([int(one.passage_ends[turn]) - 1]))[0].tolist() for turn in left]
    assert live == [other.pieces_of(np.array([int(other.passage_ends[turn]) - 1]))[0].tolist() for turn in left]
    assert one.occurrences(ids).tolist() == other.occurrences(ids).tolist()


def test_a_complete_block_is_kept_as_soon_as_it_is_complete(file: IndexFile) -> None:
    """Ours: what a restart loads of it is what its rows say."""
    assert len(loaded(file).page_ids) == PAGES
    file.close()
    with sqlite3.connect(path_of(file)) as db:
        assert db.execute("SELECT COUNT(*) FROM blocks").fetchone() == (1,)
    db.close()
    same(loaded(file), without_blocks(file))
    file.close()


def test_forgetting_and_archiving_reach_blocks_and_what_others_hold(file: IndexFile) -> None:
    """Ours: a process that held the memory patches what changed, one that starts reads it, both see the same."""
    held = loaded(file)
    user, _, removals = file.state("anna")
    gone = {0, 9, BLOCK - 1, PAGES - 1}
    file.remove(user, [exchange(place, "").page_id for place in gone])
    file.set_state(user, [exchange(place, "").page_id for place in (3, BLOCK + 2)], ARCHIVED)
    held.change(file.changes(user, removals))

    assert [held.states[place] for place in (0, 1, 3, BLOCK + 2)] == [0, 1, ARCHIVED, ARCHIVED]
    assert file.changes(user, file.state("anna")[2]) == {}
    same(held, loaded(file), gone)
    same(held, without_blocks(file), gone)
    file.close()


def test_a_forgotten_page_is_not_in_the_bytes_of_its_block(file: IndexFile) -> None:
    """Ours: forgetting reaches files; the block is written anew and what it was is overwritten."""
    page_id = exchange(9, "").page_id
    file.remove(file.state("anna")[0], [page_id])
    file.close()

    assert page_id.encode() not in path_of(file).read_bytes()


def test_the_newest_page_left_tells_the_session_of_the_next() -> None:
    """Regression: after the newest page was forgotten, the next one's session was counted from a removed place."""
    columns = Columns()
    assert columns.last() is None
    file_rows = [make_entry(exchange(at, "v"), pieces_of) for at in range(2)]
    columns.extend([row_of(entry, 7) for entry in file_rows])
    columns.change({1: 0})

    assert columns.last() == (file_rows[0].stamp, 7)
