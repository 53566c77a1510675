"""
Methods that belong to a part: written once, with its signature and its documentation, and called on the whole.

    class Memoryos:
        add_memory = delegated(Memoryos.remembering, Remembering.add_memory)

Type checkers see the part's signature without its `self`.
"""

from collections.abc import Callable, Coroutine
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import anyio.to_thread

__all__ = ["awaited", "delegated"]

Whole = TypeVar("Whole")
Part = TypeVar("Part")
P = ParamSpec("P")
T = TypeVar("T")


def delegated(
    part: Callable[[Whole], Part], method: Callable[Concatenate[Part, P], T]
) -> Callable[Concatenate[Whole, P], T]:
    """Return *method* as a method of the whole whose *part* it is called on."""

    @wraps(method)
    def call(whole: Whole, /, *arguments: P.args, **options: P.kwargs) -> T:
        return method(part(whole), *arguments, **options)

    return call


def awaited(
    whole: Callable[[Whole], Part], method: Callable[Concatenate[Part, P], T]
) -> Callable[Concatenate[Whole, P], Coroutine[Any, Any, T]]:
    """
    Return *method* as one that is awaited: it runs in a worker thread.

    A call that is cancelled while it runs still finishes in its thread: what it was to store is stored.
    """

    @wraps(method)
    async def call(outer: Whole, /, *arguments: P.args, **options: P.kwargs) -> T:
        return await anyio.to_thread.run_sync(partial(method, whole(outer), *arguments, **options))

    return call
