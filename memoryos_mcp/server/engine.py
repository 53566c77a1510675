"""
The memory behind a server: loaded in a thread of its own, once, when first needed.

Loading imports chromadb and opens the store, which takes a second or more; the event loop never waits for it, and
calls that arrive meanwhile do. Does not know the protocol.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import TypeVar
from weakref import WeakValueDictionary

import anyio
import anyio.to_thread

from ..domain.errors import MemoryOSError
from .api import Listener, MemoryApi
from .caller import caller, memory_of_caller

__all__ = ["CALLS_AT_ONCE", "CALLS_OF_A_CALLER", "Engine"]

logger = logging.getLogger(__name__)

T = TypeVar("T")

_UNOPENED = "the memory could not be opened ({}): the cause is in the server's log (stderr); the next call tries again"

CALLS_AT_ONCE = 16
"""Calls that work in the memory at one time; more wait their turn, so that threads stay free for the transport."""

CALLS_OF_A_CALLER = 2
"""How many of them may be of one token's user: that user's calls wait for one another in the memory all the same."""


class Engine:
    """
    A memory that is opened at the first call (or `start`), and shared by all calls after it.

    Args:
        load: Opens the memory; slow; may raise. Called in a thread.
        listener: Hears of every change in the memory, from any thread.
    """

    def __init__(self, load: Callable[[], MemoryApi], listener: Listener | None = None) -> None:
        self._load = load
        self._listener = listener
        self._lock = threading.Lock()
        self._memory: Future[MemoryApi] | None = None
        self._thread: threading.Thread | None = None
        self._limiter = anyio.CapacityLimiter(CALLS_AT_ONCE)
        self._turns: WeakValueDictionary[str, anyio.Semaphore] = WeakValueDictionary()

    def start(self) -> Future[MemoryApi]:
        """Return the memory to come; begin loading unless it is loaded or being loaded. A failed load starts anew."""
        with self._lock:
            future = self._memory
            if future is None or (future.done() and future.exception() is not None):
                future = self._memory = Future()
                future.set_running_or_notify_cancel()
                self._thread = threading.Thread(target=self._run, args=(future,), name="memoryos-load", daemon=True)
                self._thread.start()
            return future

    async def call(self, function: Callable[[MemoryApi], T]) -> T:
        """
        Return what *function* makes of the caller's memory, in a worker thread; wait for the memory to load first.

        A call that is cancelled while it works runs to its end all the same.

        Raises:
            Exception: What loading or *function* raised.
        """
        memory = memory_of_caller(await asyncio.shield(asyncio.wrap_future(self.start())))
        async with self._turn_of(caller()):
            return await anyio.to_thread.run_sync(partial(function, memory), limiter=self._limiter)

    def _turn_of(self, user_id: str | None) -> AbstractAsyncContextManager[object]:
        """Return what a call of a token's user waits for: a slow user's calls do not take all places from others'."""
        if user_id is None:
            return nullcontext()
        turns = self._turns.get(user_id)
        if turns is None:
            turns = self._turns[user_id] = anyio.Semaphore(CALLS_OF_A_CALLER)
        return turns

    @property
    def loading(self) -> bool:
        """Whether a load is under way: then leaving the process in an orderly way would wait for an import."""
        return self._thread is not None and self._thread.is_alive()

    def close(self) -> None:
        """Close the memory if there is one (it drains within 2 s). One still loading is closed when it is there."""
        with self._lock:
            future, self._memory = self._memory, None
        if future is not None:
            future.add_done_callback(_close)

    def _run(self, future: Future[MemoryApi]) -> None:
        try:
            memory = self._load()
            if self._listener is not None:
                memory.subscribe(self._listener)
        except MemoryOSError as exc:
            logger.warning("the memory could not be opened; the next call tries again: %s", exc)
            future.set_exception(exc)
        except BaseException as exc:  # a thread's end: whatever it was, the calls that wait have to hear of it
            logger.exception("the memory could not be opened; the next call tries again")
            future.set_exception(MemoryOSError(_UNOPENED.format(type(exc).__name__)))
        else:
            future.set_result(memory)


def _close(future: Future[MemoryApi]) -> None:
    if future.exception() is None:
        future.result().close()
