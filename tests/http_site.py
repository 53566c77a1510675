"""A memory served over real HTTP in this process, and the official client with a token."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from memoryos_mcp.domain.settings import Settings
from memoryos_mcp.server.http.listening import WebServer
from memoryos_mcp.storage.token_file import Scope, TokenFile

from .server_clients import Era, settings_in
from .server_fakes import DictMemory

__all__ = ["EXCHANGE", "Site", "as_user", "rpc", "served"]

PATIENCE_S = 20.0
EXCHANGE = {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"}


@dataclass
class Site:
    """Where it is served, its tokens and the memory behind it."""

    url: str
    settings: Settings
    tokens: TokenFile
    memory: DictMemory
    server: WebServer

    def token(self, user_id: str, scope: Scope = "write") -> str:
        """Return the text of a new token."""
        return self.tokens.create(user_id, scope=scope)[1]

    async def request(self, method: str, path: str, *, token: str = "", **options: Any) -> httpx2.Response:
        """Return the answer to a bare request."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        async with httpx2.AsyncClient(base_url=self.url, timeout=PATIENCE_S) as client:
            return await client.request(method, path, headers=headers, **options)


@asynccontextmanager
async def served(
    folder: Path, memory: DictMemory | None = None, *, listening: socket.socket | None = None, **options: Any
) -> AsyncIterator[Site]:
    """Yield a site on *listening*, else on a free port of this machine; it takes requests from the start."""
    held = memory or DictMemory()
    settings = held.settings = settings_in(folder, **options)
    with listening or socket.create_server(("127.0.0.1", 0)) as bound:
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        server = WebServer(settings, lambda: held)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [bound])
            try:
                yield Site(url, settings, TokenFile(settings.token_path), held, server)
            finally:
                server.should_exit = True


@asynccontextmanager
async def as_user(site: Site, token: str = "", era: Era = "auto", **options: Any) -> AsyncIterator[Client]:
    """Yield the official client of *era*, which shows *token*."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=PATIENCE_S) as http,
        Client(streamable_http_client(f"{site.url}/mcp", http_client=http), mode=era, **options) as client,
    ):
        yield client


def rpc(name: str, **arguments: Any) -> dict[str, Any]:
    """Return what `Site.request` takes to call a tool in the handshake era, which needs no handshake when stateless."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    return {"json": body, "headers": {"Accept": "application/json, text/event-stream"}}
