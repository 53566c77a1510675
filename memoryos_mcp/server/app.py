"""
The server put together: tools, resources and prompts over a memory that loads behind the first reply.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio
import anyio.to_thread
from mcp.server import MCPServer

from .. import __version__
from ..domain.settings import Settings
from ..storage.log_file import log_to_file
from .api import MemoryApi
from .changes import Changes
from .contract import INSTRUCTIONS
from .engine import Engine
from .logs import configure_logging, hush_sdk
from .prompting import add_prompts
from .resources import add_resources
from .stdio import leave, serve_stdio
from .tools import memory_tools

__all__ = ["build_server", "serve"]

logger = logging.getLogger(__name__)


def build_server(load: Callable[[], MemoryApi], settings: Settings) -> MCPServer:
    """
    Return a server over the memory that *load* opens at the first call that needs it.

    Args:
        load: Opens the memory; slow; called in a thread, again after a failure. The server closes what it opened.
        settings: The settings of that memory.
    """
    changes = Changes(settings.user_id)
    return _assemble(Engine(load, changes.heard), changes, settings)


def serve(settings: Settings, load: Callable[[], MemoryApi] | None = None) -> None:
    """
    Serve over stdin and stdout until stdin ends; the memory is opened once the first reply has left.

    Args:
        settings: The settings of the memory.
        load: Opens it; default `Memoryos.open(settings)`.
    """
    configure_logging()
    changes = Changes(settings.user_id)
    engine = Engine(load or partial(_open_memory, settings), changes.heard)
    anyio.run(serve_stdio, _assemble(engine, changes, settings), engine)
    if engine.loading:
        leave(0)  # the client left before the memory was there: do not make the process wait for an import


def _open_memory(settings: Settings) -> MemoryApi:
    log_to_file(settings.data_dir)
    logger.info("memoryos-mcp %s is serving %s", __version__, settings.data_dir)
    from ..api.memoryos import Memoryos
    from ..hosts.hooks.endpoint import Endpoint
    from ..hosts.hooks.hook_answer import answerer

    memory = Memoryos.open(settings)
    try:
        memory.on_close(Endpoint(settings.data_dir, answerer(memory)).close)
    except OSError as exc:
        logger.warning("hosts' hooks cannot ask this server: %s", exc)
    return memory


def _assemble(engine: Engine, changes: Changes, settings: Settings) -> MCPServer:
    hush_sdk()

    @asynccontextmanager
    async def lifespan(server: MCPServer) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(changes.tell)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(engine.close)

    server = MCPServer(
        "memoryos",
        title="MemoryOS",
        instructions=INSTRUCTIONS,
        version=__version__,
        tools=memory_tools(engine, settings),
        log_level="WARNING",
        lifespan=lifespan,
        subscriptions=changes.bus,
        middleware=[changes.middleware],
    )
    add_resources(server, engine, settings)
    add_prompts(server, engine)
    changes.serve(server._lowlevel_server)
    return server
