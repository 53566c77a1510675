"""
Closing what is still open when the interpreter ends: a script that forgets `close` ends quietly all the same.

A daemon thread that is inside Chroma while the interpreter goes crashes the process. Nothing is kept alive for it.
"""

import atexit
import logging
import os
import weakref
from collections.abc import Callable
from functools import partial
from typing import Protocol

from ..domain.errors import MemoryOSError

__all__ = ["close_at_exit", "leave_if_open"]

logger = logging.getLogger(__name__)


class _Leaving(Protocol):
    """Something open. It is left from the main thread, in the process that opened it, when the interpreter ends."""

    def leave(self) -> None: ...


def close_at_exit(memory: _Leaving) -> Callable[[], None]:
    """Have *memory* left when the interpreter ends, if it is there then; return what takes that back."""
    action = partial(leave_if_open, weakref.ref(memory), os.getpid())
    atexit.register(action)
    return partial(atexit.unregister, action)


def leave_if_open(reference: "weakref.ref[_Leaving]", process: int) -> None:
    """Have what is referred to left, if it is there still and this is the process that opened it."""
    memory = reference()
    if memory is None or os.getpid() != process:  # a forked child has the object, but not its thread
        return
    try:
        memory.leave()
    except MemoryOSError as exc:
        logger.warning("the memory was not closed in order; what was stored is stored: %s", exc)
