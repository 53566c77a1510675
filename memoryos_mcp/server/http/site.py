"""The web application put together: the protocol at `/mcp`, and what stands around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from pydantic import AnyHttpUrl, ConfigDict, TypeAdapter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ...domain.settings import Settings
from ..engine import Engine
from .allowance import Allowance
from .bearers import Bearers
from .host_gate import HostGate, names_of
from .probes import Probes
from .watch import Watch

__all__ = ["site_of"]

_URL: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl, config=ConfigDict(url_preserve_empty_path=True))
"""A URL as it was written: a client compares the issuer's letter by letter, and a "/" at the end is one more."""

_LEAST_BODY = 4 * 1024 * 1024
_BYTES_A_CHARACTER = 6
"""As JSON writes one at its longest, but for those beyond the basic plane."""


def site_of(server: MCPServer, engine: Engine, settings: Settings, bearers: Bearers, watch: Watch) -> ASGIApp:
    """
    Return the application that serves *server* over HTTP, stateless and with JSON replies.

    Args:
        server: The protocol's server; its lifespan closes the memory.
        engine: The memory behind it.
        settings: Names, bounds and the OAuth server.
        bearers: Whose tokens are taken.
        watch: Sees every request.
    """
    manager = StreamableHTTPSessionManager(
        server._lowlevel_server, json_response=True, stateless=True, max_request_body_size=_longest_body(settings)
    )
    probes = Probes(engine, watch)
    allowance = Allowance(
        _PostOnly(StreamableHTTPASGIApp(manager)),
        per_minute=settings.http_requests_per_minute,
        connections=settings.http_connections,
    )
    metrics = Route("/metrics", probes.metrics, methods=["GET"])
    routes: list[BaseRoute] = [
        Route("/mcp", _Door(allowance, bearers, settings)),
        Route("/health", probes.health, methods=["GET"]),
        Route("/ready", probes.ready, methods=["GET"]),
        Route("/metrics", _Door(metrics.app, bearers, settings)),
    ]
    if settings.oauth_issuer:
        issuer, resource = _URL.validate_python(settings.oauth_issuer), _URL.validate_python(settings.oauth_audience)
        routes += create_protected_resource_routes(resource, [issuer], ["read", "write"], "MemoryOS")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with manager.run():
            engine.start()  # a server that was started is going to be used: the first call need not wait
            yield

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(HostGate, names_of(settings), everywhere=settings.http_host in ("0.0.0.0", "::")),
            Middleware(AuthenticationMiddleware, backend=BearerAuthBackend(bearers)),
            Middleware(AuthContextMiddleware),
        ],
    )
    return watch.around(app)


class _Door:
    """Lets in whoever shows a token that may read; and everybody, while none is needed."""

    def __init__(self, app: ASGIApp, bearers: Bearers, settings: Settings) -> None:
        self._app = app
        self._bearers = bearers
        metadata = (
            build_resource_metadata_url(_URL.validate_python(settings.oauth_audience))
            if settings.oauth_issuer
            else None
        )
        self._guarded = RequireAuthMiddleware(app, ["read"], metadata)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._guarded if self._bearers.needed else self._app
        await app(scope, receive, send)


class _PostOnly:
    """Nothing is ever sent on a stream that a stateless server opens for GET: it would only be held open."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse("Method Not Allowed", 405, headers={"Allow": "POST"})(scope, receive, send)


def _longest_body(settings: Settings) -> int:
    """Return the bytes of the longest request that may hold a page within its bounds."""
    characters = 2 * settings.max_text_chars + settings.max_metadata_chars
    return max(_LEAST_BODY, 2 * _BYTES_A_CHARACTER * characters)
