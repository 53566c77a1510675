"""`doctor --repair`: the newest snapshot and what is readable of later pages come back, and nothing is deleted."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.cli.doctor import Examined, Finding, examine
from memoryos_mcp.cli.doctor.memory import memory as memory_check
from memoryos_mcp.cli.doctor.repairing import repair
from memoryos_mcp.domain.errors import StoreCorruptError
from memoryos_mcp.storage.chroma import damaged_database, open_store
from memoryos_mcp.storage.chroma.database import damage_of
from memoryos_mcp.storage.chroma.readable_rows import readable_rows
from memoryos_mcp.storage.folder import set_aside
from memoryos_mcp.tiers.mid_term import SEGMENTS
from memoryos_mcp.updating.forgetting import MARKER, Selection
from memoryos_mcp.updating.forgetting.unfinished import Unfinished

from .damage import (
    DATABASE,
    PAGES,
    Damage,
    beheaded,
    deleted,
    emptied,
    garbled,
    halved,
    index_folders,
    scattered,
    settings_in,
    snapshot_of,
    torn,
    without_queue,
)

Lines = list[dict[str, object]]


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    """Return a copy to damage."""
    return Path(shutil.copytree(healthy, tmp_path / "memory"))


def pages_in(folder: Path, field: str = "user_input") -> set[str]:
    """Return what users said in every tier, or another *field* of the pages, by an export."""
    with Memoryos(settings_in(folder)) as memory:
        lines = [json.loads(line) for line in memory.export()]
    return {str(line[field]) for line in lines if line["kind"] == "page"}


def levels(findings: list[Finding]) -> set[str]:
    """Return the levels that occur."""
    return {finding.level for finding in findings}


def told(found: list[Finding], beginning: str) -> str:
    """Return the one finding that begins so."""
    (what,) = [finding.what for finding in found if finding.what.startswith(beginning)]
    return what


def with_more_pages(folder: Path, count: int = 20) -> None:
    """Add pages, as on the day after a snapshot."""
    with Memoryos(settings_in(folder)) as memory:
        for number in range(count):
            memory.add_memory(f"I read book {number}.", "Good.", f"2026-03-01 10:{number:02}:00")
        assert memory.settle(30)


@pytest.mark.parametrize("damage", [beheaded, deleted, emptied, garbled, halved, scattered, torn])
def test_the_newest_snapshot_comes_back_whatever_happened(folder: Path, damage: Damage) -> None:
    """Ours: all that was there when it was taken, and the damaged file is kept; the new memory is sound."""
    taken = snapshot_of(folder)
    with_more_pages(folder)
    damage(folder / DATABASE)
    kept = (folder / DATABASE).read_bytes() if (folder / DATABASE).exists() else None

    found = list(repair(settings_in(folder)))

    (aside,) = set_aside(folder)
    assert ((aside / "chroma.sqlite3").read_bytes() if kept is not None else None) == kept
    assert "error" not in levels(found)
    assert f"{taken.taken_at:%Y-%m-%d %H:%M} UTC: {PAGES} pages" in told(found, "restored the snapshot of ")
    saved = pages_in(folder)
    assert {f"I like tea number {number}." for number in range(PAGES)} <= saved
    since = {f"I read book {number}." for number in range(20)}
    assert saved - since <= {f"I like tea number {number}." for number in range(PAGES)}
    assert saved & since or damage is not scattered
    assert levels([finding for finding in memory_check(settings_in(folder)) if aside.name not in finding.what]) == {
        "ok"
    }


def test_a_snapshot_that_is_damaged_too_is_passed_over(folder: Path) -> None:
    """Ours: the next older one is taken."""
    older = snapshot_of(folder)
    newer = older.folder.with_name("20991231T000000Z")
    shutil.copytree(older.folder, newer)
    torn(newer / DATABASE)
    garbled(folder / DATABASE)

    assert f"{older.taken_at:%Y-%m-%d %H:%M}" in told(list(repair(settings_in(folder))), "restored the snapshot of ")
    assert len(pages_in(folder)) == PAGES


@pytest.mark.parametrize("damage", [torn, halved, scattered])
def test_without_a_snapshot_what_sql_reads_comes_back(folder: Path, damage: Damage) -> None:
    """Ours: most rows outlive the tree that led to them, and it is said that there was no snapshot."""
    damage(folder / DATABASE)

    found = list(repair(settings_in(folder)))

    assert told(found, "there is no sound snapshot")
    assert " page" in told(found, "read on in the damaged database: ")
    assert pages_in(folder) <= {f"I like tea number {number}." for number in range(PAGES)}


def test_a_damaged_database_of_another_chroma_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours (invariant 12): the snapshot comes back, and it is said why nothing else does."""
    snapshot_of(folder)
    torn(folder / DATABASE)
    monkeypatch.setattr(damaged_database, "unknown_chroma", lambda: "chromadb 9.9 is installed")

    assert "chromadb 9.9" in told(list(repair(settings_in(folder))), "nothing was read of the damaged database")
    assert len(pages_in(folder)) == PAGES


def test_what_was_forgotten_by_its_id_stays_so_in_a_restored_memory(folder: Path) -> None:
    """Ours: what keeps a fact from being learnt again is no less worth restoring than facts are."""
    with Memoryos(settings_in(folder)) as memory:
        page = memory.add_memory("I am allergic to hazelnuts.", "Noted.", "2026-05-08 12:00:00")
        assert memory.settle(30)
        (fact,) = [item for item in memory.get_user_profile().user_knowledge if "hazelnuts" in item.fact]
        memory.forget_memory(fact_ids=[fact.fact_id], dry_run=False)
        kept = [line for line in memory.export() if '"kind":"bar"' in line]
    assert page.page_id in kept[0]
    snapshot_of(folder)
    beheaded(folder / DATABASE)

    assert "error" not in levels(list(repair(settings_in(folder))))

    with Memoryos(settings_in(folder)) as memory:
        assert [line for line in memory.export() if '"kind":"bar"' in line] == kept


def test_forgetting_that_was_broken_off_is_told_and_finished(folder: Path) -> None:
    """Ours (invariant 6): what a process that died left half forgotten is an error until its bytes are gone."""
    page_id = min(pages_in(folder, "page_id"))
    Unfinished(folder / MARKER).begin("default", Selection(page_ids=(page_id,)))

    (told,) = [found for found in memory_check(settings_in(folder)) if found.level == "error"]
    assert (str(folder / MARKER) in told.what, "doctor --repair" in told.remedy) == (True, True)

    assert "what an earlier process had begun to forget" in " ".join(
        found.what for found in repair(settings_in(folder))
    )
    assert levels(list(memory_check(settings_in(folder)))) == {"ok"}
    assert not (folder / MARKER).exists()
    assert page_id not in pages_in(folder, "page_id")


@pytest.mark.parametrize("damage", [emptied, deleted, garbled])
def test_a_store_of_which_nothing_is_readable_begins_anew(folder: Path, damage: Damage) -> None:
    """Ours: said plainly, and new pages are stored again."""
    damage(folder / DATABASE)

    found = list(repair(settings_in(folder)))

    assert told(found, "there is no sound snapshot")
    assert told(found, "nothing was read of the damaged database, ")
    assert pages_in(folder) == set()
    with Memoryos(settings_in(folder)) as memory:
        assert memory.add_memory("A new start.", "Yes.").status == "stored"


def test_a_healthy_store_is_left_as_it_is(folder: Path) -> None:
    """Ours: --repair is safe to try."""
    before = (folder / DATABASE).stat().st_ino

    found = list(repair(settings_in(folder)))

    assert levels(found) == {"ok"}
    assert ((folder / DATABASE).stat().st_ino, set_aside(folder)) == (before, [])


def test_a_repair_that_was_ended_between_its_moves_is_finished(folder: Path) -> None:
    """Ours: the store was set aside and nothing is in its place yet; the next repair takes it from there."""
    snapshot_of(folder)
    scattered(folder / DATABASE)
    (folder / "chroma").rename(folder / "chroma.damaged-20260101-000000")

    assert levels(list(repair(settings_in(folder)))) <= {"ok", "warning"}
    assert len(pages_in(folder)) == PAGES
    assert [path.name for path in set_aside(folder)] == ["chroma.damaged-20260101-000000"]


def test_pages_that_lost_their_fields_are_consolidated_anew(folder: Path) -> None:
    """Ours: text and time make a page; what else was known of it is found out again."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("DELETE FROM embedding_metadata WHERE key IN ('segment_id', 'noted', 'chain_id', 'analyzer')")
        db.commit()
        db.execute("VACUUM")
    without_queue(folder / DATABASE)

    list(repair(settings_in(folder)))

    assert len(pages_in(folder)) == PAGES


def test_a_page_whose_time_is_garbled_is_lost_and_the_others_are_saved(folder: Path) -> None:
    """Regression: one of them ended the whole repair in a `ValueError`."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        (id_,) = db.execute("SELECT id FROM embedding_metadata WHERE key = 'sequence' LIMIT 1").fetchone()
        db.execute("DELETE FROM embedding_metadata WHERE id = ? AND key = 'sequence'", (id_,))
        db.execute("UPDATE embedding_metadata SET string_value = '2O26' WHERE key = 'timestamp' AND id = ?", (id_,))
        db.execute("DELETE FROM embeddings_queue")
        db.commit()
        db.execute("VACUUM")
    without_queue(folder / DATABASE)

    list(repair(settings_in(folder)))

    assert len(pages_in(folder)) == PAGES - 1


def test_what_was_deleted_does_not_come_back(folder: Path) -> None:
    """Ours: pages on the free list and rows that the queue says are deleted are left out."""
    with Memoryos(settings_in(folder)) as memory:
        victim = memory.short_term()[0]
        memory.forget_memory(page_ids=[victim.page_id], dry_run=False)
    torn(folder / DATABASE)

    list(repair(settings_in(folder)))

    assert victim.user_input not in pages_in(folder)


def test_selects_read_every_row_of_a_whole_table(tmp_path: Path) -> None:
    """SQLite's: long rows over several pages, gaps in the numbers."""
    path = tmp_path / "any.sqlite3"
    rows = [(number, "é" * (number * 40 % 9000)) for number in range(0, 4000, 7)]
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (number INTEGER PRIMARY KEY, text TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?)", rows)
        db.commit()

        assert list(readable_rows(db, "t", "number, text")) == rows[1:]  # rowids begin with one


def test_only_the_rows_of_a_broken_page_are_left_out(tmp_path: Path) -> None:
    """Ours: what comes behind a break is read, the last page broken or not."""
    path = tmp_path / "any.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (number INTEGER PRIMARY KEY, text TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?)", [(number, f"{number:0200}") for number in range(1, 2001)])
        db.commit()
        (pages,) = db.execute("PRAGMA page_count").fetchone()
    for broken in (range(pages // 2, pages // 2 + 1), range(pages - 1, pages)):
        copy = Path(shutil.copy(path, tmp_path / f"broken-{broken[0]}.sqlite3"))
        data = bytearray(copy.read_bytes())
        for page in broken:
            data[page * 4096 : (page + 1) * 4096] = bytes(4096)
        copy.write_bytes(data)
        with closing(sqlite3.connect(copy)) as db:
            found = [number for (number,) in readable_rows(db, "t", "number")]
        assert 1950 < len(found) < 2000
        assert found == sorted(found)


def test_the_doctor_finds_damage_and_mends_it_when_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: status 1 and the way out; with --repair status 0."""
    for name in [name for name in os.environ if name.startswith("MEMORYOS_")]:
        monkeypatch.delenv(name)
    snapshot_of(folder)
    beheaded(folder / DATABASE)
    where = ["--data-dir", str(folder), "--embedder", "bundled"]

    assert main(["doctor", *where]) == 1
    assert "doctor --repair" in capsys.readouterr().out
    assert main(["doctor", "--repair", *where]) == 0
    assert "restored the snapshot of " in capsys.readouterr().out
    assert damage_of(folder / DATABASE) == ""


def test_the_doctor_looks_at_vector_files_and_takes_none_away(folder: Path) -> None:
    """Ours: nothing is changed without --repair, not even what would be made anew anyway."""
    found = index_folders(folder)[0]
    garbled(found / "header.bin")
    before = sorted(path.name for path in (folder / "chroma").iterdir())

    (told,) = [finding for finding in memory_check(settings_in(folder)) if finding.level != "ok"]

    assert told.level == "warning"
    assert found.name in told.what
    assert sorted(path.name for path in (folder / "chroma").iterdir()) == before


def test_the_doctor_finds_what_breaks_an_invariant(folder: Path) -> None:
    """Ours: a page whose segment is gone, mended by --repair."""
    store = open_store(settings_in(folder))
    store.delete("default", SEGMENTS, store.ids("default", SEGMENTS)[:1])
    store.close()
    examined = Examined({"data_dir": folder, "embedder": "bundled"}, environ={})

    broken = [finding for finding in examine(examined) if finding.level == "error"]
    assert any("homes" in finding.what for finding in broken)
    assert levels(list(repair(settings_in(folder)))) == {"ok"}
    assert [finding for finding in examine(examined) if finding.level == "error"] == []


def test_a_running_host_goes_on_after_the_repair(folder: Path) -> None:
    """Ours: nobody has to restart anything; until then nothing is acknowledged."""
    with Memoryos(settings_in(folder)) as memory:
        assert memory.settle(30)
        snapshot_of(folder)
        memory.parts.store._connection.close()  # as when another process wrote: the next operation opens it again
        beheaded(folder / DATABASE)
        with pytest.raises(StoreCorruptError):
            memory.add_memory("Is this kept?", "No.")

        assert levels(list(repair(settings_in(folder)))) <= {"ok", "warning"}

        assert memory.add_memory("Is this kept?", "Yes.").status == "stored"
        assert memory.settle(30)
        assert "number 17" in memory.retrieve_context("tea number 17").text
