"""Backups: whole although others write, refused where they would do harm, usable as they are."""

import shutil
import threading
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.domain.errors import InputError, StoreCorruptError
from memoryos_mcp.transfer.portable import back_up
from memoryos_mcp.updating.audit import audit

from .damage import DATABASE, PAGES, garbled, index_folders, settings_in, torn


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    """Return a copy to back up."""
    return Path(shutil.copytree(healthy, tmp_path / "memory"))


def exported(folder: Path) -> list[str]:
    """Return the lines of an export."""
    with Memoryos(settings_in(folder)) as memory:
        return list(memory.export())


def test_a_backup_is_a_memory_like_the_original(folder: Path, tmp_path: Path) -> None:
    """Ours: point the data folder at it and everything is there, indexes included."""
    made = back_up(settings_in(folder), tmp_path / "kept" / "copy")

    assert (made.users, made.pages, made.folder) == (1, PAGES, tmp_path / "kept" / "copy")
    assert exported(made.folder) == exported(folder)
    with Memoryos(settings_in(made.folder)) as memory:
        assert memory.settle(30)
        assert audit(memory.parts.tiers, "default") == []
        assert "number 17" in memory.retrieve_context("tea number 17").text


def pages_of(memory: Memoryos) -> set[str]:
    """Return the ids of every page, in whatever tier."""
    segments = [segment.segment_id for segment, _ in memory.segments()]
    in_segments = (page for segment_id in segments for page in memory.segment(segment_id)[2])
    return {page.page_id for page in (*memory.short_term(), *memory.archive(), *in_segments)}


def test_a_backup_is_whole_while_others_write(folder: Path, tmp_path: Path) -> None:
    """Ours: what was acknowledged before it began is in it; what is in it keeps every invariant."""
    stop, enough, stored = threading.Event(), threading.Event(), list[str]()
    with Memoryos(settings_in(folder)) as memory:

        def write() -> None:
            while not stop.is_set():
                stored.append(memory.add_memory(f"Bread {len(stored)}.", "Yes.").page_id)
                if len(stored) == 5:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert enough.wait(30)
            before = list(stored)
            made = back_up(settings_in(folder), tmp_path / "copy")
        finally:
            stop.set()
            writer.join(30)
    with Memoryos(settings_in(made.folder)) as copy:
        assert copy.settle(30)
        found = set(stored) & pages_of(copy)
        assert audit(copy.parts.tiers, "default") == []

    assert found >= set(before)
    assert PAGES + len(before) <= made.pages <= PAGES + len(stored)


def test_a_backup_of_a_damaged_store_is_none(folder: Path, tmp_path: Path) -> None:
    """Ours: better no backup than one that fails on the day it is needed."""
    torn(folder / DATABASE)

    with pytest.raises(StoreCorruptError, match="doctor"):
        back_up(settings_in(folder), tmp_path / "copy")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["memory"]


def test_a_damaged_index_does_not_go_into_a_backup(folder: Path, tmp_path: Path) -> None:
    """Ours: it is made anew from the documents, in the copy as in the original."""
    garbled(index_folders(folder)[0] / "header.bin")

    made = back_up(settings_in(folder), tmp_path / "copy")

    with Memoryos(settings_in(made.folder)) as memory:
        assert memory.settle(30)
        assert audit(memory.parts.tiers, "default") == []


def test_a_backup_never_writes_over_anything(folder: Path, tmp_path: Path) -> None:
    """Ours: a folder in use, the data folder itself or one inside it are refused."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")

    for target in (tmp_path / "full", tmp_path / "full" / "file", folder, folder / "copy"):
        with pytest.raises(InputError):
            back_up(settings_in(folder), target)
    with pytest.raises(InputError, match="no memory"):
        back_up(settings_in(tmp_path / "nowhere"), tmp_path / "copy")

    assert not (tmp_path / "copy").exists()
    assert (tmp_path / "full" / "file").read_text() == "mine"


def test_the_command_says_what_it_copied(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: counted in the copy, not in the original."""
    target = tmp_path / "copy"
    target.mkdir()

    assert main(["backup", str(target), "--data-dir", str(folder)]) == 0
    assert capsys.readouterr().out.startswith(f"{PAGES} pages of 1 user, ")
