"""The memory loads once, behind the event loop's back, and calls wait for it."""

import asyncio
import threading
from collections.abc import Callable

import anyio
import pytest
from mcp.server.auth.middleware.auth_context import auth_context_var
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from memoryos_mcp.domain.errors import MemoryOSError, StoreError
from memoryos_mcp.server.api import MemoryApi
from memoryos_mcp.server.engine import CALLS_AT_ONCE, Engine

from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio


async def test_calls_that_arrive_while_it_loads_share_one_load() -> None:
    """Ours: several calls at start-up open one store."""
    gate, loads = threading.Event(), []

    def load() -> DictMemory:
        loads.append(1)
        gate.wait(5)
        return DictMemory()

    engine = Engine(load)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(engine.call, lambda memory: memory.status())
            await anyio.lowlevel.checkpoint()
            assert engine.loading
            gate.set()

    assert loads == [1]


async def test_a_call_that_is_given_up_does_not_stop_the_load() -> None:
    """The protocol's: a client may cancel its first call; the next one finds the memory there."""
    gate, memory = threading.Event(), DictMemory()

    def load() -> DictMemory:
        gate.wait(5)
        return memory

    engine = Engine(load)
    with anyio.move_on_after(0.01) as scope:
        await engine.call(lambda memory: memory.status())
    gate.set()
    with anyio.fail_after(5):
        status = await engine.call(lambda memory: memory.status())

    assert scope.cancelled_caught
    assert status.user_id == "default"


async def test_every_waiting_call_hears_of_a_failed_load_and_the_next_tries_again() -> None:
    """Ours: a failure is an answer, not a state to be stuck in."""
    gate, outcomes = threading.Event(), [StoreError("locked"), None]

    def load() -> DictMemory:
        gate.wait(5)
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome
        return DictMemory()

    engine = Engine(load)
    heard: list[str] = []

    async def call() -> None:
        try:
            await engine.call(lambda memory: memory.status())
        except MemoryOSError as exc:
            heard.append(str(exc))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            tasks.start_soon(call)
            await anyio.lowlevel.checkpoint()
            gate.set()
        await engine.call(lambda memory: memory.status())

    assert heard == ["locked", "locked"]
    assert outcomes == []


async def test_closing_closes_the_memory_and_a_later_call_opens_another() -> None:
    """Ours: a server that is connected to again works again."""
    memories = [DictMemory(), DictMemory()]
    opened = list(memories)
    engine = Engine(lambda: opened.pop(0))
    await engine.call(lambda memory: memory.status())

    engine.close()
    await engine.call(lambda memory: memory.status())

    assert [memory.closed for memory in memories] == [True, False]
    assert opened == []


async def test_a_memory_that_arrives_after_closing_is_closed_then() -> None:
    """Ours: closing does not wait for an import, and leaves nothing open."""
    gate, memory = threading.Event(), DictMemory()

    def load() -> DictMemory:
        gate.wait(5)
        return memory

    engine = Engine(load)
    future = engine.start()
    engine.close()
    assert not memory.closed
    gate.set()
    with anyio.fail_after(5):
        await asyncio.wrap_future(future)

    assert memory.closed


def test_closing_what_was_never_opened_is_nothing() -> None:
    """Ours: a host that only lists tools leaves no trace."""
    Engine(DictMemory).close()


async def test_a_slow_users_calls_leave_room_for_others() -> None:
    """Ours: however many calls one token's user sends, and however long each takes, another's is answered."""
    gate, memory = threading.Event(), DictMemory()
    engine = Engine(lambda: memory)

    async def call_as(user_id: str, work: Callable[[MemoryApi], object]) -> None:
        token = AccessToken(token="t", client_id="c", scopes=[], subject=user_id)
        reset = auth_context_var.set(AuthenticatedUser(token))
        try:
            await engine.call(work)
        finally:
            auth_context_var.reset(reset)

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for _ in range(2 * CALLS_AT_ONCE):
                tasks.start_soon(call_as, "anna", lambda memory: gate.wait(20))
            await anyio.wait_all_tasks_blocked()
            await call_as("ben", lambda memory: memory.status())
            assert not gate.is_set()
            gate.set()
