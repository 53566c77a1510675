"""Clients of both eras hear that memory changed."""

import anyio
import pytest
from mcp import Client
from mcp.client.subscriptions import ResourcesListChanged, ResourceUpdated
from mcp.types import ResourceListChangedNotification, ResourceUpdatedNotification

from memoryos_mcp.server.changes import Changes

from .server_clients import connected
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio

SUBSCRIBING = pytest.mark.filterwarnings("ignore:resources/:mcp.shared.exceptions.MCPDeprecationWarning")
"""The official client warns of what only the handshake era has; that era is served all the same."""


class Ears:
    """What a client of the handshake era heard, as uris; "list" for a changed list."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._news = anyio.Event()

    async def __call__(self, message: object) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            self.heard.append(str(message.params.uri))
        elif isinstance(message, ResourceListChangedNotification):
            self.heard.append("list")
        self._news.set()

    async def wait_for(self, what: str) -> None:
        """Wait until *what* was heard, at most 5 s."""
        with anyio.fail_after(5):
            while what not in self.heard:
                await self._news.wait()
                self._news = anyio.Event()


async def add(client: Client, user_id: str | None = None) -> None:
    """Add one page."""
    await client.call_tool("add_memory", {"user_input": "Hello", "agent_response": "Hi", "user_id": user_id})


async def test_a_listening_client_hears_of_what_it_asked_for() -> None:
    """The protocol's, 2026-07-28: events come on the stream a client opened, and no others."""
    async with (
        connected() as client,
        client.listen(resources_list_changed=True, resource_subscriptions=["memory://short-term"]) as stream,
    ):
        await add(client)
        with anyio.fail_after(5):
            events = [await anext(stream), await anext(stream)]

    assert ResourceUpdated(uri="memory://short-term") in events
    assert ResourcesListChanged() in events


async def test_a_client_of_the_handshake_era_hears_that_pages_came() -> None:
    """The protocol's, up to 2025-11-25: list_changed needs no subscription."""
    ears = Ears()
    async with connected("legacy", message_handler=ears) as client:
        await add(client)
        await ears.wait_for("list")

    assert ears.heard == ["list"]


@SUBSCRIBING
async def test_a_client_of_the_handshake_era_hears_of_what_it_subscribed_to() -> None:
    """The protocol's, up to 2025-11-25: updated goes to subscribers, until they unsubscribe."""
    ears = Ears()
    async with connected("legacy", message_handler=ears) as client:
        await client.subscribe_resource("memory://long-term/profile")
        await client.subscribe_resource("memory://short-term")
        await client.unsubscribe_resource("memory://short-term")
        await client.call_tool("remember_fact", {"fact": "Likes tea.", "about": "user"})
        await ears.wait_for("memory://long-term/profile")
        await add(client)
        await ears.wait_for("list")

    assert ears.heard == ["memory://long-term/profile", "list"]


@SUBSCRIBING
async def test_another_users_change_is_nobodys_business() -> None:
    """Ours: resources speak of the user of the settings, and one user's activity is not shown to another."""
    ears = Ears()
    async with connected("legacy", message_handler=ears) as client:
        await client.subscribe_resource("memory://short-term")
        await add(client, user_id="anna")
        await client.call_tool("remember_fact", {"fact": "Likes tea.", "about": "user", "user_id": "anna"})
        await add(client)
        await ears.wait_for("memory://short-term")
        await ears.wait_for("list")

    assert ears.heard == ["memory://short-term", "list"]


async def test_changes_with_no_server_to_tell_them_are_dropped() -> None:
    """Ours: the worker's last words at shutdown reach nobody and harm nothing."""
    changes = Changes("default")

    changes.heard("default", "mid_term")


async def test_the_server_listens_to_the_memory_it_opened() -> None:
    """Ours: one listener for each memory that was loaded."""
    memory = DictMemory()
    async with connected(memory=memory) as client:
        await client.call_tool("memory_status", {})
        assert len(memory.listeners) == 1
