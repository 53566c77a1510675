"""
Listening: where, and not without tokens where others can reach it; and an end in good order.

At SIGTERM no new connection is taken, calls under way are answered, streams of changes end, and the memory is closed.
"""

import logging
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn
from mcp.server.subscriptions import ListenHandler

from ...domain.addresses import is_loopback
from ...domain.errors import ConfigError
from ...domain.settings import Settings
from ...storage.token_file import TokenFile
from ..api import MemoryApi
from ..app import assemble, open_memory
from ..changes import Changes
from ..engine import Engine
from ..logs import configure_logging
from ..stdio import leave
from .bearers import Bearers
from .site import site_of
from .watch import Watch, log_access

__all__ = ["WebServer", "check_reach", "serve_http"]

logger = logging.getLogger(__name__)

LAST_REPLIES_S = 40
"""How long calls under way are waited for at the end; the longest, `consolidate_memory`, takes 30 s."""
_MOST_REQUESTS = 1_000
"""Requests of all clients open at once; more are answered 503."""
_KEEP_ALIVE_S = 30


def serve_http(settings: Settings, load: Callable[[], MemoryApi] | None = None) -> None:
    """
    Serve over HTTP until SIGTERM or SIGINT.

    Args:
        settings: The settings of the memory, and where to listen.
        load: Opens the memory; default `Memoryos.open(settings)`.

    Raises:
        ConfigError: It would be reached from elsewhere without tokens, or cannot listen there.
    """
    configure_logging()
    log_access()
    check_reach(settings)
    with _socket_at(settings.http_host, settings.http_port) as listening:
        host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
        address = f"http://{host}:{listening.getsockname()[1]}/mcp"
        sys.stderr.write(f"memoryos-mcp: serving the Model Context Protocol at {address}\n")
        serving = WebServer(settings, load or partial(open_memory, settings))
        before = signal.signal(signal.SIGTERM, _stay)  # uvicorn raises it again when all is done: the end is orderly
        try:
            serving.run(sockets=[listening])
        finally:
            signal.signal(signal.SIGTERM, before)
    if serving.engine.loading:
        leave(0)  # ended before the memory was there: do not make the process wait for an import


def check_reach(settings: Settings) -> None:
    """
    Refuse to be reached from elsewhere without tokens.

    Raises:
        ConfigError: The address is not this machine's own and there is neither a token nor an OAuth server; or an
            OAuth server without an audience, whose tokens for any other service would be taken here.
    """
    if bool(settings.oauth_issuer) != bool(settings.oauth_audience):
        raise ConfigError("oauth_issuer and oauth_audience go together: set both, or neither")
    tokens = TokenFile(settings.token_path)
    if is_loopback(settings.http_host):
        if not (settings.oauth_issuer or tokens.exists):
            logger.warning(
                "no token exists: every program and user of this machine can read and write the memory of user %r; "
                "`memoryos-mcp token create USER` makes one, and from then on it is needed",
                settings.user_id,
            )
    elif not (settings.oauth_issuer or tokens.tokens()):
        raise ConfigError(
            f"http_host = {settings.http_host!r} can be reached from other machines, and no token exists: make one "
            "with `memoryos-mcp token create USER`, or set MEMORYOS_OAUTH_ISSUER, or listen on 127.0.0.1"
        )


class WebServer(uvicorn.Server):
    """
    The web server over one memory.

    Args:
        settings: The settings of the memory, its users' bounds and where they come from.
        load: Opens the memory.
    """

    def __init__(self, settings: Settings, load: Callable[[], MemoryApi]) -> None:
        changes, bearers, watch = Changes(settings.user_id), Bearers.of(settings), Watch()
        self.engine = Engine(load, changes.heard)
        self._server = assemble(self.engine, changes, settings, stateless=True, named_by_token=bearers.needed)
        self._server.middleware.insert(0, watch.middleware)
        super().__init__(
            uvicorn.Config(
                site_of(self._server, self.engine, settings, bearers, watch),
                log_config=None,
                access_log=False,
                ws="none",
                server_header=False,
                proxy_headers=False,
                limit_concurrency=_MOST_REQUESTS,
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=LAST_REPLIES_S,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams of changes, which nothing else would end, then do as uvicorn does."""
        entry = self._server._lowlevel_server.get_request_handler("subscriptions/listen")
        if entry is not None and isinstance(entry.handler, ListenHandler):
            entry.handler.close()
        await super().shutdown(sockets)


def _stay(number: int, frame: FrameType | None) -> None:
    pass


def _socket_at(host: str, port: int) -> socket.socket:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(2048)
        except BaseException:
            made.close()
            raise
    except OSError as exc:
        raise ConfigError(f"cannot listen on {host} port {port}: {exc}; choose others (--host, --port)") from exc
    return made
