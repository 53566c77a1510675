"""
Serving over stdin and stdout, with no request left without an answer.

The SDK's transport keeps stdout for the protocol (what a dependency prints goes to stderr). What it does not do is
done here: a line it cannot read is mended or answered with an error, where it would be dropped; requests under way when
stdin ends are answered before the server leaves; the memory starts to load once the first reply is out; and SIGTERM
or SIGHUP closes the memory first.
"""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import NoReturn

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from mcp.server import MCPServer
from mcp.server.stdio import stdio_server
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from mcp.types import (
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)

from .engine import Engine
from .mending import mend

__all__ = ["leave", "serve_stdio"]

logger = logging.getLogger(__name__)

FIRST_REPLY_HEAD_START_S = 0.02
"""Between handing the first reply to the writer and loading: imports hold the interpreter, and would hold it up."""

LAST_REPLIES_S = 10.0
"""How long requests under way are waited for once stdin ended; hosts end the process sooner if they mind."""

_STREAMS = frozenset({"subscriptions/listen"})
"""Requests that are answered only when their stream ends."""


async def serve_stdio(server: MCPServer, engine: Engine) -> None:
    """Serve *server* until stdin ends. The memory is closed by the server's lifespan, or here at a signal."""
    _leave_on_signals(engine)
    lowlevel = server._lowlevel_server
    async with stdio_server() as (read, write):
        start = _EarlyStart(engine)
        replies = _Replies(write, start.soon)
        send, receive = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_relay, read, send, replies, start.call_off)
                await lowlevel.run(receive, replies, lowlevel.create_initialization_options())
                tasks.cancel_scope.cancel()
        except BaseException as exc:  # noqa: BLE001 - the client stopped reading, or worse: nothing can be answered
            logger.error("serving ended early (%s); the memory is closed", type(exc).__name__)  # noqa: TRY400
            leave(1)  # stdin is still open: going on up would wait for a line from the client


class _Replies:
    """The stream of messages to the client, which knows what is still owed."""

    def __init__(self, stream: WriteStream[SessionMessage], on_first: Callable[[], None]) -> None:
        self._stream = stream
        self._on_first: Callable[[], None] | None = on_first
        self._owed: set[RequestId] = set()
        self._settled = anyio.Event()

    def expect(self, message: JSONRPCMessage) -> None:
        """Take note of a request that has to be answered, or of one that was given up."""
        if isinstance(message, JSONRPCRequest) and message.method not in _STREAMS:
            self._owed.add(message.id)
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            given_up = (message.params or {}).get("requestId")
            if isinstance(given_up, int | str):  # anything may stand there
                self._owed.discard(given_up)
            self._settled.set()

    async def settled(self) -> None:
        """Wait until every request taken note of has been answered."""
        while self._owed:
            self._settled = anyio.Event()
            await self._settled.wait()

    async def send(self, item: SessionMessage, /) -> None:
        """Hand a message to the writer; return once it took it."""
        await self._stream.send(item)
        message = item.message
        if isinstance(message, JSONRPCResponse | JSONRPCError):
            if message.id is not None:
                self._owed.discard(message.id)
            self._settled.set()
            on_first, self._on_first = self._on_first, None
            if on_first is not None:
                on_first()

    async def aclose(self) -> None:
        """Close the stream to the client."""
        await self._stream.aclose()

    async def __aenter__(self) -> "_Replies":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        await self.aclose()
        return None


async def _relay(
    read: ReadStream[SessionMessage | Exception],
    send: MemoryObjectSendStream[SessionMessage | Exception],
    replies: _Replies,
    left: Callable[[], None],
) -> None:
    """Hand on what the client sends, mended where need be, and its end once all is answered; call *left* at the end."""
    async with send:
        async for item in read:
            messages, errors = mend(item)
            for error in errors:
                await replies.send(SessionMessage(error))
            for message in messages:
                replies.expect(message.message)
                await send.send(message)
        left()
        with anyio.move_on_after(LAST_REPLIES_S):
            await replies.settled()


class _EarlyStart:
    """Loading the memory before a call needs it: a moment after the first reply, if the client is still there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._timer: asyncio.TimerHandle | None = None
        self._called_off = False

    def soon(self) -> None:
        """Begin to load a moment later."""
        if not self._called_off:
            self._timer = asyncio.get_running_loop().call_later(FIRST_REPLY_HEAD_START_S, self._engine.start)

    def call_off(self) -> None:
        """Do not begin: the memory that a call needed may be closed by then, and would be opened again for nobody."""
        self._called_off = True
        if self._timer is not None:
            self._timer.cancel()


def _leave_on_signals(engine: Engine) -> None:
    """
    At SIGTERM, SIGINT or SIGHUP (a terminal or session that ends) close the memory and end the process.

    An orderly end is out of reach: a thread sits in a read of stdin that nothing but the client can end. The handler
    only starts a thread, since it may have interrupted code that holds a lock.
    """

    def on_signal(number: int, frame: FrameType | None) -> None:
        status = 0 if number == signal.SIGTERM else 128 + number
        threading.Thread(target=_close_and_leave, args=(engine, status), name="memoryos-leave", daemon=True).start()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
        signal.signal(signal.SIGHUP, on_signal)


def _close_and_leave(engine: Engine, status: int) -> None:
    try:
        engine.close()
    finally:
        leave(status)


def leave(status: int) -> NoReturn:
    """End the process now with *status*, logs written, without waiting for threads."""
    logging.shutdown()
    os._exit(status)
