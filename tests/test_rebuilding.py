"""Everything derived can be deleted and comes back, by command or at the next start, while others go on."""

import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.api import memoryos as opening
from memoryos_mcp.cli import main
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.updating.audit import audit
from memoryos_mcp.updating.repair import Repairer

SETTLE_S = 30


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have background work begin at once."""
    monkeypatch.setattr(opening, "OPENING_DELAY_S", 0.0)


def opened(folder: Path, **values: Any) -> Memoryos:
    """Return a memory of small capacity, in which each batch is a segment and all but one are archived."""
    capacity = {"short_term_capacity": 3, "mid_term_capacity": 1, "similarity_threshold": 2}
    fixed = {"data_dir": folder, "user_id": "anna", "embedder": "bundled", "analyzer": "local"}
    return Memoryos(load_settings({**fixed, **capacity, **values}, environ={}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a memory of 15 pages, some of them archived."""
    with opened(tmp_path / "data") as memory:
        for place in range(15):
            said = f"I planted tree number {place}." if place else "I adopted a grey parrot called Kiwi."
            memory.add_memory(said, f"Well done, number {place}!", f"2026-05-08 12:{place:02}:00")
            if place == 7:
                assert memory.settle(SETTLE_S)
        assert memory.settle(SETTLE_S)
        assert memory.status().archive > 0
        assert wrong(memory) == []
    return tmp_path / "data"


def wrong(memory: Memoryos) -> list[str]:
    """Return what the audit finds wrong."""
    return [f"{each.check}: {each.detail}" for each in audit(memory.parts.tiers, "anna")]


def lose_rows(memory: Memoryos) -> None:
    """Delete the word index."""
    memory.parts.tiers.index.close()
    shutil.rmtree(memory.settings.data_dir / "index")


def lose_vectors(memory: Memoryos) -> None:
    """Drop both places with vectors."""
    memory.parts.store.drop("anna", memory.parts.tiers.index.vector_place)
    memory.parts.store.drop("anna", memory.parts.tiers.mid_term.vector_place)


@pytest.mark.parametrize("losses", [(lose_rows,), (lose_vectors,), (lose_rows, lose_vectors)])
def test_what_is_derived_and_was_deleted_comes_back_at_the_next_start(
    folder: Path, losses: Sequence[Callable[[Memoryos], None]]
) -> None:
    """Ours: vectors and the word index are derived; of the archive too."""
    with opened(folder) as memory:
        assert memory.settle(SETTLE_S)
        memory.parts.worker.stop(5)
        for lose in losses:
            lose(memory)
    with opened(folder) as memory:
        assert memory.settle(SETTLE_S)
        assert wrong(memory) == []
        found = memory.retrieve_context("Which grey parrot was adopted?", archive=True)
        assert "Kiwi" in found.text


def test_rebuild_makes_everything_anew_and_says_how_far_it_is(folder: Path) -> None:
    """Ours: rows in order of arrival, though the archive was indexed first; no document changes."""
    with opened(folder) as memory:
        index = memory.parts.tiers.index
        with memory.parts.store.exclusive():
            order = index.order("anna")
            index.remove("anna", order[:4])
            documents = memory.parts.tiers.mid_term.pages("anna", order, archive=True)
        steps: list[tuple[int, int]] = []
        assert memory.rebuild(progress=lambda done, total: steps.append((done, total))) == 12
        assert (steps[0], steps[-1]) == ((0, 24), (24, 24))
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert wrong(memory) == []
        assert index.order("anna") == [page.page_id for page in sorted(documents, key=lambda page: page.sequence)]
        assert memory.parts.tiers.mid_term.pages("anna", order, archive=True) == documents


def test_others_find_and_forget_pages_while_rows_are_rebuilt(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the old rows serve until the new ones take their place, and what is forgotten is in neither."""
    monkeypatch.setattr("memoryos_mcp.updating.rebuilding.BATCH_PAGES", 4)
    halfway, go_on = threading.Event(), threading.Event()
    add_rows = Repairer.add_rows

    def pausing(repairer: Repairer, user_id: str, page_ids: Sequence[str], *, staged: bool = False) -> None:
        add_rows(repairer, user_id, page_ids, staged=staged)
        halfway.set()
        assert go_on.wait(5)

    with opened(folder) as memory, opened(folder) as other:
        assert memory.settle(SETTLE_S)
        assert other.settle(SETTLE_S)
        monkeypatch.setattr(Repairer, "add_rows", pausing)
        thread = threading.Thread(target=memory.rebuild)
        thread.start()
        assert halfway.wait(5)
        hits = other.retrieve_context("Which grey parrot was adopted?", archive=True).mid_term
        assert "Kiwi" in hits[0].page.user_input
        other.forget_memory(page_ids=[hits[0].page.page_id], dry_run=False)
        other.add_memory("I bought a violin.", "Lovely.")
        go_on.set()
        thread.join(10)
        assert not thread.is_alive()
        for each in (memory, other):
            assert each.settle(SETTLE_S)
            assert wrong(each) == []
            assert "Kiwi" not in each.retrieve_context("Which grey parrot was adopted?", archive=True).text


def test_others_find_add_and_forget_while_lost_rows_are_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A regression: the store's lock was held for as long as it takes to read every page, over 30 s for 100,000.

    Between two batches another thread has it; vectors of pages without a row yet are not taken for strays.
    """
    monkeypatch.setattr("memoryos_mcp.updating.repair.BATCH_PAGES", 4)
    with opened(folder) as memory:
        assert memory.settle(SETTLE_S)
        memory.parts.worker.stop(5)
        repairer, index = memory.parts.analysts.repairer, memory.parts.tiers.index
        embedded = index.progress("anna")[0]
        lose_rows(memory)
        found: list[bool] = []

        def use() -> None:
            hits = memory.retrieve_context("Which grey parrot was adopted?", archive=True).mid_term
            found.append(any("Kiwi" in hit.page.user_input for hit in hits))
            memory.add_memory(f"I bought violin number {len(found)}.", "Lovely.")
            if len(found) == 3:
                last = memory.parts.tiers.mid_term.page_ids("anna")[-1:]
                memory.forget_memory(page_ids=last, dry_run=False)

        def others() -> bool:
            thread = threading.Thread(target=use)
            thread.start()
            thread.join(SETTLE_S)
            assert not thread.is_alive()
            memory.parts.analysts.reembedder._survey("anna")
            return False

        assert repairer.reindex("anna", others)
        assert found == [False, True, True]
        assert index.progress("anna") == (embedded - 2, embedded - 1)  # the forgotten one is in the vectors beside it
        assert not repairer.out_of_step("anna")


def test_a_repair_makes_room_for_who_waits_and_goes_on_later(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: making the rows of a large memory takes minutes, and who wants the user's work lock waits for a batch."""
    monkeypatch.setattr("memoryos_mcp.updating.repair.BATCH_PAGES", 4)
    with opened(folder) as memory:
        assert memory.settle(SETTLE_S)
        memory.parts.worker.stop(5)
        repairer, index = memory.parts.analysts.repairer, memory.parts.tiers.index
        lose_rows(memory)
        asked = iter([False, True])
        assert repairer.repair("anna", lambda: next(asked))
        assert index.progress("anna")[1] == 4
        assert repairer.repair("anna")
        assert wrong(memory) == []


def test_rows_of_an_interrupted_rebuild_are_cleared_away(folder: Path) -> None:
    """Ours: the next start finds them; nothing ever read them."""
    with opened(folder) as memory:
        assert memory.settle(SETTLE_S)
        index = memory.parts.tiers.index
        with memory.parts.store.exclusive():
            pages = memory.parts.tiers.mid_term.all_pages("anna")
            index.add_rows("anna", pages, staged=True)
            assert index._file.state("anna", staged=True)[0]
    with opened(folder) as memory:
        assert memory.settle(SETTLE_S)
        with memory.parts.store.exclusive():
            assert not memory.parts.tiers.index._file.state("anna", staged=True)[0]
        assert wrong(memory) == []


def test_the_command_rebuilds_one_user_or_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: with progress on stderr."""
    for name in ("MEMORYOS_CONFIG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    given = ("--data-dir", str(folder), "--embedder", "bundled", "--short-term-capacity", "3")
    assert main(["rebuild", *given, "--user-id", "anna"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "anna: 12 pages of mid-term memory and archive indexed anew, vectors by bundled\n"
    assert "building anew: anna: 24 of 24" in shown.err
    assert main(["rebuild", *given, "--all-users", "--json"]) == 0
    assert '"anna": 12' in capsys.readouterr().out
