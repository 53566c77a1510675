"""
The memory for asynchronous callers: the same calls as of `Memoryos`, each run in a worker thread and awaited.

    async with AsyncMemoryos("memory", user_id="anna") as memory:
        await memory.add_memory("I moved to Oslo.", "Enjoy!")
        found = await memory.retrieve_context("Where do I live?")
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from typing_extensions import Unpack

from ..domain.settings import Settings
from .arguments import SettingArguments
from .delegation import awaited
from .memoryos import Memoryos

__all__ = ["AsyncMemoryos"]

P = ParamSpec("P")
T = TypeVar("T")


def _memory(outer: "AsyncMemoryos") -> Memoryos:
    return outer.memory


class AsyncMemoryos:
    """
    A `Memoryos` whose calls are awaited. It opens as an `async with` block begins, or by `open`.

    Args:
        data_dir: The folder, all settings as one object, or a memory that is open already; `close` closes it.
        settings: All settings as one object; nothing else is then given.
        single: Single settings by name, as of `Memoryos`.
    """

    def __init__(
        self,
        data_dir: str | Path | Settings | Memoryos | None = None,
        *,
        settings: Settings | None = None,
        **single: Unpack[SettingArguments],
    ) -> None:
        self._opened = data_dir if isinstance(data_dir, Memoryos) else None
        folder = None if isinstance(data_dir, Memoryos) else data_dir
        self._open: Callable[[], Memoryos] = partial(Memoryos, folder, settings=settings, **single)

    @classmethod
    async def open(
        cls,
        data_dir: str | Path | Settings | None = None,
        *,
        settings: Settings | None = None,
        **single: Unpack[SettingArguments],
    ) -> "AsyncMemoryos":
        """Return an open memory; arguments and errors as of `Memoryos`."""
        return await cls(data_dir, settings=settings, **single).__aenter__()

    @property
    def memory(self) -> Memoryos:
        """The memory itself; RuntimeError before it is open."""
        if self._opened is None:
            raise RuntimeError("the memory is not open: write `async with AsyncMemoryos(...) as memory:`")
        return self._opened

    async def run(self, call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """Await any call in a worker thread: `await memory.run(memory.memory.segments, user_id="anna")`."""
        return await anyio.to_thread.run_sync(partial(call, *arguments, **options))

    add = awaited(_memory, Memoryos.add)
    add_memory = awaited(_memory, Memoryos.add_memory)
    add_many = awaited(_memory, Memoryos.add_many)
    remember_fact = awaited(_memory, Memoryos.remember_fact)
    take_in_hook_inbox = awaited(_memory, Memoryos.take_in_hook_inbox)
    retrieve_context = awaited(_memory, Memoryos.retrieve_context)
    get_user_profile = awaited(_memory, Memoryos.get_user_profile)
    word_counts = awaited(_memory, Memoryos.word_counts)
    forget_memory = awaited(_memory, Memoryos.forget_memory)
    redact_secrets = awaited(_memory, Memoryos.redact_secrets)
    settle = awaited(_memory, Memoryos.settle)
    pending_analysis = awaited(_memory, Memoryos.pending_analysis)
    apply_analysis = awaited(_memory, Memoryos.apply_analysis)
    reanalyze = awaited(_memory, Memoryos.reanalyze)
    force_mid_term_analysis = awaited(_memory, Memoryos.force_mid_term_analysis)
    rebuild = awaited(_memory, Memoryos.rebuild)
    import_history = awaited(_memory, Memoryos.import_history)
    export = awaited(_memory, Memoryos.export)
    restore = awaited(_memory, Memoryos.restore)
    status = awaited(_memory, Memoryos.status)
    short_term = awaited(_memory, Memoryos.short_term)
    segments = awaited(_memory, Memoryos.segments)
    segment = awaited(_memory, Memoryos.segment)
    page = awaited(_memory, Memoryos.page)
    recent_page_ids = awaited(_memory, Memoryos.recent_page_ids)
    archive = awaited(_memory, Memoryos.archive)
    users = awaited(_memory, Memoryos.users)
    get_response = awaited(_memory, Memoryos.get_response)
    get_user_profile_summary = awaited(_memory, Memoryos.get_user_profile_summary)
    get_assistant_knowledge_summary = awaited(_memory, Memoryos.get_assistant_knowledge_summary)
    subscribe = awaited(_memory, Memoryos.subscribe)
    on_close = awaited(_memory, Memoryos.on_close)

    async def close(self) -> None:
        """Stop the worker and release the store, also when the caller is being cancelled."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.memory.close)

    async def __aenter__(self) -> "AsyncMemoryos":
        if self._opened is None:
            self._opened = await anyio.to_thread.run_sync(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
