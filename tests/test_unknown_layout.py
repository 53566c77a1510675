"""Unknown is not damaged (invariant 12): what another Chroma wrote is left alone, and named."""

import pickle
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli.doctor.memory import memory as memory_findings
from memoryos_mcp.domain.errors import StoreFormatError
from memoryos_mcp.storage.chroma import tested
from memoryos_mcp.storage.chroma.database import damage_of
from memoryos_mcp.storage.chroma.erasure import CLEARED, erase_deleted
from memoryos_mcp.storage.chroma.open_indexes import indexes_kept_open
from memoryos_mcp.storage.chroma.vector_files import UnknownLayoutError, entries
from memoryos_mcp.transfer.portable import back_up

from .damage import DATABASE, index_folders, settings_in, snapshot_of, without_queue

Files = dict[str, bytes]


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    """Return a copy to change."""
    return Path(shutil.copytree(healthy, tmp_path / "memory"))


@pytest.fixture
def another_chroma(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let an untested Chroma be installed."""
    monkeypatch.setattr(tested, "TESTED_CHROMA", "1.4")
    tested.unknown_chroma.cache_clear()
    yield
    monkeypatch.undo()
    tested.unknown_chroma.cache_clear()


def with_header(folder: Path, version: int, more: bytes = b"") -> None:
    """Write a version, and bytes behind, into the header of every index."""
    for found in index_folders(folder):
        header = found / "header.bin"
        header.write_bytes(struct.pack("<i", version) + header.read_bytes()[4:] + more)


def index_files(folder: Path) -> Files:
    """Return every file of every index."""
    found = (path for index in index_folders(folder) for path in index.iterdir())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize(("version", "more"), [(2, b""), (3, bytes(8)), (255, b""), (1, bytes(4))])
def test_a_header_of_another_version_is_not_judged(folder: Path, version: int, more: bytes) -> None:
    """Regression (met in use): every index was called damaged, and deleted."""
    with_header(folder, version, more)

    for found in index_folders(folder):
        with pytest.raises(UnknownLayoutError, match=f"version {version}"):
            entries(found)


HEADERS: dict[str, Callable[[bytes], bytes]] = {
    "a large version": lambda data: struct.pack("<i", 300) + data[4:],
    "a date as version": lambda data: struct.pack("<i", 20260101) + data[4:],
    "version 0": lambda data: bytes(4) + data[4:],
    "a negative version": lambda data: struct.pack("<i", -1) + data[4:],
    "no version, as hnswlib itself": lambda data: data[4:],
    "a name in front": lambda data: b"HNSW" + data,
    "a name and a length in front": lambda data: b"CHROMA\0\2" + struct.pack("<Q", len(data)) + data + bytes(3),
}
TABLES: dict[str, bytes] = {
    "other names": pickle.dumps({"version": 2, "labels": {"p1": 0}}),
    "an object of Chroma": b"cchromadb.segment.impl.vector.local_persistent_hnsw\nPersistentData\n.",
}


@pytest.mark.parametrize("change", HEADERS.values(), ids=HEADERS)
def test_a_header_that_makes_sense_in_another_way_is_left_alone(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """Regression (met in use): a version above 255, or none, was taken for damage, and the index deleted."""
    for found in index_folders(folder):
        header = found / "header.bin"
        header.write_bytes(change(header.read_bytes()))

    left_alone(folder)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_of_another_kind_is_left_alone_and_not_obeyed(folder: Path, table: bytes) -> None:
    """Regression (met in use): likewise for the table of ids beside the vectors."""
    for found in index_folders(folder):
        (found / "index_metadata.pickle").write_bytes(table)

    left_alone(folder)


def left_alone(folder: Path) -> None:
    """Use the memory, whatever comes of it: every index is unknown to us before, and the same to the byte after."""
    before = index_files(folder)
    for found in index_folders(folder):
        with pytest.raises(UnknownLayoutError):
            entries(found)
    with suppress(StoreFormatError), Memoryos(settings_in(folder)) as memory:
        memory.retrieve_context("question 7")
    assert {name: data for name, data in index_files(folder).items() if name in before} == before


def test_a_memory_of_another_layout_loses_no_index(folder: Path) -> None:
    """Regression (met in use): Chroma refuses the files; the error says which, and nothing is taken away."""
    with_header(folder, 2)
    before = index_files(folder)

    told = r"vector indexes of another Chroma.*version 2.*memoryos-mcp export"
    with pytest.raises(StoreFormatError, match=told), Memoryos(settings_in(folder)) as memory:
        memory.retrieve_context("question 7")

    assert index_files(folder) == before


def test_another_chroma_is_used_without_looking_at_its_files(folder: Path, another_chroma: None) -> None:
    """Ours: with a Chroma we do not know, its indexes serve and status says that nobody checked them."""
    with Memoryos(settings_in(folder)) as memory:
        memory.add_memory("I moved to Oslo.", "Enjoy!")
        assert "I moved to Oslo." in memory.retrieve_context("Where did I move?").text
        storage = memory.status().storage

    assert "not checked: chromadb" in storage
    assert "built anew" not in storage


def test_doctor_names_what_it_did_not_check(folder: Path, another_chroma: None) -> None:
    """Ours: a warning for each index, no error, and nothing needs doing."""
    found = [finding for finding in memory_findings(settings_in(folder)) if "not checked" in finding.what]

    assert len(found) >= len(index_folders(folder))
    assert "damaged" not in " ".join(finding.what for finding in memory_findings(settings_in(folder)))


def test_a_backup_has_the_indexes_that_nobody_can_judge(folder: Path, tmp_path: Path, another_chroma: None) -> None:
    """Ours: they are copied as they are."""
    made = back_up(settings_in(folder), tmp_path / "copy")

    assert set(index_files(made.folder)) == set(index_files(folder))


def test_tables_of_another_chroma_are_not_missed(folder: Path, another_chroma: None) -> None:
    """Ours: another Chroma may name them otherwise; a file that SQLite reads is then no damage."""
    without_queue(folder / DATABASE)

    assert damage_of(folder / DATABASE) == ""


def test_a_snapshot_of_another_chroma_is_taken_as_it_is(folder: Path, another_chroma: None) -> None:
    """Ours: like a backup, with the indexes that nobody can judge."""
    taken = snapshot_of(folder)

    assert set(index_files(taken.folder)) == set(index_files(folder))


def test_forgetting_says_which_vectors_it_could_not_clear(folder: Path) -> None:
    """Ours: the text of what is forgotten is gone; an index that we cannot read keeps its vectors, and is named."""
    names = {found.name for found in index_folders(folder)}
    assert erase_deleted(folder / "chroma") == []
    with_header(folder, 2)

    assert set(erase_deleted(folder / "chroma")) == names
    assert CLEARED == "cleared"


def test_a_chroma_that_was_tested_keeps_its_indexes_open_and_another_is_left_alone(
    request: pytest.FixtureRequest,
) -> None:
    """Ours: a class of Chroma's is stood in for while its client is made, of the tested version alone."""
    from chromadb.api import rust

    whole = rust.RustBindingsAPI
    with indexes_kept_open():
        assert rust.RustBindingsAPI is not whole
    request.getfixturevalue("another_chroma")
    with indexes_kept_open():
        assert rust.RustBindingsAPI is whole
    assert rust.RustBindingsAPI is whole
