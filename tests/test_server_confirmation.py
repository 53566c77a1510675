"""Forgetting for good is confirmed by a person where the client can ask one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitRequestParams, ElicitResult, ErrorData

from memoryos_mcp.server import build_server

from .server_clients import ERAS, Era, connected, settings_in, text_of
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio

Answer = Callable[[], ElicitResult]


class Person:
    """Answers every question the same way, and keeps the questions."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        assert isinstance(params, ElicitRequestFormParams)
        self.asked.append(params.message)
        return ElicitResult(**self.answer)


async def add(client: Client) -> None:
    """Add one page."""
    await client.call_tool("add_memory", {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"})


@pytest.mark.parametrize("era", ERAS)
async def test_a_person_who_agrees_gets_it_forgotten(era: Era) -> None:
    """Ours: the question says how much, and that it is for good."""
    person, memory = Person(action="accept", content={"ok": True}), DictMemory()
    async with connected(era, memory, elicitation_callback=person) as client:
        await add(client)
        result = await client.call_tool("forget_memory", {"everything": True, "dry_run": False})

    assert not result.is_error
    assert person.asked == ["Forget 1 in short_term of the memory of user 'default'? This cannot be undone."]
    assert memory.pages == {"default": []}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    "answer", [{"action": "decline"}, {"action": "cancel"}, {"action": "accept", "content": {"ok": False}}]
)
async def test_a_person_who_does_not_agree_keeps_everything(era: Era, answer: dict[str, Any]) -> None:
    """Ours: anything but a yes leaves memory as it was, and the model is told."""
    memory = DictMemory()
    async with connected(era, memory, elicitation_callback=Person(**answer)) as client:
        await add(client)
        result = await client.call_tool("forget_memory", {"everything": True, "dry_run": False})

    assert result.is_error
    assert "nothing was forgotten" in text_of(result)
    assert len(memory.pages["default"]) == 1


@pytest.mark.parametrize("era", ERAS)
async def test_a_dry_run_and_an_empty_selection_ask_nobody(era: Era) -> None:
    """Ours: a question with nothing at stake trains people to click yes."""
    person = Person(action="accept", content={"ok": True})
    async with connected(era, elicitation_callback=person) as client:
        nothing = await client.call_tool("forget_memory", {"everything": True, "dry_run": False})
        await add(client)
        await client.call_tool("forget_memory", {"everything": True})

    assert person.asked == []
    assert text_of(nothing) == "Nothing matches: there is nothing to forget."


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_cannot_ask_is_not_locked_out(era: Era) -> None:
    """The protocol's: asking a client without elicitation fails with -32021; its host has the destructive hint."""
    memory = DictMemory()
    async with connected(era, memory) as client:
        await add(client)
        result = await client.call_tool("forget_memory", {"page_ids": ["p1"], "dry_run": False})

    assert not result.is_error
    assert text_of(result) == "Forgotten: 1 in short_term of user 'default'."
    assert memory.pages == {"default": []}


async def test_a_client_that_fails_to_ask_forgets_nothing() -> None:
    """Ours: declared, but broken; the model is told, and nothing is gone."""

    async def broken(context: ClientRequestContext, params: ElicitRequestParams) -> ErrorData:
        return ErrorData(code=-32603, message="no window")

    memory = DictMemory()
    async with connected("legacy", memory, elicitation_callback=broken) as client:
        await add(client)
        result = await client.call_tool("forget_memory", {"everything": True, "dry_run": False})

    assert result.is_error
    assert text_of(result) == "the client could not ask (no window): nothing was forgotten"
    assert len(memory.pages["default"]) == 1


@pytest.mark.parametrize("era", ERAS)
async def test_an_answer_that_is_none_forgets_nothing(era: Era) -> None:
    """Ours: accepted, but without the yes that was asked for."""
    memory = DictMemory()
    person = Person(action="accept", content={"ok": "perhaps", "other": 1})
    async with connected(era, memory, elicitation_callback=person) as client:
        await add(client)
        result = await client.call_tool("forget_memory", {"everything": True, "dry_run": False})

    assert result.is_error
    assert len(memory.pages["default"]) == 1


async def test_a_call_without_a_client_asks_nobody() -> None:
    """Ours: a program may call a tool of the server object directly."""
    server = build_server(DictMemory, settings_in(Path("unused")))

    result = await server.call_tool("forget_memory", {"everything": True, "dry_run": False})

    assert isinstance(result, CallToolResult)
    assert text_of(result) == "Nothing matches: there is nothing to forget."


@pytest.mark.parametrize("era", ERAS)
async def test_an_unknown_id_is_told_before_anybody_is_asked(era: Era) -> None:
    """Ours: the question is made from a dry run, which refuses what the real one would."""
    person = Person(action="accept", content={"ok": True})
    async with connected(era, elicitation_callback=person) as client:
        result = await client.call_tool("forget_memory", {"page_ids": ["p9"], "dry_run": False})

    assert result.is_error
    assert "'p9'" in text_of(result)
    assert person.asked == []
