"""A process that ends without closing its memory: in order, with its own exit status, and nothing lost."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.api.closing_at_exit import leave_if_open
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.updating.audit import audit

BOUND_S = 30.0
PAGES = 20

SCRIPT = """
import sys, threading
from memoryos_mcp import Memoryos
from memoryos_mcp.storage.chroma import ChromaStore

inside, put = threading.Event(), ChromaStore.put

def telling(store, user_id, place, records):
    if threading.current_thread().name == "memoryos-worker" and place.startswith("turns."):
        inside.set()
    put(store, user_id, place, records)

ChromaStore.put = telling
memory = Memoryos(data_dir=sys.argv[1], user_id="anna", embedder="bundled", analyzer="local", short_term_capacity=2)
memory.on_close(lambda: print("closed"))
for number in range(int(sys.argv[2])):
    memory.add_memory(f"I planted tree number {number} in the garden.", "Well done.")
assert inside.wait(30)
"""


def ran(folder: Path, end: str) -> "subprocess.CompletedProcess[str]":
    """Return what became of a script that ends with the line *end* while its worker writes to Chroma."""
    command = [sys.executable, "-c", SCRIPT + end, str(folder), str(PAGES)]
    return subprocess.run(command, capture_output=True, text=True, timeout=BOUND_S, check=False)


@pytest.mark.parametrize(("end", "status"), [("", 0), ("raise SystemExit(3)", 3)])
def test_a_script_that_does_not_close_its_memory_ends_in_order(end: str, status: int, tmp_path: Path) -> None:
    """A regression: the interpreter went while the worker's thread was inside Chroma, and now and then it crashed."""
    process = ran(tmp_path, end)
    assert (process.returncode, process.stdout, process.stderr) == (status, "closed\n", "")
    fixed = {"data_dir": tmp_path, "user_id": "anna", "embedder": "bundled", "analyzer": "local"}
    with Memoryos(load_settings({**fixed, "short_term_capacity": 2}, environ={})) as memory:
        assert memory.settle(BOUND_S)
        state = memory.status()
        assert state.short_term_pages + state.mid_term_pages == PAGES
        assert audit(memory.parts.tiers, "anna") == []


def test_a_forked_child_leaves_its_parents_memory_alone() -> None:
    """Ours: the child has no worker, and locks of the parent's that nobody will let go of."""
    left: list[str] = []

    class Open:
        def leave(self) -> None:
            left.append("closed")

    memory = Open()
    leave_if_open(weakref.ref(memory), os.getpid() + 1)
    assert left == []
    leave_if_open(weakref.ref(memory), os.getpid())
    assert left == ["closed"]


def test_a_closed_memory_is_not_kept_for_the_end(tmp_path: Path) -> None:
    """Ours: a long process that opens and closes many memories holds none of them."""
    memory = Memoryos(load_settings({"data_dir": tmp_path, "embedder": "bundled", "analyzer": "local"}, environ={}))
    memory.close()
    left = weakref.ref(memory)
    del memory
    gc.collect()
    assert left() is None
