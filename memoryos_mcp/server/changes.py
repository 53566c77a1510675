"""
Telling clients that memory changed, in both protocol eras.

A modern client opens a `subscriptions/listen` stream, fed by a bus. A client of the handshake era hears
`list_changed` when readable pages or segments came or went, and `updated` for what it subscribed to. Changes are
heard from any thread and told on the event loop; those that arrive while one is being told are told together.
Whoever listens hears of one user: the one whom its token names, else the one of the settings.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import anyio
from mcp.server.connection import Connection
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourcesListChanged, ResourceUpdated, ServerEvent
from mcp.types import EmptyResult, SubscribeRequestParams, UnsubscribeRequestParams

from .caller import caller_or
from .resources import RESOURCES_OF

__all__ = ["Changes"]

_SUBSCRIBED = "memoryos.subscribed"
_LISTED = frozenset({"short_term", "mid_term"})
"""Tiers whose change makes other pages and segments readable, though the seven fixed resources stay."""


class Changes:
    """
    What changed and who is to hear of it.

    Args:
        user_id: Whose memory the resources speak of for a client without a token.
    """

    def __init__(self, user_id: str) -> None:
        self.bus = _BusOfUsers(user_id)
        self._user_id = user_id
        self._connections: dict[Connection, str] = {}
        self._changed: set[tuple[str, str]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = anyio.Event()

    def heard(self, user_id: str, what: str) -> None:
        """Take note of a change; from any thread, and without waiting."""
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop closed meanwhile: nobody is left to tell
                loop.call_soon_threadsafe(self._note, user_id, what)

    async def tell(self) -> None:
        """Tell clients of changes until cancelled."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                await self._wake.wait()
                self._wake = anyio.Event()
                changed, self._changed = self._changed, set()
                for user_id in {user_id for user_id, _ in changed}:
                    await self._publish(user_id, {what for whose, what in changed if whose == user_id})
        finally:
            self._loop = None

    def serve(self, lowlevel: Server[Any]) -> None:
        """Advertise and serve subscriptions of the handshake era on *lowlevel*; `middleware` has to be installed."""
        lowlevel.add_request_handler("resources/subscribe", SubscribeRequestParams, self._subscribe)
        lowlevel.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, self._unsubscribe)
        options = lowlevel.create_initialization_options

        def announcing(notification_options: NotificationOptions | None = None, *args: Any, **kwargs: Any) -> Any:
            """`initialize` says what is true of this server whichever transport builds its options."""
            return options(notification_options or NotificationOptions(resources_changed=True), *args, **kwargs)

        lowlevel.create_initialization_options = announcing  # type: ignore[method-assign]

    async def middleware(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Take a connection of the handshake era into account once it is initialized."""
        result = await call_next(ctx)
        if ctx.method == "notifications/initialized":
            connection = _connection(ctx)
            self._connections[connection] = caller_or(self._user_id)
            connection.exit_stack.callback(self._connections.pop, connection, None)
        return result

    def _note(self, user_id: str, what: str) -> None:
        if user_id in self.bus or user_id in self._connections.values():
            self._changed.add((user_id, what))
            self._wake.set()

    async def _publish(self, user_id: str, changed: set[str]) -> None:
        uris = sorted({uri for what in changed for uri in RESOURCES_OF[what]})
        listed = bool(changed & _LISTED)
        for uri in uris:
            await self.bus.publish_to(user_id, ResourceUpdated(uri=uri))
        if listed:
            await self.bus.publish_to(user_id, ResourcesListChanged())
        for connection in [connection for connection, whose in self._connections.items() if whose == user_id]:
            for uri in uris:
                if uri in _subscriptions_of(connection):
                    await connection.send_resource_updated(uri)
            if listed:
                await connection.send_resource_list_changed()

    async def _subscribe(self, ctx: ServerRequestContext[Any, Any], params: SubscribeRequestParams) -> EmptyResult:
        _subscriptions_of(_connection(ctx)).add(str(params.uri))
        return EmptyResult()

    async def _unsubscribe(self, ctx: ServerRequestContext[Any, Any], params: UnsubscribeRequestParams) -> EmptyResult:
        _subscriptions_of(_connection(ctx)).discard(str(params.uri))
        return EmptyResult()


class _BusOfUsers:
    """
    A `SubscriptionBus` for each user who listens; who subscribes is taken from the request under way.

    Args:
        user_id: Who subscribes where no token names anybody.
    """

    def __init__(self, user_id: str) -> None:
        self._user_id = user_id
        self._buses: dict[str, InMemorySubscriptionBus] = {}
        self._streams: Counter[str] = Counter()

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._buses

    async def publish(self, event: ServerEvent) -> None:
        """Tell the user of the settings: the SDK's own way, which names nobody."""
        await self.publish_to(self._user_id, event)

    async def publish_to(self, user_id: str, event: ServerEvent) -> None:
        """Tell one user's streams of *event*."""
        if user_id in self._buses:
            await self._buses[user_id].publish(event)

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        """Have *listener* told of the caller's changes; return what ends that, which may be called again."""
        user = caller_or(self._user_id)
        ending = ExitStack()
        ending.callback(self._leave, user)
        ending.callback(self._buses.setdefault(user, InMemorySubscriptionBus()).subscribe(listener))
        self._streams[user] += 1
        return ending.close

    def _leave(self, user: str) -> None:
        self._streams[user] -= 1
        if not self._streams[user]:
            del self._streams[user], self._buses[user]


def _connection(ctx: ServerRequestContext[Any, Any]) -> Connection:
    """mcp 2.3 hands a handler no public road to its connection, and a session lives for one request only."""
    return ctx.session._connection


def _subscriptions_of(connection: Connection) -> set[str]:
    subscribed: set[str] = connection.state.setdefault(_SUBSCRIBED, set())
    return subscribed
