"""
The facade for asynchronous callers: the same calls, each run in a worker thread and awaited.

    async with await AsyncMemoryos.open(user_id="anna") as memory:
        await memory.add_memory("I moved to Oslo.", "Enjoy!")
        found = await memory.retrieve_context("Where do I live?")

A call that is cancelled while it runs still finishes in its thread: what it was to store is stored.
"""

from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from ..domain.records import AddResult, Fact, ForgetReceipt, Profile, Retrieval, Status
from ..domain.settings import Settings
from .memoryos import Memoryos

__all__ = ["AsyncMemoryos"]

P = ParamSpec("P")
T = TypeVar("T")


class AsyncMemoryos:
    """
    A `Memoryos` whose calls are awaited.

    Args:
        memory: The memory; `close` closes it.
    """

    def __init__(self, memory: Memoryos) -> None:
        self.memory = memory

    @classmethod
    async def open(cls, settings: Settings | None = None, **overrides: Any) -> "AsyncMemoryos":
        """Return an open memory; arguments and errors as of `Memoryos`."""
        return cls(await anyio.to_thread.run_sync(partial(Memoryos, settings, **overrides)))

    async def run(self, call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """Await any call of the facade: `await memory.run(memory.memory.segments, user_id="anna")`."""
        return await anyio.to_thread.run_sync(partial(call, *arguments, **options))

    async def add_memory(self, *arguments: Any, **options: Any) -> AddResult:
        """Store one exchange; see `Memoryos.add_memory`."""
        return await self.run(self.memory.add_memory, *arguments, **options)

    async def retrieve_context(self, *arguments: Any, **options: Any) -> Retrieval:
        """Return what memory holds on a query; see `Memoryos.retrieve_context`."""
        return await self.run(self.memory.retrieve_context, *arguments, **options)

    async def get_user_profile(self, **options: Any) -> Profile:
        """Return everything known of a user; see `Memoryos.get_user_profile`."""
        return await self.run(self.memory.get_user_profile, **options)

    async def remember_fact(self, *arguments: Any, **options: Any) -> tuple[Fact, tuple[str, ...]]:
        """Store one fact as told; see `Memoryos.remember_fact`."""
        return await self.run(self.memory.remember_fact, *arguments, **options)

    async def forget_memory(self, **options: Any) -> ForgetReceipt:
        """Forget, or say what would be forgotten; see `Memoryos.forget_memory`."""
        return await self.run(self.memory.forget_memory, **options)

    async def get_response(self, *arguments: Any, **options: Any) -> str:
        """Return the configured model's answer and store the exchange; see `Memoryos.get_response`."""
        return await self.run(self.memory.get_response, *arguments, **options)

    async def status(self, **options: Any) -> Status:
        """Return the state of a user's memory; see `Memoryos.status`."""
        return await self.run(self.memory.status, **options)

    async def settle(self, *arguments: Any, **options: Any) -> bool:
        """Have pending work done and wait for it; see `Memoryos.settle`."""
        return await self.run(self.memory.settle, *arguments, **options)

    async def close(self) -> None:
        """Stop the worker and release the store, also when the caller is being cancelled."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.memory.close)

    async def __aenter__(self) -> "AsyncMemoryos":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
