"""Erasing without ids needs a dry run where nobody can be asked; a pinned server knows one user; new ones are named."""

from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from memoryos_mcp.server import build_server
from memoryos_mcp.server.dry_runs import DryRuns

from .server_clients import ERAS, Era, called, connected, refused, settings_in
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio

EXCHANGE = {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"}
ALL: dict[str, Any] = {"everything": True}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("selection", [ALL, {"before": "2099-01-01"}])
@pytest.mark.parametrize("confirm", [{}, {"confirm": ""}, {"confirm": "yes"}])
async def test_everything_is_not_erased_without_a_dry_run(
    era: Era, selection: dict[str, Any], confirm: dict[str, str]
) -> None:
    """Regression: one call of a model erased a user's memory; a date ahead is everything too."""
    memory = DictMemory()
    async with connected(era, memory) as client:
        await called(client, "add_memory", **EXCHANGE, user_id="anna")
        told = await refused(client, "forget_memory", **selection, **confirm, dry_run=False, user_id="anna")

    assert "nothing was forgotten" in told
    assert "dry_run true" in told
    assert len(memory.pages["anna"]) == 1


@pytest.mark.parametrize("era", ERAS)
async def test_the_token_of_the_dry_run_lets_the_same_call_through_once(era: Era) -> None:
    """Ours: a user left out and the setting's user are the same; a used token is worth nothing."""
    memory = DictMemory()
    async with connected(era, memory) as client:
        await called(client, "add_memory", **EXCHANGE)
        token = (await called(client, "forget_memory", **ALL, user_id="default"))["confirm"]
        gone = await called(client, "forget_memory", **ALL, dry_run=False, confirm=token)
        await called(client, "add_memory", **EXCHANGE)
        await refused(client, "forget_memory", **ALL, dry_run=False, confirm=token)

    assert gone["page_ids"] == ["p1"]
    assert "confirm" not in gone
    assert len(memory.pages["default"]) == 1


@pytest.mark.parametrize("other", [{"user_id": "ben", **ALL}, {"before": "2099-01-01"}, {**ALL, "fact_ids": ["f1"]}])
async def test_a_token_serves_neither_another_user_nor_another_selection(other: dict[str, Any]) -> None:
    """Ours: who agreed to one thing did not agree to another."""
    memory = DictMemory()
    async with connected(memory=memory) as client:
        for user_id in ("default", "ben"):
            await called(client, "add_memory", **EXCHANGE, user_id=user_id)
        token = (await called(client, "forget_memory", **ALL))["confirm"]
        await refused(client, "forget_memory", **other, dry_run=False, confirm=token)

    assert [len(pages) for pages in memory.pages.values()] == [1, 1]


async def test_what_ids_name_needs_no_token() -> None:
    """Ours: the call itself says what it takes, and its host asks in its own way."""
    async with connected() as client:
        await called(client, "add_memory", **EXCHANGE)
        dry = await called(client, "forget_memory", page_ids=["p1"])
        gone = await called(client, "forget_memory", page_ids=["p1"], dry_run=False)

    assert "confirm" not in dry
    assert gone["page_ids"] == ["p1"]


async def test_a_token_is_short_lived_and_few_are_held() -> None:
    """Ours: an agreement of this morning is none; a loop of dry runs fills no memory."""
    now = 0.0
    runs = DryRuns("default", clock=lambda: now)
    late, early = runs.token(ALL), runs.token(ALL)

    assert runs.spend({**ALL, "confirm": early})
    now = 60 * DryRuns.MINUTES + 1
    assert not runs.spend({**ALL, "confirm": late})
    first = runs.token(ALL)
    for _ in range(DryRuns.MOST):
        runs.token(ALL)
    assert not runs.spend({**ALL, "confirm": first})


def pinned(memory: DictMemory) -> Client:
    """Return a client of a server that serves one user only."""
    return Client(build_server(lambda: memory, settings_in(Path("unused"), pin_user=True)))


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("add_memory", EXCHANGE),
        ("retrieve_context", {"query": "Oslo"}),
        ("get_user_profile", {}),
        ("remember_fact", {"fact": "Lives in Oslo.", "about": "user"}),
        ("forget_memory", ALL),
        ("consolidate_memory", {}),
        ("memory_status", {}),
    ],
)
async def test_a_pinned_server_refuses_every_other_user(tool: str, arguments: dict[str, Any]) -> None:
    """Ours: `MEMORYOS_PIN_USER`; the setting's own name stays usable."""
    memory = DictMemory()
    async with pinned(memory) as client:
        told = await refused(client, tool, **arguments, user_id="anna")
        await called(client, tool, **arguments, user_id="default")

    assert "'anna'" in told
    assert "leave user_id out" in told
    assert "anna" not in memory.pages


async def test_a_made_up_user_that_begins_a_memory_is_named_once() -> None:
    """Ours: a model that invents a user hears of it at once; the setting's user and known ones are nothing new."""
    async with connected() as client:
        texts = []
        for user_id in (None, "Anna", "Anna", "default"):
            result = await client.call_tool("add_memory", {**EXCHANGE, "timestamp": None, "user_id": user_id})
            texts.append(str(result.content[0]))
        other = await client.call_tool("remember_fact", {"fact": "Likes tea.", "about": "user", "user_id": "ben"})

    assert ["new memory" in text for text in texts] == [False, True, False, False]
    assert "'Anna'" in texts[1]
    assert "new memory, of user 'ben'" in str(other.content[0])
