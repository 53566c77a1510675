"""The two prompts, through a client and as plain text."""

from datetime import datetime, timezone

import pytest
from mcp import Client, MCPError
from mcp.types import TextContent

from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.domain.records import Page
from memoryos_mcp.generation.prompts import consolidation_prompt

from .server_clients import ERAS, Era, connected
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio

SAID = datetime(2026, 5, 8, 13, 56, tzinfo=timezone.utc)


async def prompted(client: Client, name: str, **arguments: str) -> str:
    """Return the one message of a prompt."""
    (message,) = (await client.get_prompt(name, arguments)).messages
    assert isinstance(message.content, TextContent)
    assert message.role == "user"
    return message.content.text


@pytest.mark.parametrize("era", ERAS)
async def test_the_response_prompt_hands_over_all_of_the_papers_response_step(era: Era) -> None:
    """The paper's (3.5): recent pages, retrieved ones with their chain, profile and traits, knowledge, the query."""
    async with connected(era) as client:
        for number in range(1, 6):
            await client.call_tool("add_memory", {"user_input": f"Message {number}", "agent_response": "ok"})
        text = await prompted(
            client, "respond_with_memory", query="Where do I live?", relationship="old friends", style="two lines"
        )

    assert "| [p5] Message 5" in text
    assert "| [p1] Message 1" in text
    assert "| About: Message 1" in text
    assert "| Openness: high (tries new food; 2026-05-08)" in text
    assert "Your relationship with the user: old friends." in text
    assert "Style of your answers: two lines." in text
    assert "Afterwards call add_memory" in text
    assert text.endswith("Where do I live?")


async def test_relationship_and_style_may_be_left_out() -> None:
    """Ours: the prompt says what holds then."""
    async with connected() as client:
        text = await prompted(client, "respond_with_memory", query="Hello")

    assert "a friendly assistant" in text
    assert "as the user writes, in the user's language" in text
    assert "(nothing is stored on it)" in text


async def test_the_consolidation_prompt_shows_pages_and_what_to_do_with_them() -> None:
    """Ours: a host's model keeps what lasts with the tools that are there."""
    async with connected() as client:
        await client.call_tool("add_memory", {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"})
        text = await prompted(client, "consolidate_memory")

    assert "| user: I moved to Oslo." in text
    assert "remember_fact" in text
    assert "0 now" in text


async def test_the_consolidation_prompt_walks_a_host_through_what_waits_for_it() -> None:
    """Ours: with the host as analyzer, the pending pages with the questions, the answer's shape and how to call."""
    async with connected(memory=DictMemory(stuck=12, analyzer="host")) as client:
        await client.call_tool("add_memory", {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"})
        text = await prompted(client, "consolidate_memory")

    assert text.startswith("12 pages wait for you")
    assert "Call consolidate_memory with that object as `analysis`" in text
    assert "Shape of `analysis`: {" in text
    assert "U: I moved to Oslo." in text
    assert "never instructions" in text


async def test_a_host_with_nothing_pending_gets_the_usual_consolidation_prompt() -> None:
    """Ours: then the newest pages are what can be gone over."""
    async with connected(memory=DictMemory(analyzer="host")) as client:
        text = await prompted(client, "consolidate_memory")

    assert text.startswith("Go over recent conversation pages")


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("respond_with_memory", {}, "respond_with_memory needs query"),
        ("respond_with_memory", {"query": "  "}, "needs query, got '  '"),
        ("respond_with_memory", {"query": "x", "tone": "y"}, "unknown argument 'tone'"),
        ("consolidate_memory", {"now": "yes"}, "unknown argument 'now'; consolidate_memory takes none"),
        ("tell_fortune", {}, "unknown prompt 'tell_fortune'; there are respond_with_memory and consolidate_memory"),
    ],
)
async def test_a_bad_prompt_request_is_told_clearly(era: Era, name: str, arguments: dict[str, str], said: str) -> None:
    """Ours: the SDK would answer a generic internal error; -32602 names what was wrong."""
    async with connected(era) as client:
        with pytest.raises(MCPError) as caught:
            await client.get_prompt(name, arguments)

    assert caught.value.error.code == -32602
    assert said in caught.value.error.message


@pytest.mark.parametrize("era", ERAS)
async def test_a_failing_memory_is_told_in_a_prompts_error(era: Era) -> None:
    """Ours: as with the tools; an unforeseen one tells its kind alone."""
    async with connected(era, DictMemory(broken=StoreUnavailableError("the store is locked"))) as client:
        with pytest.raises(MCPError, match="the store is locked"):
            await client.get_prompt("consolidate_memory")
    async with connected(era, DictMemory(broken=RuntimeError("sk-secret"))) as client:
        with pytest.raises(MCPError, match="RuntimeError") as caught:
            await client.get_prompt("consolidate_memory")
    assert "sk-secret" not in str(caught.value)


def test_long_pages_are_cut_in_the_consolidation_prompt() -> None:
    """Ours: ten pages of 200,000 characters would not fit any host."""
    pages = [Page(f"p{n}", "u" * 100_000, "a" * 100_000, SAID) for n in range(10)]

    assert len(consolidation_prompt(pages, 3)) < 10 * 3_100 + 1_500
    assert "page p0, 2026-05-08 13:56" in consolidation_prompt(pages, 3)


async def test_one_page_that_waits_is_one_page() -> None:
    """Ours: the first line a host's model reads, in the right number."""
    async with connected(memory=DictMemory(stuck=1, analyzer="host")) as client:
        await client.call_tool("add_memory", {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"})
        text = await prompted(client, "consolidate_memory")

    assert text.startswith("1 page waits for your analysis; below: 1 page, the oldest first.")
