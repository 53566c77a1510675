"""What the tools tell when the memory fails or cannot be opened, and what must not reach a log."""

import logging

import pytest

from memoryos_mcp.domain.errors import MemoryOSError, StoreUnavailableError

from .server_clients import called, connected, refused
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio

EXCHANGE = {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"}


async def test_a_failure_on_purpose_is_told_in_its_own_words() -> None:
    """Ours: the domain's errors name what was wrong and what to do."""
    async with connected(memory=DictMemory(broken=StoreUnavailableError("the store is locked; try again"))) as client:
        assert await refused(client, "memory_status") == "the store is locked; try again"


async def test_an_unforeseen_failure_tells_its_kind_alone_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Ours: a foreign message may quote texts or keys; the log of the server has it."""
    async with connected(memory=DictMemory(broken=RuntimeError("key sk-secret of anna"))) as client:
        text = await refused(client, "memory_status")

    assert "RuntimeError" in text
    assert "server's log" in text
    assert "sk-secret" not in text
    assert [record.levelname for record in caplog.records if "sk-secret" in (record.exc_text or "")] == ["ERROR"]


async def test_what_a_caller_sent_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Regression: the SDK logs the text of a refused call at INFO, and the text quotes the value."""
    caplog.set_level(logging.INFO)
    async with connected() as client:
        await refused(client, "add_memory", **EXCHANGE, timestamp="private words")
        await called(client, "add_memory", **EXCHANGE)

    assert "private words" not in caplog.text
    assert "Oslo" not in caplog.text


async def test_a_load_failure_is_told_and_the_next_call_tries_again() -> None:
    """Ours: a store that is locked now may be free at the next call; the server need not be restarted."""
    outcomes: list[MemoryOSError | DictMemory] = [StoreUnavailableError("the folder is locked"), DictMemory()]

    def load() -> DictMemory:
        outcome = outcomes.pop(0)
        if isinstance(outcome, MemoryOSError):
            raise outcome
        return outcome

    async with connected(load=load) as client:
        assert await refused(client, "memory_status") == "the folder is locked"
        assert (await called(client, "memory_status"))["pending"] == 0


async def test_an_unforeseen_load_failure_names_its_kind_and_the_way_out(caplog: pytest.LogCaptureFixture) -> None:
    """Ours: the model reads why memory is not there; the traceback is in the log."""

    def load() -> DictMemory:
        raise ImportError("no module named something")

    async with connected(load=load) as client:
        text = await refused(client, "add_memory", **EXCHANGE)

    assert "the memory could not be opened (ImportError)" in text
    assert "the next call tries again" in text
    assert "no module named something" in caplog.text
