"""
The server put together: tools, resources and prompts over a memory that is loaded after the first reply.
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

__all__ = ["assemble", "build_server", "open_memory", "serve"]

logger = logging.getLogger(__name__)


def build_server(load: Callable[[], MemoryApi], settings: Settings) -> MCPServer:
    """
    Return a server over the memory that *load* opens at the first call that needs it.

    Args:
        load: Opens the memory; slow; called in a thread, again after a failure. The server closes what it opened.
        settings: The settings of that memory.
    """
    changes = Changes(settings.user_id)
    return assemble(Engine(load, changes.heard), changes, settings)


def serve(settings: Settings, load: Callable[[], MemoryApi] | None = None) -> None:
    """
    Serve over stdin and stdout until stdin ends; the memory is opened once the first reply has left.

    Args:
        settings: The settings of the memory.
        load: Opens it; default `Memoryos.open(settings)`.
    """
    configure_logging()
    changes = Changes(settings.user_id)
    engine = Engine(load or partial(open_memory, settings), changes.heard)
    anyio.run(serve_stdio, assemble(engine, changes, settings), engine)
    if engine.loading:
        leave(0)  # the client left before the memory was there: do not make the process wait for an import


def open_memory(settings: Settings) -> MemoryApi:
    """Return the memory of *settings*, which also answers hosts' hooks and logs to its folder; slow."""
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


def assemble(
    engine: Engine, changes: Changes, settings: Settings, *, stateless: bool = False, named_by_token: bool = False
) -> MCPServer:
    """
    Return the server over *engine*, whose lifespan closes it.

    Args:
        engine: The memory.
        changes: Hears of changes in it.
        settings: The settings of that memory.
        stateless: Whether no connection outlives its request: then there is nobody to tell of changes in the
            handshake era's way, and it is not offered.
        named_by_token: Whether a token names the user of each call, so that the tools take no `user_id`.
    """
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
        tools=memory_tools(engine, settings, named_by_token=named_by_token),
        log_level="WARNING",
        lifespan=lifespan,
        subscriptions=changes.bus,
        middleware=[changes.middleware],
    )
    add_resources(server, engine, settings)
    add_prompts(server, engine)
    if not stateless:
        changes.serve(server._lowlevel_server)
    return server
