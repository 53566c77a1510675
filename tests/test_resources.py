"""The nine resources and the completion of their ids."""

import json
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import PromptReference, ResourceTemplateReference

from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.server.views import RECALLED

from .server_clients import ERAS, Era, body_of, connected
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio


async def read(client: Client, uri: str) -> dict[str, Any]:
    """Return the JSON body of a resource."""
    body = json.loads(await body_of(client, uri))
    assert isinstance(body, dict)
    return body


async def filled(client: Client) -> None:
    """Five pages, of which three stay in short-term memory, and two facts."""
    for number in range(1, 6):
        await client.call_tool("add_memory", {"user_input": f"Message {number}", "agent_response": f"Answer {number}"})
    await client.call_tool("remember_fact", {"fact": "Likes tea.", "about": "user"})
    await client.call_tool("remember_fact", {"fact": "Promised a recipe.", "about": "assistant"})


@pytest.mark.parametrize("era", ERAS)
async def test_each_tier_can_be_read(era: Era) -> None:
    """Ours: what the tools tell of a tier stands in its resource, under the same names."""
    async with connected(era) as client:
        await filled(client)
        short = await read(client, "memory://short-term")
        mid = await read(client, "memory://mid-term")
        profile = await read(client, "memory://long-term/profile")
        user = await read(client, "memory://long-term/user-knowledge")
        assistant = await read(client, "memory://long-term/assistant-knowledge")

    assert [page["page_id"] for page in short["pages"]] == ["p3", "p4", "p5"]
    assert (mid["total"], mid["segments"][0]["id"], mid["segments"][0]["pages"]) == (1, "s1", 2)
    assert profile["static"][0]["value"] == "Oslo"
    assert profile["traits"][0]["dimension"] == "Openness"
    assert "user_knowledge" not in profile
    assert [fact["fact"] for fact in user["facts"]] == ["Likes tea."]
    assert [fact["fact"] for fact in assistant["facts"]] == ["Promised a recipe."]
    assert all(body["notice"] == RECALLED for body in (short, mid, profile, user, assistant))


async def test_a_segment_and_a_page_can_be_read_by_id() -> None:
    """Ours: the ids that results show lead to the whole."""
    async with connected() as client:
        await filled(client)
        segment = await read(client, "memory://mid-term/s1")
        page = await read(client, "memory://pages/p5")

    assert [item["page_id"] for item in segment["pages"]] == ["p1", "p2"]
    assert (page["user_input"], page["tier"], page["chain_id"]) == ("Message 5", "short_term", "c1")


async def test_status_is_the_tools_status() -> None:
    """Ours: two ways to one answer."""
    async with connected() as client:
        await filled(client)
        status = await client.call_tool("memory_status", {})

        assert await read(client, "memory://status") == status.structured_content


async def test_config_shows_every_setting_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a key is told as set, never shown."""
    async with connected() as client:
        config = await read(client, "memory://config")

    assert config["short_term_capacity"] == 10
    assert config["openai_api_key"] is None


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    "uri", ["memory://pages/p99", "memory://mid-term/s9", "memory://nowhere", "memory://pages/..%2f"]
)
async def test_an_unknown_resource_is_told_with_its_uri(era: Era, uri: str) -> None:
    """The protocol's (SEP-2164): -32602, and the uri in the error's data."""
    async with connected(era) as client:
        with pytest.raises(MCPError) as caught:
            await client.read_resource(uri)

    assert caught.value.error.code == -32602
    assert caught.value.error.data == {"uri": uri}


async def test_a_failing_memory_is_told_in_its_own_words() -> None:
    """Ours: as with the tools."""
    async with connected(memory=DictMemory(broken=StoreUnavailableError("the store is locked"))) as client:
        with pytest.raises(MCPError, match="the store is locked"):
            await client.read_resource("memory://status")


async def test_an_unforeseen_failure_tells_its_kind_alone() -> None:
    """Ours: as with the tools."""
    async with connected(memory=DictMemory(broken=RuntimeError("sk-secret"))) as client:
        with pytest.raises(MCPError, match="RuntimeError") as caught:
            await client.read_resource("memory://pages/p1")

    assert "sk-secret" not in str(caught.value)


async def complete(client: Client, uri: str, name: str, value: str) -> list[str]:
    """Return the values offered for an argument of a template."""
    ref = ResourceTemplateReference(type="ref/resource", uri=uri)
    completion = (await client.complete(ref, {"name": name, "value": value})).completion
    assert completion.has_more in (False, None)
    return completion.values


@pytest.mark.parametrize("era", ERAS)
async def test_ids_are_completed_from_what_is_in_memory(era: Era) -> None:
    """The protocol's: a host offers them while a person types."""
    async with connected(era) as client:
        await filled(client)
        segments = await complete(client, "memory://mid-term/{segment_id}", "segment_id", "")
        pages = await complete(client, "memory://pages/{page_id}", "page_id", "p")
        none = await complete(client, "memory://pages/{page_id}", "page_id", "x")
        other = await complete(client, "memory://pages/{page_id}", "other", "")

    assert segments == ["s1"]
    assert pages == ["p5", "p4", "p3", "p2", "p1"]
    assert none == other == []


async def test_a_prompts_argument_has_no_completion() -> None:
    """Ours: prompts take free text."""
    async with connected() as client:
        ref = PromptReference(type="ref/prompt", name="respond_with_memory")
        assert (await client.complete(ref, {"name": "style", "value": "w"})).completion.values == []


async def test_more_ids_than_the_protocol_allows_are_cut() -> None:
    """The protocol's: at most 100 values, and has_more says that there are others."""
    async with connected() as client:
        for number in range(101):
            await client.call_tool("add_memory", {"user_input": f"Message {number}", "agent_response": "ok"})
        ref = ResourceTemplateReference(type="ref/resource", uri="memory://pages/{page_id}")
        completion = (await client.complete(ref, {"name": "page_id", "value": ""})).completion

    assert (len(completion.values), completion.total, completion.has_more) == (100, 101, True)


async def test_completion_over_a_failing_memory_is_an_error_not_a_crash() -> None:
    """Ours: as with the tools."""
    async with connected(memory=DictMemory(broken=StoreUnavailableError("the store is locked"))) as client:
        ref = ResourceTemplateReference(type="ref/resource", uri="memory://pages/{page_id}")
        with pytest.raises(MCPError, match="the store is locked"):
            await client.complete(ref, {"name": "page_id", "value": ""})
