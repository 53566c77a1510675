"""One client that sends much at once: all of it is answered and stored, once."""

import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.updating.audit import audit, stored_pages

from .stdio_wire import ROOT

CALLS = 100


def server_on(folder: Path) -> StdioServerParameters:
    """Return how to start the real server on a folder."""
    environment = {"MEMORYOS_DATA_DIR": str(folder), "MEMORYOS_EMBEDDER": "bundled", "MEMORYOS_ANALYZER": "local"}
    return StdioServerParameters(
        command=sys.executable, args=[str(ROOT / "server.py")], cwd=folder.parent, env=environment
    )


async def add_all(client: Client, name: str, count: int) -> list[str]:
    """Send *count* additions at once and return the page ids that were answered."""
    answers: list[dict[str, Any]] = []

    async def add(number: int) -> None:
        words = {"user_input": f"{name} says number {number}.", "agent_response": "Noted."}
        answer = await client.call_tool("add_memory", words)
        assert not answer.is_error, answer
        answers.append(answer.structured_content or {})

    async with anyio.create_task_group() as tasks:
        for number in range(count):
            tasks.start_soon(add, number)
    assert {answer["status"] for answer in answers} == {"stored"}
    return [str(answer["page_id"]) for answer in answers]


def check(folder: Path, told: list[str]) -> None:
    """Open the memory and compare it with what clients were told."""
    values = {"data_dir": folder, "embedder": "bundled", "analyzer": "local"}
    with Memoryos(load_settings(values, environ={})) as memory:
        assert memory.settle(30)
        assert stored_pages(memory.parts.tiers, "default") == dict.fromkeys(told, 1)
        assert audit(memory.parts.tiers, "default") == []


@pytest.mark.anyio
async def test_a_hundred_calls_in_flight_are_all_answered_and_stored(tmp_path: Path) -> None:
    """Regression: the official memory server keeps 5 of 100 additions sent 20 at a time."""
    async with Client(server_on(tmp_path / "data")) as client:
        told = await add_all(client, "Anna", CALLS)
    assert len(set(told)) == CALLS
    check(tmp_path / "data", told)
