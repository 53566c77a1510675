"""The embedder is changed, shared, slow or gone: memory goes on, and catches up (real endpoint, real processes)."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.api import memoryos as opening
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.retrieval.ranking import vector_reader
from memoryos_mcp.updating import user_work
from memoryos_mcp.updating.audit import audit

from .scripted_endpoint import Asked, Outcome, ScriptedEndpoint, closes, delays, embeds, fails

ROOT = Path(__file__).parent.parent
SETTLE_S = 30
CAPACITY = 3


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have background work begin at once, and failures be tried again soon."""
    monkeypatch.setattr(opening, "OPENING_DELAY_S", 0.0)
    monkeypatch.setattr(user_work, "_FIRST_RETRY_S", 0.05)


@pytest.fixture
def served() -> Iterator[ScriptedEndpoint]:
    """Return an endpoint that embeds well."""
    with ScriptedEndpoint() as endpoint:
        yield endpoint


def opened(served: ScriptedEndpoint, folder: Path, embedder: str, **values: Any) -> Memoryos:
    """Return a memory of small capacity in *folder*; pages are read by the local analyzer."""
    fixed = {"data_dir": folder / "data", "user_id": "anna", "analyzer": "local", "openai_base_url": served.url}
    capacity = {"short_term_capacity": CAPACITY, "embedding_model": "first"}
    return Memoryos(load_settings({**fixed, **capacity, "embedder": embedder, **values}, environ={}))


def talk(memory: Memoryos, count: int, first: int = 0) -> None:
    """Add pages a minute apart: the first tells of a parrot, the others of trees."""
    for place in range(first, first + count):
        said = f"I planted tree number {place}." if place else "I adopted a grey parrot called Kiwi."
        memory.add_memory(said, f"Well done, number {place}!", f"2026-05-08 12:{place:02}:00")


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Wait until *condition* holds, at most *timeout_s*; return whether it does."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return True
        pause.wait(0.02)
    return condition()


def complete(memory: Memoryos, name: str) -> bool:
    """Wait until the status names the embedder and nothing else; return whether it does."""
    return until(lambda: memory.status().embedder == name)


def found(memory: Memoryos) -> list[str]:
    """Return the parts of the score by which the parrot is found first."""
    hits = memory.retrieve_context("Which grey parrot was adopted?", explain=True).mid_term
    assert hits
    assert "parrot" in hits[0].page.user_input
    return sorted(hits[0].why)


def wrong(memory: Memoryos) -> list[str]:
    """Return what the audit finds wrong."""
    return [f"{each.check}: {each.detail}" for each in audit(memory.parts.tiers, "anna")]


def gated(served: ScriptedEndpoint) -> threading.Event:
    """Have the endpoint make no vector until the event is set."""
    gate = threading.Event()

    def waits(asked: Asked) -> Outcome:
        gate.wait(5)
        return embeds(asked)

    served.embeds = waits
    return gate


def test_the_old_vectors_serve_until_the_new_ones_are_complete(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours: a change of embedder loses no page meanwhile, and the status says how far it is."""
    with opened(served, tmp_path, "bundled") as memory:
        talk(memory, 12)
        assert memory.settle(SETTLE_S)
        assert "late" in found(memory)

    gate = gated(served)
    with opened(served, tmp_path, "openai") as memory:
        assert memory.status().embedder.endswith("(re-embedding 0 of 9)")
        assert "late" in found(memory), "only the bundled table has late interaction"
        gate.set()
        assert complete(memory, memory.parts.tiers.embedder.name)
        assert set(found(memory)) & {"vector", "late"} == {"vector"}
        assert memory.settle(SETTLE_S)
        assert wrong(memory) == []


def test_another_model_of_the_endpoint_is_asked_for_while_its_vectors_serve(
    served: ScriptedEndpoint, tmp_path: Path
) -> None:
    """Ours: the former model is known by name, and the endpoint may still have it."""
    with opened(served, tmp_path, "openai") as memory:
        talk(memory, 12)
        assert memory.settle(SETTLE_S)
    asked: list[str] = []

    def second_is_down(request: Asked) -> Outcome:
        asked.append(request.payload["model"])
        return (embeds if request.payload["model"] == "first" else fails(500))(request)

    served.embeds = second_is_down
    with opened(served, tmp_path, "openai", embedding_model="second") as memory:
        assert "vector" in found(memory)
        assert "first" in asked
        assert until(lambda: "EmbedderUnavailableError" in (memory.status().last_error or ""))


def test_archived_pages_get_new_vectors_too(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours: they are searched on request, by the present embedder."""
    with opened(served, tmp_path, "bundled", mid_term_capacity=1, similarity_threshold=2) as memory:
        for start in (0, 6):
            talk(memory, 6, start)
            assert memory.settle(SETTLE_S)
        assert memory.status().archive > 0
    with opened(served, tmp_path, "openai", mid_term_capacity=1) as memory:
        assert complete(memory, memory.parts.tiers.embedder.name)
        assert memory.settle(SETTLE_S)
        assert wrong(memory) == []


def test_two_processes_with_different_embedders_share_a_folder(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Regression: each wiped the other's rows. Now each finds all pages, also those that the other consolidated."""
    with opened(served, tmp_path, "bundled") as one, opened(served, tmp_path, "openai") as two:
        for start in range(0, 24, 6):
            talk(one, 3, start)
            talk(two, 3, start + 3)
        assert one.settle(SETTLE_S)
        for memory in (one, two):
            assert "parrot" in memory.retrieve_context("Which grey parrot was adopted?").text
            memory.parts.worker.wake("anna")
        assert complete(one, "bundled")
        assert complete(two, two.parts.tiers.embedder.name)
        for memory in (one, two):
            assert memory.settle(SETTLE_S)
            assert wrong(memory) == []
            assert "vector" in found(memory)


def test_a_slow_endpoint_holds_up_nobody(
    served: ScriptedEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: it is asked outside the lock; a question goes without vectors once its patience is over."""
    monkeypatch.setattr(vector_reader, "_PATIENCE_S", 0.5)
    with opened(served, tmp_path, "openai") as memory, opened(served, tmp_path, "bundled") as other:
        talk(memory, 12)
        assert memory.settle(SETTLE_S)
        other.parts.worker.wake("anna")
        assert complete(other, "bundled")
        waiting = threading.Event()

        def stalls(asked: Asked) -> Outcome:
            waiting.set()
            return delays(60, embeds)(asked)

        served.embeds = stalls
        answers: list[str] = []
        thread = threading.Thread(target=lambda: answers.append(memory.retrieve_context("A grey parrot?").text))
        thread.start()
        assert waiting.wait(5)
        memory.add_memory("I bought a violin.", "Lovely.")
        other.add_memory("I sold a cello.", "A pity.")
        assert "cello" in other.retrieve_context("What did I sell?").text
        assert not answers, "the other calls ended while this one waited"
        thread.join(5)
        assert "parrot" in answers[0]
        assert "EmbedderUnavailableError" in (memory.status().last_error or "")


def test_an_endpoint_that_fails_costs_vectors_and_no_page(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Invariant 3: consolidation does without after three tries, words find the pages, and vectors follow."""
    served.embeds = closes
    with opened(served, tmp_path, "openai") as memory:
        talk(memory, 12)
        assert until(lambda: memory.status().mid_term_pages == 9, 30)
        assert "vector" not in found(memory)
        assert "EmbedderUnavailableError" in (memory.status().last_error or "")
    served.embeds = embeds
    with opened(served, tmp_path, "openai") as memory:
        assert complete(memory, memory.parts.tiers.embedder.name)
        assert memory.settle(SETTLE_S)
        assert wrong(memory) == []
        assert "vector" in found(memory)
        assert memory.status().last_error is None


DIES = """
import os, sys, threading
from pathlib import Path
from memoryos_mcp import Memoryos
from memoryos_mcp.updating import reembedding
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.storage.index import TurnIndex
reembedding.BATCH_PAGES = 4
put, left = TurnIndex.put_vectors, [2]
def dying(*given):
    if not left[0]:
        os._exit(9)
    left[0] -= 1
    return put(*given)
TurnIndex.put_vectors = dying
settings = {"data_dir": Path(sys.argv[1]), "user_id": "anna", "embedder": "openai", "openai_base_url": sys.argv[2],
            "embedding_model": "first", "analyzer": "local", "short_term_capacity": 3}
memory = Memoryos(load_settings(settings, environ={}))
memory.parts.worker.wake("anna")
threading.Event().wait(100)
"""


def test_re_embedding_goes_on_where_a_process_died(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours: what is done is what is stored; a real process, ended in the midst of it without teardown."""
    with opened(served, tmp_path, "bundled") as memory:
        talk(memory, 23)
        assert memory.settle(SETTLE_S)
        before = {page.page_id: page for page in memory.parts.tiers.mid_term.all_pages("anna")}
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(tmp_path / "data"), served.url],
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert died.returncode == 9, died.stderr

    gate = gated(served)
    with opened(served, tmp_path, "openai") as memory:
        assert memory.status().embedder.endswith("(re-embedding 8 of 20)")
        gate.set()
        assert complete(memory, memory.parts.tiers.embedder.name)
        assert memory.settle(SETTLE_S)
        assert {page.page_id: page for page in memory.parts.tiers.mid_term.all_pages("anna")} == before
        assert wrong(memory) == []
