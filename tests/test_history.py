"""Bringing a history into a memory: in order, twice as once, dry, killed on the way, and what the command tells."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.updating.audit import audit

from .dying_import import settings_of_import
from .histories import MAY, at, written


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memoryos]:
    """Return a memory with a small short-term memory."""
    with Memoryos(
        data_dir=tmp_path / "memory", embedder="bundled", analyzer="local", short_term_capacity=3, user_id="anna"
    ) as opened:
        yield opened


@pytest.fixture
def plain(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of a plain file of exchanges, a day each."""

    def make(name: str, days: Sequence[int]) -> Path:
        said = (
            {
                "user_input": f"Day {day}: I rowed {day} km",
                "agent_response": "Well done",
                "timestamp": f"2024-05-{day:02}",
            }
            for day in days
        )
        return written(tmp_path, name, *said, lines=True)

    return make


def test_a_history_lands_in_the_tiers_and_twice_is_once(memory: Memoryos, plain: Callable[..., Path]) -> None:
    """Ours: everything is consolidated on the way, oldest first, and an import begun again stores only what is new."""
    first = memory.import_history(plain("a.jsonl", [4, 2, 1, 3]))
    again = memory.import_history(plain("b.jsonl", range(1, 9)))

    assert (first.stored, first.known, again.stored, again.known) == (4, 0, 4, 4)
    assert memory.settle(30)
    status = memory.status()
    assert (status.short_term_pages, status.mid_term_pages, status.pending) == (3, 5, 0)
    recalled = memory.retrieve_context("How far did I row on day 2?")
    assert "## 2 May 2024" in recalled.text
    assert [hit.page.timestamp.day for hit in recalled.short_term] == [6, 7, 8]
    assert audit(memory.parts.tiers, "anna") == []


def test_what_is_said_now_stays_the_newest(memory: Memoryos, plain: Callable[..., Path]) -> None:
    """Ours: an old history goes behind what short-term memory holds."""
    for number in range(3):
        memory.add_memory(f"Now {number}", "Yes")

    memory.import_history(plain("a.jsonl", range(1, 6)))

    assert [page.user_input for page in memory.short_term()] == ["Now 0", "Now 1", "Now 2"]
    assert memory.status().mid_term_pages == 5
    assert audit(memory.parts.tiers, "anna") == []


def test_what_is_said_now_stays_the_newest_after_a_second_import(memory: Memoryos, plain: Callable[..., Path]) -> None:
    """Regression: the second history found no room before it, and pushed it out of short-term memory."""
    memory.add_memory("What is new?", "This is.")

    memory.import_history(plain("a.jsonl", [2, 3, 4]))
    memory.import_history(plain("b.jsonl", [5, 6, 7, 8]))

    assert memory.short_term()[-1].user_input == "What is new?"
    assert memory.settle(30)
    sequences = [json.loads(line)["sequence"] for line in memory.export() if '"kind":"page"' in line]
    assert len(set(sequences)) == 8


@pytest.mark.parametrize("step", ["put", "put_segments", "remove"])
def test_an_import_that_is_killed_is_started_again_and_nothing_is_lost_or_twice(
    tmp_path: Path, plain: Callable[..., Path], step: str
) -> None:
    """Ours: each part of storing a batch and of moving it on is a place to die at, in the midst of the history."""
    path = plain("a.jsonl", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    killed = subprocess.run(
        [sys.executable, "-m", "tests.dying_import", str(tmp_path / "memory"), str(path), step],
        cwd=Path(__file__).parent.parent,
        timeout=120,
        check=False,
    )
    assert killed.returncode == 9
    with Memoryos(load_settings(settings_of_import(tmp_path / "memory"), environ={})) as memory:
        summary = memory.import_history(path)
        assert memory.settle(30)
        pages = [json.loads(line) for line in memory.export() if '"kind":"page"' in line]
        assert sorted(page["user_input"] for page in pages) == sorted(
            json.loads(line)["user_input"] for line in path.read_text().splitlines()
        )
        assert 0 < summary.known < len(pages) == summary.known + summary.stored
        assert audit(memory.parts.tiers, "anna") == []


def test_undated_exchanges_are_stored_once_though_their_file_is_touched(memory: Memoryos, tmp_path: Path) -> None:
    """Ours: they are known by their texts."""
    path = written(tmp_path, "x.jsonl", {"user_input": "a", "agent_response": "b"}, lines=True)
    first = memory.import_history(path)
    os.utime(path, (at(MAY).timestamp(),) * 2)

    assert (first.stored, first.undated, memory.import_history(path).stored) == (1, 1, 0)


def test_facts_keep_their_date_and_source_and_the_capacity(tmp_path: Path) -> None:
    """Ours: those without room are the oldest, and are told."""
    path = written(
        tmp_path,
        "m.json",
        [{"id": str(day), "memory": f"Fact {day}", "created_at": f"2024-05-0{day}"} for day in (1, 2, 3)],
    )
    with Memoryos(data_dir=tmp_path / "memory", embedder="bundled", knowledge_capacity=2) as memory:
        summary = memory.import_history(path)
        known = memory.get_user_profile().user_knowledge

        assert (summary.stored_facts, summary.facts_over_capacity) == (2, 1)
        assert [(fact.fact, fact.said_at.day, fact.analyzer) for fact in known] == [
            ("Fact 2", 2, "mem0"),
            ("Fact 3", 3, "mem0"),
        ]
        assert memory.import_history(path).stored_facts == 0


def test_a_dry_run_stores_nothing(memory: Memoryos, plain: Callable[..., Path]) -> None:
    """Ours: it only counts."""
    summary = memory.import_history(plain("a.jsonl", [1, 2]), dry_run=True)

    assert (summary.exchanges, summary.stored, memory.users()) == (2, 0, [])


def test_the_command_tells_of_a_file_that_cannot_be_unpacked_and_restores_what_comes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], memory: Memoryos
) -> None:
    """Regression: both ended in a traceback."""
    memory.add_memory("What is new?", "\x9f This is." * 500)
    own = gzip.compress("\n".join([*memory.export(), *("noise" * 99)]).encode())
    (tmp_path / "no.json.gz").write_bytes(b"hello")
    (tmp_path / "cut.jsonl.gz").write_bytes(own[:-10])
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "other"))

    assert main(["import", str(tmp_path / "no.json.gz")]) != 0
    assert "the file cannot be read (BadGzipFile)" in capsys.readouterr().err
    assert main(["import", str(tmp_path / "cut.jsonl.gz")]) == 0
    told = capsys.readouterr()
    assert "restored: 1 page" in told.out
    assert "cannot be read any further" in told.err


def test_the_command_imports_and_tells_what_it_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plain: Callable[..., Path]
) -> None:
    """Ours: counts, dates and reasons; an export of ours is restored instead."""
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    path = plain("a.jsonl", [1, 2])
    path.write_text(f"{path.read_text()}oops\n")

    assert main(["import", str(path)]) == 0
    told = capsys.readouterr().out
    own = tmp_path / "own.jsonl"
    assert main(["export", str(own)]) == 0
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "other"))
    assert main(["import", str(own), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert not (tmp_path / "other").exists()
    own.write_text(
        "".join(line for line in own.read_text().splitlines(keepends=True) if '"end"' not in line) + "oops\n"
    )
    assert main(["import", str(own), "--dry-run"]) == 0
    cut = capsys.readouterr().out
    assert main(["import", str(tmp_path / "own.jsonl")]) == 0

    assert "exchanges: 2 stored, 0 known already" in told
    assert "1 the line is no JSON (a.jsonl, line 3)" in told
    assert "said from 2024-05-01 to 2024-05-02" in told
    assert "restored: 2 page" in capsys.readouterr().out
    assert "files read: 1 memoryos-mcp" in shown
    assert "said from 2024-05-01 to 2024-05-02" in shown
    assert "found: 2 exchanges, 0 facts; nothing was stored" in shown
    assert shown.count("  > ") == 2
    assert "skipped" not in shown
    assert "the end line: the export may have been cut short" in cut
    assert "no JSON" in cut
