"""
The thread that a model's requests run in, so that synchronous and asynchronous callers share one client.

Requests are asynchronous inside: that is what makes a wait bounded as a whole, retries and slow bodies included, and
what lets `close` break off one that is under way, since the worker has 2 s to end.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

__all__ = ["Bridge"]

T = TypeVar("T")

_CLOSE_S = 2.0


class Bridge:
    """
    An event loop in a daemon thread of its own, started by the first `submit`.

    Args:
        cleanup: Awaited in the loop when it ends.
    """

    def __init__(self, cleanup: Callable[[], Awaitable[None]]) -> None:
        self._cleanup = cleanup
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._ended: asyncio.Event
        self.closed = False

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """
        Run *work* in the loop and return its future; cancelling that cancels the work.

        Raises:
            RuntimeError: The bridge is closed.
        """
        with self._lock:
            if self.closed:
                work.close()
                raise RuntimeError("closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="memoryos-llm", daemon=True)
                self._thread.start()
                self._ready.wait()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Cancel what is under way and end the thread, waiting at most 2 s. Idempotent."""
        with self._lock:
            self.closed = True
            thread = self._thread
        if thread is not None and thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            thread.join(_CLOSE_S)

    def _run(self) -> None:
        asyncio.run(self._run_loop())

    async def _run_loop(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._ended.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._cleanup()
