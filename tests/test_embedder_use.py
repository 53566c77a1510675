"""Whose vectors are kept after a change of embedder, and when they go (real processes, real Chroma)."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.api import memoryos as opening
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.updating.embedders_in_use import KEPT, EmbedderUse

from .scripted_endpoint import ScriptedEndpoint

ROOT = Path(__file__).parent.parent
HOLDS = """
import sys
from pathlib import Path
from memoryos_mcp.updating.embedders_in_use import EmbedderUse
use = EmbedderUse(Path(sys.argv[1]), "other")
use.begin()
sys.stdout.write("begun\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def age(folder: Path, embedder: str) -> None:
    """Have the last use of *embedder* be longer ago than vectors are kept."""
    long_ago = time.time() - KEPT.total_seconds() - 60
    for path in folder.glob(f"embedder.{embedder}.*"):
        os.utime(path, (long_ago, long_ago))


def test_an_embedder_is_used_while_a_process_lives_and_kept_for_a_week(tmp_path: Path) -> None:
    """Ours: also after a process that was killed."""
    use = EmbedderUse(tmp_path, "own")
    use.begin()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "begun\n"
        age(tmp_path, "other")
        assert (use.is_live("other"), use.is_kept("other")) == (True, True)
        process.kill()
    assert (use.is_live("other"), use.is_kept("other")) == (False, False)
    for path in tmp_path.glob("embedder.other.*"):
        path.touch()
    assert (use.is_live("other"), use.is_kept("other")) == (False, True)
    assert not use.is_kept("unheard-of")
    use.end()


def test_files_of_ended_processes_do_not_pile_up(tmp_path: Path) -> None:
    """Ours: the next process with the same embedder takes their place."""
    for _ in range(3):
        use = EmbedderUse(tmp_path, "own")
        use.begin()
        assert use.is_live("own")
        use.end()
    assert len(list(tmp_path.iterdir())) == 1


def opened(served: ScriptedEndpoint, folder: Path, embedder: str, **values: Any) -> Memoryos:
    """Return a memory of small capacity."""
    fixed = {"data_dir": folder, "user_id": "anna", "analyzer": "local", "short_term_capacity": 2}
    return Memoryos(load_settings({**fixed, "openai_base_url": served.url, "embedder": embedder, **values}, environ={}))


def places(memory: Memoryos) -> list[str]:
    """Return the names of derived places."""
    return [place for place in memory.parts.store.places("anna") if "." in place]


@pytest.mark.parametrize("way", ["a week later", "by command", "in use"])
def test_former_vectors_go_once_nobody_uses_them(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: when the new ones are complete, and a week has passed or `rebuild` was called; never those in use."""
    monkeypatch.setattr(opening, "OPENING_DELAY_S", 0.0)
    folder = tmp_path / "data"
    with ScriptedEndpoint() as served:
        with opened(served, folder, "openai") as memory:
            for text in ("I like tea", "I like trees", "I like rain", "I like snow"):
                memory.add_memory(text, "Good.")
            assert memory.settle(30)
            name = memory.parts.tiers.embedder.name
        if way == "a week later":
            age(folder / "locks", name)
        with opened(served, folder, "bundled") as memory:
            assert memory.settle(30)
            if way == "by command":
                assert f"turns.{name}" in places(memory)
                memory.rebuild()
            if way == "in use":
                with opened(served, folder, "openai"):
                    memory.rebuild()
                    assert {f"turns.{name}", f"segments.{name}"} <= set(places(memory))
                memory.rebuild()
            pause, tries = threading.Event(), 250
            while len(places(memory)) > 2 and tries:
                pause.wait(0.02)
                tries -= 1
            assert places(memory) == ["segments.bundled", "turns.bundled"]
            assert "tea" in memory.retrieve_context("tea").text
