"""The hook inbox: what hooks leave is stored once, and neither lost, held up nor brought back."""

import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.storage.hook_inbox import (
    SPOOL,
    WaitingExchange,
    drop,
    kept_of,
    key_of,
    note,
    open_exchange,
    put,
    take_in,
)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memoryos]:
    """Return an open memory, whose data folder is `data`."""
    with Memoryos(data_dir=tmp_path / "data", embedder="bundled") as opened:
        yield opened


def waiting_exchange(text: str, user_id: str = "anna") -> WaitingExchange:
    """Return an exchange as a hook leaves it."""
    return WaitingExchange(user_id, text, "Yes.", "2026-03-01T10:00:00Z", {}, "")


def test_the_spool_keeps_what_cannot_be_stored_and_says_so(tmp_path: Path, memory: Memoryos) -> None:
    """Ours: nothing is lost, and one bad exchange does not hold up the others."""
    data = tmp_path / "data"
    put(data, key_of("1"), waiting_exchange(""))
    put(data, key_of("2"), waiting_exchange("Half an emoji \ud83d"))
    (data / SPOOL / "3.json").write_text("{", encoding="ascii")

    assert memory.take_in_hook_inbox() == 1
    assert [page.user_input for page in memory.short_term(user_id="anna")] == ["Half an emoji \ufffd"]
    assert len(list((data / SPOOL / "refused").iterdir())) == 2
    assert not put(data, key_of("2"), waiting_exchange("Half an emoji \ud83d"))


def test_forgetting_everything_reaches_the_spool(tmp_path: Path, memory: Memoryos) -> None:
    """Ours (invariant 6): another user's exchange stays."""
    data = tmp_path / "data"
    put(data, key_of("1"), waiting_exchange("", "anna"))
    put(data, key_of("2"), waiting_exchange("", "bert"))
    take_in(data, lambda exchange: memory.add_memory("", ""), nullcontext)
    (data / SPOOL / "refused" / "torn.json").write_text('{"user_input": "I am anna', encoding="ascii")
    would = memory.forget_memory(everything=True, user_id="anna")
    done = memory.forget_memory(everything=True, dry_run=False, user_id="anna")

    assert (would.places["spool"], done.places["spool"]) == (2, 2)
    left = [json.loads(path.read_text(encoding="ascii"))["user_id"] for path in (data / SPOOL).rglob("*.json")]
    assert left == ["bert"]
    memory.forget_memory(before="2026-03-01 10:00:00", dry_run=False, user_id="bert")
    assert len(kept_of(data, "bert")) == 1
    assert drop(kept_of(data, "bert")) == 1
    assert list((data / SPOOL).rglob("*.json")) == []


def test_forgetting_before_a_time_reaches_what_the_spool_set_aside(tmp_path: Path, memory: Memoryos) -> None:
    """Ours (invariant 6): an exchange that could not be stored is forgotten by its date; one without a date stays."""
    data = tmp_path / "data"
    put(data, key_of("1"), waiting_exchange("", "anna"))
    put(data, key_of("2"), replace(waiting_exchange("Lost in time", "anna"), timestamp="one day"))
    assert memory.take_in_hook_inbox() == 0

    receipt = memory.forget_memory(before="2026-03-01 10:00:01", dry_run=False, user_id="anna")

    assert receipt.places["spool"] == 1
    assert [path.stem for path in kept_of(data, "anna")] == [key_of("2")]


def test_what_another_process_took_in_and_forgot_does_not_come_back(tmp_path: Path, memory: Memoryos) -> None:
    """Regression: a process that had read the spool went on to store what was forgotten meanwhile."""
    data = tmp_path / "data"
    put(data, "1", waiting_exchange("The first"))
    put(data, "2", waiting_exchange("The second"))

    def add(exchange: WaitingExchange) -> None:
        assert exchange.user_input == "The first"
        memory.forget_memory(everything=True, dry_run=False, user_id="anna")

    assert take_in(data, add, nullcontext) == 1
    assert memory.short_term(user_id="anna") == []
    assert [path for path in (data / SPOOL).rglob("*") if path.is_file() and path.parent.name != "taken"] == []


def test_forgetting_before_a_time_reaches_what_was_refused_or_is_under_way(tmp_path: Path, memory: Memoryos) -> None:
    """Ours (invariant 6): what is newer stays."""
    data = tmp_path / "data"
    put(data, "1", replace(waiting_exchange(""), timestamp="2020-01-01T00:00:00Z"))
    put(data, "2", waiting_exchange(""))
    for key, year in [("a", 2020), ("b", 2026)]:
        note(open_exchange(data, key), {"user_id": "anna", "user_input": "?", "timestamp": f"{year}-03-01T10:00:00Z"})
    memory.forget_memory(before="2021-01-01", dry_run=False, user_id="anna")

    assert sorted(path.stem for path in (data / SPOOL).rglob("*.json")) == ["2", "b"]


def test_what_processes_left_half_done_is_swept_away(tmp_path: Path, memory: Memoryos) -> None:
    """Regression: a killed hook's half-written file, and a turn that never ended, held a person's words for ever."""
    data = tmp_path / "data"
    left = [open_exchange(data, "1"), data / SPOOL / ".x.tmp"]
    for path in left:
        note(path, {"user_id": "anna"})
        os.utime(path, (0, 0))
    memory.take_in_hook_inbox()

    assert [path for path in left if path.exists()] == []


def test_a_spool_that_cannot_be_emptied_does_not_keep_memory_closed(tmp_path: Path) -> None:
    """Regression: on Windows a file that another process reads cannot be removed; here a folder stands in its place."""
    put(tmp_path, "1", waiting_exchange("The first"))
    put(tmp_path, "2", waiting_exchange("The second"))
    (tmp_path / SPOOL / "3.json").mkdir()
    with Memoryos(data_dir=tmp_path, embedder="bundled") as memory:
        assert len(memory.short_term(user_id="anna")) == 2
