"""A process that was forked has the object of its parent, but not its threads: it is refused, and harms nothing."""

import asyncio
import multiprocessing
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from memoryos_mcp import AsyncMemoryos, Memoryos
from memoryos_mcp.domain.errors import ForkedError

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

CALLS: dict[str, Callable[[Memoryos], object]] = {
    "add_memory": lambda memory: memory.add_memory("I moved.", "Where to?"),
    "retrieve_context": lambda memory: memory.retrieve_context("Where?"),
    "get_user_profile": lambda memory: memory.get_user_profile(),
    "status": lambda memory: memory.status(),
    "forget_memory": lambda memory: memory.forget_memory(everything=True, dry_run=False),
    "settle": lambda memory: memory.settle(5),
    "subscribe": lambda memory: memory.subscribe(lambda user, what: None),
    "asynchronous": lambda memory: asyncio.run(AsyncMemoryos(memory).status()),
}


def told_in_a_fork(task: Callable[[], object]) -> str:
    """Return the kind and the words of what *task* raises in a fork of this process; "done" when it raises nothing."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            task()
            told = "done"
        except Exception as exc:  # noqa: BLE001 - the end of the child: whatever it was is told to the parent
            told = f"{type(exc).__name__}: {exc}"
        os.write(writer, told.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read().decode()
    assert os.waitpid(child, 0)[1] == 0
    return told


@pytest.fixture
def memory(tmp_path: Path) -> Memoryos:
    """Return an open memory with a page; the test closes it."""
    opened = Memoryos(tmp_path, embedder="bundled", analyzer="local")
    opened.add_memory("I live in Oslo.", "Noted.")
    return opened


def test_every_call_is_refused_in_a_fork_with_the_way_out(memory: Memoryos) -> None:
    """Regression (met in use): a child's first call never returned."""
    with memory:
        told = {name: told_in_a_fork(lambda call=call: call(memory)) for name, call in CALLS.items()}  # type: ignore[misc]

    for words in told.values():
        assert words.startswith(f"ForkedError: this memory was opened by process {os.getpid()}")
        assert "start processes with `spawn`, or fork before the first memory is opened" in words


def test_a_fork_that_leaves_the_block_harms_nothing(memory: Memoryos) -> None:
    """Ours: the child's `close` lets go of nothing of the parent's, whose worker and locks go on."""

    def leave() -> None:
        memory.__exit__(None, None, None)
        memory.close()
        memory.leave()

    with memory:
        assert told_in_a_fork(leave) == "done"
        memory.add_memory("I moved to Bergen.", "Enjoy!")
        assert memory.settle(30)
        assert "Bergen" in memory.retrieve_context("Where did I move?").text


def test_a_fork_cannot_open_another_memory_either(memory: Memoryos, tmp_path: Path) -> None:
    """Ours: Chroma has one runtime a process, and its threads did not come along."""
    with memory:
        for folder in (memory.settings.data_dir, tmp_path / "other"):
            told = told_in_a_fork(lambda folder=folder: Memoryos(folder, embedder="bundled"))  # type: ignore[misc]
            assert told.startswith(f"ForkedError: process {os.getpid()} used a memory before process")
        assert memory.settle(30)
        assert "Oslo" in memory.retrieve_context("Where do I live?").text


PROGRAM = """
import os, sys
from memoryos_mcp import Memoryos
child = os.fork()
with Memoryos(sys.argv[1], embedder="bundled") as memory:
    memory.add_memory(f"I am process {child == 0}.", "Ok.")
if child:
    assert os.waitpid(child, 0)[1] == 0
    with Memoryos(sys.argv[1], embedder="bundled") as memory:
        print(memory.status().short_term_pages)
"""


def test_the_way_out_is_one(tmp_path: Path) -> None:
    """Ours: who forks before the first memory is opened may open one on each side, on one folder even."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, timeout=120)

    assert done.stdout.split() == ["2"], done.stderr


def _in_child(memory: Memoryos, pipe: Connection) -> None:
    try:
        memory.status()
    except ForkedError as exc:
        pipe.send(str(exc))


def test_multiprocessing_with_fork_is_refused_likewise(memory: Memoryos) -> None:
    """Ours: the neighbour that people use."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    with memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        process = context.Process(target=_in_child, args=(memory, there))
        process.start()
        assert here.poll(30)
        assert "is a fork of it" in here.recv()
        process.join(30)
    assert process.exitcode == 0
