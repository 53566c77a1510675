"""The file of the turn index: locks, damage, terms of many turns, several users at once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.storage.index import turn_index
from memoryos_mcp.storage.index.lexical import IndexFile, make_entry

from .retrieval_world import RetrievalWorld, exchange


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the file will be."""
    return tmp_path / "index" / "index.sqlite3"


@pytest.fixture
def file(path: Path) -> Iterator[IndexFile]:
    """Return an index file, not opened yet."""
    opened = IndexFile(path, "bundled")
    yield opened
    opened.close()


def said(file: IndexFile, *texts: str) -> int:
    """Add pages that say *texts*; return the user's number."""
    start = file.state("anna")[1]
    entries = [(make_entry(exchange(start + at, text), None), 0) for at, text in enumerate(texts)]
    file.add("anna", entries)
    return file.state("anna")[0]


def test_a_term_of_many_turns_comes_back_in_order(file: IndexFile) -> None:
    """Ours: chunk after chunk, whether added at once or one by one."""
    said(file, *["violin"] * 700)
    user = said(file, "violin violin")
    found = file.postings(user, ["violin", "cello"])

    assert list(found) == ["violin"]
    assert found["violin"].turns.tolist() == [2 * place for place in range(701)]
    assert found["violin"].counts[-1] == 2


def test_removing_a_page_rewrites_only_its_terms(file: IndexFile) -> None:
    """Ours: a term that nobody else had goes altogether."""
    user = said(file, "violin cello", *["violin"] * 600)
    file.remove(user, [exchange(0, "").page_id, exchange(300, "").page_id])
    found = file.postings(user, ["violin", "cello"])

    assert list(found) == ["violin"]
    assert len(found["violin"].turns) == 599
    assert {0, 600}.isdisjoint(found["violin"].turns.tolist())


def test_a_refused_row_is_no_damage(file: IndexFile) -> None:
    """Regression: a duplicate id was taken for a damaged file, and the whole index was thrown away."""
    user = said(file, "violin")
    with pytest.raises(StoreUnavailableError, match="UNIQUE"):
        file.add("anna", [(make_entry(exchange(0, "again"), None), 0)])

    assert file.page_ids(user) == {exchange(0, "").page_id}


def test_a_page_handed_in_twice_at_once_is_there_once(tmp_path: Path) -> None:
    """Ours: idempotent by page id, within one call too."""
    with RetrievalWorld(tmp_path) as world:
        world.remember(exchange(0, "violin"), exchange(0, "violin"))

        assert world.index.count("anna") == 1


def test_a_locked_file_is_unavailable(path: Path, file: IndexFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: another program on the file is an error that says so; nothing is lost."""
    said(file, "violin")
    file.close()
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: connect(*args, **{**options, "timeout": 0.01}))
    holder = connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreUnavailableError, match="locked"):
            file.state("anna")
    finally:
        holder.close()

    assert file.state("anna")[1] == 1


def test_a_file_damaged_while_open_is_replaced(path: Path, file: IndexFile) -> None:
    """Ours: the call fails, the next one finds an empty index, which is then rebuilt from the pages."""
    said(file, *["violin"] * 500)
    file.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreUnavailableError, match="built anew"):
        file.add("anna", [(make_entry(exchange(900, "cello"), None), 0)])

    assert file.state("anna") == (0, 0, 0)
    assert said(file, "violin") == 1


def test_few_users_are_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a process that serves many users does not keep them all; nothing changes but the time."""
    monkeypatch.setattr(turn_index, "_USERS_HELD", 1)
    monkeypatch.setattr(turn_index, "_ENTRIES_HELD", 1)
    with RetrievalWorld(tmp_path) as world:
        for name in ("anna", "ben"):
            world.index.add(name, [exchange(0, f"{name} plays"), exchange(1, "the violin")], [], [])
        for _ in range(2):
            for name in ("anna", "ben"):
                assert world.index.view(name, [exchange(2, "now"), exchange(3, "then")]).columns.pages == 4
