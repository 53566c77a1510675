"""Fixtures shared by the suite."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.generation.llm import ChatModel, Endpoint
from memoryos_mcp.updating import idle_work

from .cities import GOOD, KEY
from .command_line import Run
from .damage import make_healthy
from .scripted_endpoint import ScriptedEndpoint
from .world import Make, World


@pytest.fixture(autouse=True, scope="session")
def plain_environment() -> Iterator[None]:
    """Take away what a host says of its workspace, which would label pages; days are those of UTC on any machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        if hasattr(time, "tzset"):
            time.tzset()
        for name in ("CLAUDE_PROJECT_DIR", "WORKSPACE_FOLDER_PATHS"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def no_rest() -> Iterator[None]:
    """Keep workers from taking snapshots by themselves: a slow test would find one that it did not ask for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idle_work, "_QUIET_S", 1e9)
        yield


@pytest.fixture
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return a maker of worlds on one folder; a second one reopens it."""
    worlds: list[World] = []

    def build(**options: object) -> World:
        for world in worlds:
            world.close()
        worlds.append(World(tmp_path / "data", **options))  # type: ignore[arg-type]
        return worlds[-1]

    yield build
    if worlds:
        worlds[-1].close()


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder that is whole, to be copied and then damaged."""
    folder = tmp_path_factory.mktemp("healthy") / "memory"
    make_healthy(folder)
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line on a memory of its own, untouched by this machine's environment."""
    for name in ("MEMORYOS_CONFIG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")

    def call(*arguments: str) -> int:
        return main(arguments)

    return call


@pytest.fixture
def cities() -> Iterator[ScriptedEndpoint]:
    """Return an endpoint that knows a city."""
    with ScriptedEndpoint(GOOD) as endpoint:
        yield endpoint


@pytest.fixture
def chat(cities: ScriptedEndpoint) -> Iterator[ChatModel]:
    """Return a model there with little patience."""
    found = ChatModel(Endpoint("scripted", cities.url, KEY, timeout_s=5, pause_s=0.01, patience_s=2))
    yield found
    found.close()
