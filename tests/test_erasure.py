"""After forgetting, the bytes are in no file of the data folder (invariant 6)."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.domain.protocols import Vectors
from memoryos_mcp.domain.records import Page
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.storage.chroma import clients, erasure
from memoryos_mcp.storage.chroma.database import DATABASE
from memoryos_mcp.storage.snapshots import draft_of, snapshots_in
from memoryos_mcp.transfer.portable.lines import encode, header
from memoryos_mcp.updating.forgetting import MARKER, Selection
from memoryos_mcp.updating.forgetting.unfinished import Unfinished

from .damage import snapshot_of

USER_SAYS = "I am allergic to zanzibarine, ask doctor Quuxfeld."
AGENT_SAYS = "Noted: grumblewhack."
WORDS = ("zanzibarine", "quuxfeld", "grumblewhack", "frobnitz")


def opened(folder: Path, **values: object) -> Memoryos:
    """Return a real memory with a short queue, so that pages are consolidated."""
    return Memoryos(
        load_settings({"data_dir": folder, "embedder": "bundled", "short_term_capacity": 2, **values}, environ={})
    )


def fill(memory: Memoryos, user_id: str = "anna") -> str:
    """Add a page with words found nowhere else among plain ones; return its id."""
    for number in range(4):
        memory.add_memory(f"My garden has {number} roses.", "Lovely.", user_id=user_id)
    page = memory.add_memory(USER_SAYS, AGENT_SAYS, metadata={"tag": "frobnitz"}, user_id=user_id)
    for number in range(4):
        memory.add_memory(f"My kitchen has {number} chairs.", "Nice.", user_id=user_id)
    assert memory.settle(30, user_id=user_id)
    return page.page_id


def found(folder: Path, words: Sequence[str]) -> set[tuple[str, str]]:
    """Return (word, file) for each of *words* that a file holds, in any case, as UTF-8 or UTF-16."""
    hits = set()
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            for word in words:
                if any(word.lower().encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be")):
                    hits.add((word, str(path.relative_to(folder))))
    return hits


def held(folder: Path, vector: Vectors) -> bool:
    """Whether a vector index's file holds the beginning of *vector*, which the index may have rounded."""
    for path in folder.rglob("data_level0.bin"):
        numbers = np.frombuffer(path.read_bytes(), np.float32)
        if len(numbers) >= 8:
            windows = np.lib.stride_tricks.sliding_window_view(numbers, 8)
            with np.errstate(invalid="ignore"):  # links and labels are no numbers
                if np.isclose(windows, vector[:8], rtol=0, atol=1e-5).all(axis=1).any():
                    return True
    return False


@pytest.mark.parametrize("everything", [False, True])
def test_forgetting_reaches_snapshots(tmp_path: Path, everything: bool) -> None:
    """Invariant 6: all of them go in the same call, the one being taken too; the receipt says so, a dry run before."""
    with opened(tmp_path) as memory:
        page_id = fill(memory)
        taken = snapshot_of(tmp_path)
        draft_of(tmp_path).mkdir()
        (draft_of(tmp_path) / "chroma.sqlite3").write_bytes(USER_SAYS.encode())
        assert {word for word, _ in found(taken.folder, WORDS)} == set(WORDS)
        page_ids = [] if everything else [page_id]
        would = memory.forget_memory(page_ids=page_ids, everything=everything, user_id="anna")
        assert (would.files, len(snapshots_in(tmp_path))) == (
            "the one snapshot would go with it, and a new one is taken soon",
            1,
        )
        done = memory.forget_memory(page_ids=page_ids, everything=everything, dry_run=False, user_id="anna")
        assert done.files == "cleared; the one snapshot went with it, and a new one is taken soon"
        assert found(tmp_path, [*WORDS, page_id]) == set()
        assert not draft_of(tmp_path).exists()
        later = snapshot_of(tmp_path)
        assert found(later.folder, [*WORDS, page_id]) == set()


def test_forgetting_nothing_keeps_the_snapshots(tmp_path: Path) -> None:
    """Ours: a date before which there is nothing costs nobody a snapshot."""
    with opened(tmp_path) as memory:
        fill(memory)
        taken = snapshot_of(tmp_path)
        done = memory.forget_memory(before="2001-01-01", dry_run=False, user_id="anna")
        assert (done.files, snapshots_in(tmp_path)) == ("cleared", [taken])


def test_a_forgotten_page_is_in_no_file_any_more(tmp_path: Path) -> None:
    """Invariant 6: user text, answer, metadata, facts and the id itself, while others' pages stay."""
    with opened(tmp_path) as memory:
        page_id = fill(memory)
        assert {word for word, _ in found(tmp_path, WORDS)} == set(WORDS)
        receipt = memory.forget_memory(page_ids=[page_id], dry_run=False, user_id="anna")
        assert receipt.files == "cleared"
        assert (receipt.places["word_index"], receipt.places["turn_vectors"], receipt.places["spool"]) == (1, 2, 0)
        assert found(tmp_path, [*WORDS, page_id]) == set()
        assert "roses" in memory.retrieve_context("roses in my garden", user_id="anna").text
        memory.add_memory("One more thing.", "Yes?", user_id="anna")
        assert memory.settle(30, user_id="anna")
    assert found(tmp_path, [*WORDS, page_id]) == set()


def test_vectors_of_forgotten_pages_leave_the_index_files(tmp_path: Path) -> None:
    """Invariant 6: a vector tells much of its text, and a deleted one is only marked as such."""
    with opened(tmp_path) as memory:
        page_id = fill(memory)
        place = f"turns.{memory.status(user_id='anna').embedder}"
        with memory.parts.store.exclusive():
            (record,) = memory.parts.store.get("anna", place, [f"{page_id}.u"], vectors=True)
        assert record.vector is not None
        memory.parts.store.erase("anna")  # has the index written
        assert held(tmp_path, record.vector)
        memory.forget_memory(page_ids=[page_id], dry_run=False, user_id="anna")
        assert not held(tmp_path, record.vector)
        assert record.vector.tobytes() not in (tmp_path / "chroma" / DATABASE).read_bytes()


def test_nothing_of_a_user_stays_when_everything_is_forgotten(tmp_path: Path) -> None:
    """Invariants 5 and 6: no collection, no index row, no file, no name; another user keeps everything."""
    with opened(tmp_path) as memory:
        fill(memory, "anna-of-the-hills")
        memory.add_memory("I live in Oslo.", "Fine.", user_id="bob")
        before = {path.parent.name for path in tmp_path.rglob("header.bin")}
        (tmp_path / "chroma.damaged-20260101-000000").mkdir()
        would = memory.forget_memory(everything=True, user_id="anna-of-the-hills")
        done = memory.forget_memory(everything=True, dry_run=False, user_id="anna-of-the-hills")
        indexed = done.places["mid_term"] + done.places["archive"]
        assert (would.places, done.places["word_index"]) == (done.places, indexed)
        assert indexed > 0
        assert done.places["turn_vectors"] == 2 * indexed
        assert would.files.startswith(f"not in {tmp_path / 'chroma.damaged-20260101-000000'}, set aside by doctor")
        assert done.files == f"cleared, but {would.files}"
        assert found(tmp_path, [*WORDS, "anna-of-the-hills", "roses"]) == set()
        assert memory.users() == ["bob"]
        assert len({path.parent.name for path in tmp_path.rglob("header.bin")}) < len(before)
        assert "Oslo" in memory.retrieve_context("where do I live?", user_id="bob").text


def test_files_that_cannot_be_cleared_now_are_told_of_and_cleared_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: forgotten is forgotten, and what is still owed is said, counted and done later."""

    def erase_in_use(folder: Path) -> None:
        with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            erasure.erase_deleted(folder)

    with opened(tmp_path) as memory:
        page_id = fill(memory)
        with monkeypatch.context() as patched:
            patched.setattr(erasure, "_WAIT_S", 0.05)
            patched.setattr(clients, "erase_deleted", erase_in_use)
            with pytest.raises(StoreUnavailableError, match="it is forgotten, but its bytes are still in the files"):
                memory.forget_memory(page_ids=[page_id], dry_run=False, user_id="anna")
        assert "zanzibarine" not in memory.retrieve_context("what am I allergic to?", user_id="anna").text
        assert memory.status(user_id="anna").pending >= 1
    with opened(tmp_path) as memory:
        assert found(tmp_path, WORDS) == set()
        assert memory.settle(30, user_id="anna")
        assert memory.status(user_id="anna").pending == 0


def test_what_is_stored_after_everything_was_forgotten_stays_though_files_are_still_to_be_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: clearing the files at the next start forgot everything once more, what came since included."""

    def in_use(folder: Path) -> None:
        raise StoreUnavailableError(f"{folder} is in use")

    with opened(tmp_path) as memory:
        fill(memory)
        with monkeypatch.context() as patched:
            patched.setattr(clients, "erase_deleted", in_use)
            with pytest.raises(StoreUnavailableError, match="it is forgotten, but"):
                memory.forget_memory(everything=True, dry_run=False, user_id="anna")
        memory.add_memory("I moved to Lima.", "Enjoy it.", user_id="anna")
        assert (tmp_path / MARKER).exists()
    with opened(tmp_path) as memory:
        assert not (tmp_path / MARKER).exists()
        assert found(tmp_path, WORDS) == set()
        assert "Lima" in memory.retrieve_context("where do I live?", user_id="anna").text


def test_what_a_living_process_stores_is_not_forgotten_for_one_that_died(tmp_path: Path) -> None:
    """Regression: it was, at the next start, when everything was being forgotten as the other process died."""
    with opened(tmp_path) as memory:
        fill(memory)
        Unfinished(tmp_path / MARKER).begin("anna", Selection(everything=True))  # all that the other one came to
        memory.add_memory("I moved to Lima.", "Enjoy it.", user_id="anna")
        memory.remember_fact("Cycles to work.", "user", user_id="anna")
        assert [page.user_input for page in memory.short_term(user_id="anna")] == ["I moved to Lima."]
    with opened(tmp_path) as memory:
        assert found(tmp_path, WORDS) == set()
        assert "Lima" in memory.retrieve_context("where do I live?", user_id="anna").text
        assert "Cycles to work." in [fact.fact for fact in memory.get_user_profile(user_id="anna").user_knowledge]


def test_pages_that_follow_one_another_in_a_circle_can_be_forgotten(tmp_path: Path) -> None:
    """Regression: a restored file may hold such pages, and forgetting them never ended."""
    circle = [
        Page(f"p{at}", f"Round {at}.", "Yes.", datetime(2026, 1, 1, tzinfo=timezone.utc), {}, at, previous_id=f"p{by}")
        for at, by in ((1, 2), (2, 1), (3, 2))
    ]
    with opened(tmp_path) as memory:
        told = [replace(page, segment_id="s", chain_id="c") for page in circle]
        memory.restore([header(["anna"]), *(encode("anna", "mid_term", page) for page in told)])
        assert memory.settle(30, user_id="anna")
        memory.forget_memory(page_ids=["p1", "p2"], dry_run=False, user_id="anna")
        assert memory.status(user_id="anna").mid_term_pages == 1


@pytest.mark.parametrize("step", ["remove_pages", "erase_deleted"])
def test_a_process_killed_while_it_forgets_has_it_finished_by_the_next(tmp_path: Path, step: str) -> None:
    """Ours: killed at a step, nothing of the page is left once the memory was opened again."""
    with opened(tmp_path) as memory:
        page_id = fill(memory)
    snapshot_of(tmp_path)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.dying_forgetting", str(tmp_path), page_id, step],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "MEMORYOS_SHORT_TERM_CAPACITY": "2", "MEMORYOS_EMBEDDER": "bundled"},
        timeout=30,
        check=False,
    )
    assert killed.returncode == 9
    assert (tmp_path / MARKER).exists()
    assert snapshots_in(tmp_path) == []
    with opened(tmp_path) as memory:
        assert not (tmp_path / MARKER).exists()
        assert memory.settle(30, user_id="anna")
        assert found(tmp_path, [*WORDS, page_id]) == set()
        assert "roses" in memory.retrieve_context("roses in my garden", user_id="anna").text


def test_an_index_file_of_another_layout_is_left_alone() -> None:
    """Ours: bytes are overwritten only where we know what they are."""
    header = erasure._HEADER.pack(1, 0, 10, 10, 396, 388, 132)
    assert erasure._read_header(header, 3960) == (10, 396, 132, 388)
    assert erasure._read_header(header, 3959) is None
    assert erasure._read_header(b"\x02" + header[1:], 3960) is None
    assert erasure._read_header(header[:20], 3960) is None


def test_a_part_of_a_gathered_attribute_goes_with_its_page_and_the_others_stay(tmp_path: Path) -> None:
    """Invariant 6: allergies told on two pages are one value; each part belongs to the page that told it."""
    with opened(tmp_path) as memory:
        first = memory.add_memory("I am allergic to zanzibarine.", "Noted.", timestamp="2026-01-01 10:00:00")
        memory.add_memory("I am also allergic to shellfish.", "Noted.", timestamp="2026-01-02 10:00:00")
        assert memory.settle(30)
        (gathered,) = [item for item in memory.get_user_profile().static if item.name == "allergies"]
        assert ("zanzibarine" in gathered.value, "shellfish" in gathered.value) == (True, True)
        assert len(gathered.page_ids) == 2
        memory.forget_memory(page_ids=[first.page_id], dry_run=False)
        (left,) = [item for item in memory.get_user_profile().static if item.name == "allergies"]
    assert left.value == "shellfish"
    assert found(tmp_path, ["zanzibarine"]) == set()


def test_a_fact_forgotten_by_its_id_is_not_learnt_again_from_its_page_but_from_a_new_one(tmp_path: Path) -> None:
    """Ours: what stays of it is a hash of its words; the page itself was not named and stays."""
    with opened(tmp_path) as memory:
        memory.add_memory("I am allergic to zanzibarine.", "Noted.", timestamp="2026-01-01 10:00:00")
        assert memory.settle(30)
        (fact,) = memory.get_user_profile().user_knowledge
        memory.forget_memory(fact_ids=[fact.fact_id], dry_run=False)
        (page,) = memory.short_term()
        memory.parts.tiers.short_term.put("default", [replace(page, noted=False)])  # as if it were analysed again
        memory.parts.worker.wake("default")
        assert memory.settle(30)
        profile = memory.get_user_profile()
        assert (profile.user_knowledge, profile.static) == ((), ())
        memory.add_memory("As I said, I am allergic to zanzibarine.", "Yes.", timestamp="2026-02-01 10:00:00")
        assert memory.settle(30)
        assert ["zanzibarine" in fact.fact for fact in memory.get_user_profile().user_knowledge] == [True]
