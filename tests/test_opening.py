"""An opening that fails leaves nothing open: no file, no thread, no lock; and what we depend on is bounded."""

import gc
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import tomlkit
from packaging.requirements import Requirement

from memoryos_mcp import Memoryos
from memoryos_mcp.api import composition, memoryos
from memoryos_mcp.domain.errors import ConfigError, MemoryOSError, StoreFormatError, StoreUnavailableError
from memoryos_mcp.storage.chroma import ChromaStore
from memoryos_mcp.storage.chroma import store as chroma_store
from memoryos_mcp.storage.chroma.migrations import FORMAT, ensure_format
from memoryos_mcp.storage.folder import LOCK
from memoryos_mcp.storage.lock import FolderLock
from memoryos_mcp.updating.worker import Worker

ROOT = Path(__file__).parent.parent
DESCRIPTORS = Path("/proc/self/fd")


def open_files(folder: Path) -> list[str]:
    """Return what of *folder* this process has open, where the platform tells."""
    gc.collect()
    found = []
    for link in DESCRIPTORS.iterdir() if DESCRIPTORS.is_dir() else ():
        try:
            target = str(link.readlink())
        except OSError:  # the listing's own descriptor
            continue
        if target.startswith(str(folder)):
            found.append(target)
    return found


def workers() -> int:
    """Return how many workers of memories run."""
    return sum(thread.name == "memoryos-worker" for thread in threading.enumerate())


def failing(error: MemoryOSError) -> Callable[..., object]:
    """Return a step of opening that fails."""

    def fail(*arguments: object, **options: object) -> object:
        raise error

    return fail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a memory that works."""
    with Memoryos(tmp_path / "memory", embedder="bundled", analyzer="local") as memory:
        memory.add_memory("I live in Oslo.", "Noted.")
    return tmp_path / "memory"


STEPS = [
    (composition, "open_store"),
    (composition, "assemble"),
    (composition, "analysts_of"),
    (composition, "O200kBase"),
    (composition, "Retriever"),
    (composition, "Forgetter"),
    (composition, "Worker"),
    (composition, "Reporting"),
    (memoryos, "_finish_forgetting"),
    (memoryos, "close_at_exit"),
]


@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
def test_whatever_step_fails_nothing_stays_open(
    folder: Path, module: object, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression (met in use): a failed opening left four files open each time."""
    monkeypatch.setattr(module, step, failing(StoreUnavailableError("this step fails")))
    for _ in range(3):
        with pytest.raises(StoreUnavailableError, match="this step fails"):
            Memoryos(folder, embedder="bundled", analyzer="local")
    assert open_files(folder) == []
    assert workers() == 0
    monkeypatch.undo()

    with FolderLock(folder / LOCK, wait_s=1).hold():
        pass
    with Memoryos(folder, embedder="bundled", analyzer="local") as memory:
        assert "Oslo" in memory.retrieve_context("Where do I live?").text


@pytest.mark.parametrize(
    ("owner", "step"), [(Memoryos, "take_in_hook_inbox"), (ChromaStore, "users"), (Worker, "start")]
)
def test_nothing_stays_open_when_a_step_behind_the_store_fails(
    folder: Path, owner: type, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: exchanges left by hooks were taken in outside the opening; an error that is no store's leaked."""
    with Memoryos(folder, embedder="bundled", analyzer="local") as memory:
        assert memory.settle(30)
    monkeypatch.setattr(owner, step, failing(ConfigError("this step fails")))
    for _ in range(3):
        with pytest.raises(ConfigError, match="this step fails"):
            Memoryos(folder, embedder="bundled", analyzer="local")
    monkeypatch.undo()

    assert open_files(folder) == []
    assert workers() == 0
    with FolderLock(folder / LOCK, wait_s=1).hold():
        pass


def test_a_model_without_a_key_is_refused_before_the_store_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression (met in use): the key was looked for last."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setattr(composition, "open_store", failing(StoreUnavailableError("the store was asked first")))

    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        Memoryos(folder, analyzer="openai")
    assert open_files(folder) == []


def test_a_folder_of_a_newer_format_is_refused_and_let_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the neighbour that fails while the store itself is being opened."""
    monkeypatch.setattr(chroma_store, "ensure_format", partial(ensure_format, ours=FORMAT - 1))

    with pytest.raises(StoreFormatError):
        Memoryos(folder, embedder="bundled")
    assert open_files(folder) == []


@pytest.mark.parametrize("package", ["chromadb", "mcp"])
def test_what_we_know_from_inside_is_pinned_below_the_next_minor(package: str) -> None:
    """Ours: the next minor version is tried before it is allowed."""
    project = tomlkit.parse((ROOT / "pyproject.toml").read_text("utf-8")).unwrap()["project"]
    (pin,) = [each for each in map(Requirement, project["dependencies"]) if each.name == package]
    uppers = [each.version for each in pin.specifier if each.operator == "<"]
    lowers = [each.version for each in pin.specifier if each.operator == ">="]

    major, minor = lowers[0].split(".")[:2]
    assert uppers == [f"{major}.{int(minor) + 1}"]
