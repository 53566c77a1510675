"""The facade for asynchronous callers, over a real memory."""

from pathlib import Path

import anyio
import pytest

from memoryos_mcp.api.async_memoryos import AsyncMemoryos
from memoryos_mcp.domain.errors import ConfigError, InputError
from memoryos_mcp.domain.settings import load_settings

from .scripted_endpoint import ScriptedEndpoint, says

pytestmark = pytest.mark.anyio

SETTLE_S = 60


async def opened(folder: Path, **values: object) -> AsyncMemoryos:
    """Return a memory of small capacity."""
    fixed = {"data_dir": folder, "short_term_capacity": 2, "embedder": "bundled"}
    return await AsyncMemoryos.open(load_settings({**fixed, **values}, environ={}))


async def test_a_conversation_is_kept_and_found(tmp_path: Path) -> None:
    """Ours: every call of the synchronous facade that matters, awaited."""
    async with await opened(tmp_path) as memory:
        first = await memory.add_memory("I adopted a parrot called Kiwi.", "Lovely!", "2026-05-08 12:00:00")
        for number in range(4):
            await memory.add_memory(f"I planted tree {number}.", "Well done!")
        fact, _ = await memory.remember_fact("Likes trees.", "user")
        assert await memory.settle(SETTLE_S)
        found = await memory.retrieve_context("What is my parrot called?")
        profile = await memory.get_user_profile()
        status = await memory.status()
        segments = await memory.run(memory.memory.segments)
        receipt = await memory.forget_memory(page_ids=[first.page_id])

    assert "Kiwi" in found.text
    assert fact in profile.user_knowledge
    assert (status.short_term_pages, status.mid_term_pages, status.pending) == (2, 3, 0)
    assert sum(segment.pages for segment, _ in segments) == 3
    assert receipt.dry_run


async def test_many_calls_at_once_are_all_served(tmp_path: Path) -> None:
    """Ours: calls run side by side in threads and the loop stays free."""
    async with await opened(tmp_path) as memory:
        async with anyio.create_task_group() as tasks:
            for number in range(40):
                tasks.start_soon(memory.add_memory, f"Note {number}", "Ok")
        assert await memory.settle(SETTLE_S)
        status = await memory.status()

    assert status.short_term_pages + status.mid_term_pages == 40


async def test_an_answer_of_the_model_is_awaited_and_stored(tmp_path: Path) -> None:
    """The paper's response step for asynchronous callers."""
    with ScriptedEndpoint(says("Good morning!")) as served:
        async with await opened(tmp_path, openai_base_url=served.url) as memory:
            answer = await memory.get_response("Hello", style_hint="short")
            status = await memory.status()

    assert answer == "Good morning!"
    assert status.short_term_pages == 1


async def test_errors_are_those_of_the_synchronous_facade(tmp_path: Path) -> None:
    """Ours: one error tree; a failed opening leaves nothing open."""
    with pytest.raises(ConfigError, match="capacity"):
        await AsyncMemoryos.open(data_dir=tmp_path, short_term_capacity=0)
    async with await opened(tmp_path) as memory:
        with pytest.raises(InputError, match="blank"):
            await memory.add_memory(" ", "x")
        with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
            await memory.get_response("Hello")


async def test_a_cancelled_caller_leaves_the_memory_closed_and_whole(tmp_path: Path) -> None:
    """Ours: closing is not cut short, and what was stored before is there at the next start."""
    with anyio.move_on_after(5) as scope:
        async with await opened(tmp_path) as memory:
            await memory.add_memory("I adopted a parrot called Kiwi.", "Lovely!")
            scope.cancel()
            await anyio.sleep(5)
    async with await opened(tmp_path) as memory:
        assert "Kiwi" in (await memory.retrieve_context("parrot")).text
