"""Bounds on what may be stored: settings with defaults nobody meets, and errors that name the way out."""

from pathlib import Path

import pytest
from mcp import Client

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.server import build_server
from memoryos_mcp.server.pace import Pace

from .server_clients import refused, settings_in
from .server_fakes import DictMemory


def test_a_text_or_metadata_over_the_limit_are_refused_with_both_numbers(tmp_path: Path) -> None:
    """Ours: the value, the bound and the setting are named; nothing is stored."""
    limits = {"max_text_chars": 1000, "max_metadata_chars": 20, "max_pages": 2}
    settings = load_settings({"data_dir": tmp_path, "embedder": "bundled", **limits}, environ={})
    with Memoryos(settings) as memory:
        with pytest.raises(InputError, match="1,001 characters; at most 1,000"):
            memory.add_memory("x" * 1001, "y")
        with pytest.raises(InputError, match=r"at most 20 are taken.*MEMORYOS_MAX_METADATA_CHARS"):
            memory.add_memory("x", "y", metadata={"name": "a long value here"})
        assert memory.users() == []
        memory.add_memory("x", "one")
        again = memory.add_memory("x", "two", timestamp="2026-01-01 10:00:00")
        with pytest.raises(InputError, match="has 2 pages and MEMORYOS_MAX_PAGES allows 2"):
            memory.add_memory("x", "three")
        same = memory.add_memory("x", "two", timestamp="2026-01-01 10:00:00")
        assert (same.page_id, same.status) == (again.page_id, "duplicate")


def test_pages_a_minute_are_counted_by_user_in_a_sliding_minute() -> None:
    """Ours: the wait is told, and one user's loop does not stop another."""
    now = [0.0]
    pace = Pace(2, lambda: now[0])
    pace.take("anna")
    now[0] = 20.0
    pace.take("anna")
    with pytest.raises(InputError, match="MEMORYOS_PAGES_PER_MINUTE allows: try again in 40 s"):
        pace.take("anna")
    pace.take("bob")
    now[0] = 60.0
    pace.take("anna")


@pytest.mark.anyio
async def test_a_model_in_a_loop_is_told_to_wait(tmp_path: Path) -> None:
    """Ours: through the tools alone."""
    memory = DictMemory()
    server = build_server(lambda: memory, settings_in(tmp_path, pages_per_minute=1))
    async with Client(server) as client:
        exchange = {"user_input": "I moved.", "agent_response": "Enjoy!"}
        await client.call_tool("add_memory", exchange)
        assert "MEMORYOS_PAGES_PER_MINUTE" in await refused(client, "add_memory", **exchange)


@pytest.mark.anyio
async def test_the_bound_as_it_is_set_stops_a_model_that_runs_wild(tmp_path: Path) -> None:
    """A regression: with 10,000 pages a minute, more than a server stores, no model was ever stopped."""
    settings = settings_in(tmp_path)
    server = build_server(DictMemory, settings)
    async with Client(server) as client:
        for number in range(settings.pages_per_minute):
            exchange = {"user_input": f"Note {number}.", "agent_response": "Ok"}
            assert not (await client.call_tool("add_memory", exchange)).is_error
        assert "600 pages were added within a minute" in await refused(client, "add_memory", **exchange)
        assert not (await client.call_tool("add_memory", {**exchange, "user_id": "bob"})).is_error
        assert not (await client.call_tool("memory_status", {})).is_error, "only adding has to wait"
