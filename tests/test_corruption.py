"""
Damaged folders: whatever happens to the files of the memory, no page is lost without a word and no process dies of it.

The folder is made once; each test damages a copy of it, with a fixed seed.
"""

import shutil
import sqlite3
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.errors import StoreCorruptError
from memoryos_mcp.storage.chroma.database import damage_of
from memoryos_mcp.storage.chroma.vector_files import FILES, FlawError, entries

from .damage import (
    DAMAGES,
    DATABASE,
    PAGES,
    PLACE,
    Damage,
    deleted,
    emptied,
    flipped,
    garbled,
    halved,
    index_folders,
    settings_in,
    torn,
    zeroed,
)

ENDS_IN_X = "SELECT COUNT(*) FROM embedding_metadata WHERE string_value LIKE '%x'"


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    """Return a copy to damage."""
    return Path(shutil.copytree(healthy, tmp_path / "memory"))


def test_the_healthy_folder_is_one(healthy: Path) -> None:
    """Ours: the other tests would show nothing otherwise."""
    assert damage_of(healthy / DATABASE) == ""
    assert len(index_folders(healthy)) >= 2
    assert all(entries(found) for found in index_folders(healthy))


@pytest.mark.parametrize("damage", DAMAGES[:-1])
@pytest.mark.parametrize("name", FILES)
def test_damaged_index_files_are_told_from_sound_ones(folder: Path, name: str, damage: Damage) -> None:
    """Ours: without Chroma, which would end the process on some of these; only the unused file may pass."""
    found = index_folders(folder)[0]
    damage(found / name)

    try:
        judged = entries(found)
    except FlawError:
        return
    assert judged is None or name == "length.bin" or (name, damage) == ("data_level0.bin", flipped)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("header.bin", halved),
        ("header.bin", deleted),
        ("data_level0.bin", halved),
        ("data_level0.bin", garbled),
        ("link_lists.bin", zeroed),
        ("index_metadata.pickle", emptied),
        ("index_metadata.pickle", deleted),
    ],
)
def test_a_damaged_vector_index_is_built_anew_from_the_documents(folder: Path, name: str, damage: Damage) -> None:
    """Ours: noticed before Chroma reads it (which would end the process or answer wrongly), rebuilt, reported."""
    for found in index_folders(folder):
        damage(found / name)

    with Memoryos(settings_in(folder)) as memory:
        assert memory.settle(30)
        status = memory.status()
        counted = memory.parts.store.count("default", PLACE)
        found_pages = {hit.page.user_input for hit in memory.retrieve_context("tea number 17").mid_term}

    assert status.mid_term_pages + status.short_term_pages == PAGES
    assert counted == 2 * status.mid_term_pages
    assert "I like tea number 17." in found_pages
    assert "damaged" in status.storage
    assert PLACE in status.storage


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_word_index_is_built_anew_from_the_documents(folder: Path, damage: Damage) -> None:
    """Ours: the same for the file that words are found by."""
    damage(folder / "index" / "index.sqlite3")

    with Memoryos(settings_in(folder)) as memory:
        assert memory.settle(30) or memory.settle(30)  # a page of it may be found damaged only when it is read
        found = {hit.page.user_input for hit in memory.retrieve_context("tea number 17").mid_term}
        pages = memory.status().mid_term_pages + memory.status().short_term_pages

    assert pages == PAGES
    assert "I like tea number 17." in found


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_refused_and_left_as_it_is(folder: Path, damage: Damage) -> None:
    """Ours: never overwritten, and the way out is named; Chroma would make an empty one where it is missing."""
    path = folder / DATABASE
    damage(path)
    before = path.read_bytes() if path.exists() else None

    with pytest.raises(StoreCorruptError, match="doctor --repair"):
        Memoryos(settings_in(folder))

    assert (path.read_bytes() if path.exists() else None) == before


def test_a_database_that_is_damaged_while_in_use_acknowledges_nothing_more(folder: Path) -> None:
    """Ours: the failing operation looks into its cause, and all later ones say so without touching the file."""
    with Memoryos(settings_in(folder)) as memory:
        assert memory.settle(30)
        memory.parts.store._connection.close()  # as when another process wrote: the next operation opens it again
        torn(folder / DATABASE)
        for _ in range(2):
            with pytest.raises(StoreCorruptError, match="doctor --repair"):
                memory.add_memory("Is this kept?", "No.")


def test_a_memory_that_was_never_written_may_be_empty(tmp_path: Path) -> None:
    """Ours: a process killed while it made the folder leaves an empty file, which is no loss."""
    (tmp_path / "memory" / "chroma").mkdir(parents=True)
    (tmp_path / "memory" / DATABASE).write_bytes(b"")

    with Memoryos(settings_in(tmp_path / "memory")) as memory:
        assert memory.status().short_term_pages == 0


def test_what_a_journal_holds_is_rolled_back_and_not_called_damage(folder: Path) -> None:
    """SQLite's: a crash in a transaction leaves a journal; the file is whole again after it was read."""
    path = folder / DATABASE
    copy = path.with_name("copy")
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA cache_size = 2")
        db.execute("PRAGMA cache_spill = 2")
        (before,) = db.execute(ENDS_IN_X).fetchone()
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE embedding_metadata SET string_value = string_value || 'x'")
        shutil.copy(path, copy)
        shutil.copy(f"{path}-journal", f"{copy}-journal")
        db.rollback()
    db.close()

    assert Path(f"{copy}-journal").stat().st_size > 0
    assert damage_of(copy) == ""
    with sqlite3.connect(copy) as db:
        (after,) = db.execute(ENDS_IN_X).fetchone()
    db.close()
    assert after == before
