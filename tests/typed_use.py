"""
How the Python API is typed: read by mypy and pyright, never run.

A line marked to be ignored is a mistake that both must find: with `warn_unused_ignores` and
`reportUnnecessaryTypeIgnoreComment` a mark that hides nothing is an error itself.
"""

from pathlib import Path

from typing_extensions import assert_type

from memoryos_mcp import AsyncMemoryos, Exchange, Memoryos
from memoryos_mcp.domain.records import AddResult, ForgetReceipt, Profile, Retrieval, Status
from memoryos_mcp.domain.settings import Settings


def synchronous(settings: Settings) -> None:
    """Use every way in, and the calls that matter."""
    Memoryos("folder", user_id="anna", short_term_capacity=5)
    Memoryos(Path("folder"), analyzer="local", heat_threshold=4.0)
    Memoryos(data_dir="folder", embedder="bundled")
    Memoryos(data_storage_path="folder", long_term_knowledge_capacity=50)
    Memoryos(settings=settings)
    with Memoryos(settings) as memory:
        assert_type(memory.add_memory("I moved.", "Where to?", "2026-05-08 12:00:00", {"a": 1}), AddResult)
        assert_type(memory.add_many([Exchange("I moved.", "Where to?")], user_id="anna"), list[AddResult])
        assert_type(memory.retrieve_context("Where?", max_tokens=500), Retrieval)
        assert_type(memory.get_user_profile(user_id="anna"), Profile)
        assert_type(memory.forget_memory(page_ids=["p1"]), ForgetReceipt)
        assert_type(memory.status(), Status)


async def asynchronous() -> None:
    """Await the same."""
    async with AsyncMemoryos("folder", user_id="anna") as memory:
        assert_type(await memory.add_memory("I moved.", "Where to?"), AddResult)
        assert_type(await memory.retrieve_context("Where?", max_tokens=500), Retrieval)
        assert_type(await memory.status(), Status)
        await memory.retrieve_context("Where?", max_token=500)  # type: ignore[call-arg]
    opened = await AsyncMemoryos.open(user_id="anna")
    await opened.close()


def mistakes(memory: Memoryos) -> None:
    """Make the mistakes that a checker is to find."""
    Memoryos(usr_id="anna")  # type: ignore[call-arg]
    Memoryos("folder", short_term_capacity="ten")  # type: ignore[arg-type]
    Memoryos(analyzer="claude")  # type: ignore[arg-type]
    Memoryos(5)  # type: ignore[arg-type]
    memory.add_memory("only one side")  # type: ignore[call-arg]
    memory.add_memory("I moved.", 5)  # type: ignore[arg-type]
    memory.retrieve_context("Where?", tokens=500)  # type: ignore[call-arg]
    AsyncMemoryos(userid="anna")  # type: ignore[call-arg]
