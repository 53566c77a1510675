"""`doctor --repair`: what is readable of a damaged store comes back, and nothing of the damaged one is deleted."""

import json
import os
import random
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
from memoryos_mcp.storage.chroma import open_store
from memoryos_mcp.storage.chroma.carving import carved_rows
from memoryos_mcp.storage.chroma.database import damage_of
from memoryos_mcp.storage.folder import set_aside
from memoryos_mcp.tiers.mid_term import SEGMENTS
from memoryos_mcp.updating.forgetting import MARKER, Selection
from memoryos_mcp.updating.forgetting.unfinished import Unfinished

from .damage import DATABASE, PAGES, Damage, deleted, emptied, garbled, halved, index_folders, settings_in, torn

Lines = list[dict[str, object]]


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    """Return a copy to damage."""
    return Path(shutil.copytree(healthy, tmp_path / "memory"))


def beheaded(path: Path) -> None:
    """Overwrite the first page: SQLite then knows of no table."""
    path.write_bytes(random.Random(5).randbytes(4096) + path.read_bytes()[4096:])


def pages_in(folder: Path, field: str = "user_input") -> set[str]:
    """Return what users said in every tier, or another *field* of the pages, by an export."""
    with Memoryos(settings_in(folder)) as memory:
        lines = [json.loads(line) for line in memory.export()]
    return {str(line[field]) for line in lines if line["kind"] == "page"}


def levels(findings: list[Finding]) -> set[str]:
    """Return the levels that occur."""
    return {finding.level for finding in findings}


@pytest.mark.parametrize("damage", [beheaded, torn, halved])
def test_what_is_readable_of_a_damaged_store_comes_back(folder: Path, damage: Damage) -> None:
    """Ours: most rows outlive the tree that led to them; the damaged file is kept, and the new memory is sound."""
    damage(folder / DATABASE)
    kept = (folder / DATABASE).read_bytes()

    found = list(repair(settings_in(folder)))

    (aside,) = set_aside(folder)
    assert (aside / "chroma.sqlite3").read_bytes() == kept
    assert "error" not in levels(found)
    assert any(finding.what.startswith("rescued: ") for finding in found)
    saved = pages_in(folder)
    assert len(saved) == PAGES if damage is beheaded else saved
    assert saved <= {f"I like tea number {number}." for number in range(PAGES)}
    assert levels([finding for finding in memory_check(settings_in(folder)) if aside.name not in finding.what]) == {
        "ok"
    }


def test_what_was_forgotten_by_its_id_stays_so_in_a_rescued_memory(folder: Path) -> None:
    """Ours: what keeps a fact from being learnt again is no less worth rescuing than facts are."""
    with Memoryos(settings_in(folder)) as memory:
        page = memory.add_memory("I am allergic to hazelnuts.", "Noted.", "2026-05-08 12:00:00")
        assert memory.settle(30)
        (fact,) = [item for item in memory.get_user_profile().user_knowledge if "hazelnuts" in item.fact]
        memory.forget_memory(fact_ids=[fact.fact_id], dry_run=False)
        kept = [line for line in memory.export() if '"kind":"bar"' in line]
    assert page.page_id in kept[0]
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

    assert "rescued: nothing" in {finding.what for finding in found}
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
    beheaded(folder / DATABASE)
    (folder / "chroma").rename(folder / "chroma.damaged-20260101-000000")

    assert levels(list(repair(settings_in(folder)))) == {"ok"}
    assert len(pages_in(folder)) == PAGES
    assert [path.name for path in set_aside(folder)] == ["chroma.damaged-20260101-000000"]


def test_pages_that_lost_their_fields_are_consolidated_anew(folder: Path) -> None:
    """Ours: text and time make a page; what else was known of it is found out again."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("DELETE FROM embedding_metadata WHERE key IN ('segment_id', 'noted', 'chain_id', 'analyzer')")
        db.commit()
        db.execute("VACUUM")
    beheaded(folder / DATABASE)

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
    beheaded(folder / DATABASE)

    list(repair(settings_in(folder)))

    assert len(pages_in(folder)) == PAGES - 1


def test_documents_are_read_from_the_full_text_table_where_their_row_is_lost(folder: Path) -> None:
    """Ours: Chroma keeps the text of a record twice."""
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("DELETE FROM embedding_metadata WHERE key = 'chroma:document'")
        db.execute("DELETE FROM embeddings_queue")
        db.commit()
        db.execute("VACUUM")
    beheaded(folder / DATABASE)

    list(repair(settings_in(folder)))

    assert len(pages_in(folder)) == PAGES


def test_what_was_deleted_does_not_come_back(folder: Path) -> None:
    """Ours: pages on the free list and rows that the queue says are deleted are left out."""
    with Memoryos(settings_in(folder)) as memory:
        victim = memory.short_term()[0]
        memory.forget_memory(page_ids=[victim.page_id], dry_run=False)
    torn(folder / DATABASE)

    list(repair(settings_in(folder)))

    assert victim.user_input not in pages_in(folder)


def test_carving_reads_every_row_of_a_whole_file(tmp_path: Path) -> None:
    """SQLite's: every type of value, long rows over several pages, rows in interior order."""
    path = tmp_path / "any.sqlite3"
    rows = [(number * 7**20 % 2**62, "é" * (abs(number) * 40 % 9000), number / 3) for number in range(-400, 400)]
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE t (number INTEGER, text TEXT, real REAL, data BLOB, absent TEXT)")
        db.executemany("INSERT INTO t VALUES (?, ?, ?, zeroblob(300), NULL)", rows)
        db.commit()
        wanted = set(db.execute("SELECT rowid, * FROM t"))

    found = {(rowid, *values) for rowid, values in carved_rows(path)}

    assert wanted <= found
    assert len(found - wanted) == 1  # the schema's own row


def test_the_doctor_finds_damage_and_mends_it_when_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: status 1 and the way out; with --repair status 0."""
    for name in [name for name in os.environ if name.startswith("MEMORYOS_")]:
        monkeypatch.delenv(name)
    beheaded(folder / DATABASE)
    where = ["--data-dir", str(folder), "--embedder", "bundled"]

    assert main(["doctor", *where]) == 1
    assert "doctor --repair" in capsys.readouterr().out
    assert main(["doctor", "--repair", *where]) == 0
    assert "rescued: " in capsys.readouterr().out
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
        memory.parts.store._connection.close()  # as when another process wrote: the next operation opens it again
        beheaded(folder / DATABASE)
        with pytest.raises(StoreCorruptError):
            memory.add_memory("Is this kept?", "No.")

        assert levels(list(repair(settings_in(folder)))) <= {"ok", "warning"}

        assert memory.add_memory("Is this kept?", "Yes.").status == "stored"
        assert memory.settle(30)
        assert "number 17" in memory.retrieve_context("tea number 17").text
