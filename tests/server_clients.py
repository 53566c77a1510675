"""Clients of both protocol eras over one server, for the server's tests."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from mcp import Client
from mcp.types import CallToolResult, TextContent, TextResourceContents

from memoryos_mcp.domain.settings import Settings, load_settings
from memoryos_mcp.server import build_server
from memoryos_mcp.server.api import MemoryApi

from .server_fakes import DictMemory

__all__ = ["ERAS", "Era", "body_of", "called", "connected", "refused", "settings_in", "text_of"]

Era = Literal["legacy", "auto"]
ERAS: tuple[Era, ...] = ("legacy", "auto")


def settings_in(folder: Path, **options: Any) -> Settings:
    """Return settings that read nothing of the environment."""
    return load_settings({"data_dir": folder, **options}, environ={})


@asynccontextmanager
async def connected(
    era: Era = "auto",
    memory: DictMemory | None = None,
    *,
    load: Callable[[], MemoryApi] | None = None,
    **options: Any,
) -> AsyncIterator[Client]:
    """Yield a client of *era* of a server over *memory* (or what *load* opens), in this process."""
    held = memory or DictMemory()
    server = build_server(load or (lambda: held), settings_in(Path("unused")))
    async with Client(server, mode=era, **options) as client:
        yield client


def text_of(result: CallToolResult) -> str:
    """Return the one text of a result."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def body_of(client: Client, uri: str) -> str:
    """Return the text of a resource."""
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "application/json"
    return content.text


async def called(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    """Return the structured result of a call that has to succeed."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, text_of(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refused(client: Client, name: str, **arguments: Any) -> str:
    """Return the text of a call that has to be refused."""
    result = await client.call_tool(name, arguments)
    assert result.is_error
    assert result.structured_content is None
    return text_of(result)
