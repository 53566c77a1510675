"""The host's own model as analyzer, end to end: the real memory behind the real protocol, in both eras."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.records import Page
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.updating.updater import STAND_IN

from .scripted_answers import analysis, shown_pages
from .server_clients import ERAS, Era, called, connected, refused, text_of

pytestmark = pytest.mark.anyio

CAPACITY = 4
WAITING = 10
SETTLE_S = 60


@asynccontextmanager
async def hosted(era: Era, folder: Path) -> AsyncIterator[tuple[Client, Memoryos]]:
    """Yield a client over a memory that waits for the host's analysis, as MEMORYOS_ANALYZER says, and the memory."""
    values = {"data_dir": folder, "short_term_capacity": CAPACITY, "embedder": "bundled"}
    settings = load_settings(values, environ={"MEMORYOS_ANALYZER": "host"})
    with Memoryos(settings) as memory:
        async with connected(era, load=lambda: memory) as client:
            yield client, memory


async def told(client: Client, count: int = CAPACITY + WAITING) -> list[str]:
    """Add *count* pages on three subjects and return what the tool said of each."""
    subjects = ("I work as a nurse in Leeds.", "My sister Anna paints lakes.", "I adopted a parrot called Kiwi.")
    return [
        text_of(
            await client.call_tool(
                "add_memory",
                {
                    "user_input": f"{subjects[number % 3]} I count to {number} today.",
                    "agent_response": "Good to know.",
                    "timestamp": f"2026-05-08 12:{number:02}:00",
                },
            )
        )
        for number in range(count)
    ]


def answer_to(text: str) -> dict[str, Any]:
    """Return what a host's model would answer, by the rules of the scripted one."""
    return analysis(shown_pages(text), batch=True, traits=True)


def mid_term(memory: Memoryos) -> list[Page]:
    """Return the pages in mid-term memory."""
    return [page for segment, _ in memory.segments() for page in memory.segment(segment.segment_id)[2]]


@pytest.mark.parametrize("era", ERAS)
async def test_pages_wait_for_the_host_and_move_as_it_says(era: Era, tmp_path: Path) -> None:
    """Ours: no key needed; questions and schema come with the pages, the answer gives chains, topics, facts, traits."""
    async with hosted(era, tmp_path) as (client, memory):
        replies = await told(client)
        assert memory.settle(SETTLE_S)
        waiting = await called(client, "memory_status")
        result = await client.call_tool("consolidate_memory", {})
        asked = result.structured_content or {}
        done = await called(client, "consolidate_memory", analysis=answer_to(text_of(result)))
        status = await called(client, "memory_status")
        profile = await called(client, "get_user_profile")

    assert [reply for reply in replies if "call consolidate_memory" in reply] == replies[-1:]
    assert (waiting["pending"], waiting["mid_term"]["pages"], waiting["analyzer"]) == (WAITING, 0, "host")
    assert (asked["pending"], asked["settled"], len(asked["batch"])) == (WAITING, False, WAITING)
    assert "user_facts" in asked["questions"]
    assert asked["schema"]["required"]
    assert [page["page_id"] for page in done["batch"]] == [page["page_id"] for page in asked["batch"]]
    assert (done["pending"], done["settled"]) == (0, True)
    assert status["mid_term"]["pages"] == WAITING
    assert (status["stand_ins"], status["last_error"]) == (0, None)
    facts = {fact["fact"] for fact in profile["user_knowledge"]}
    assert {"Work as a nurse in Leeds", "My sister Anna paints lakes"} <= facts
    assert [trait["dimension"] for trait in profile["traits"]] == ["painting"]


async def test_pages_that_moved_carry_the_hosts_words(tmp_path: Path) -> None:
    """Ours: chain summaries and topics are the answer's; the analysis may come as JSON text."""
    async with hosted("auto", tmp_path) as (client, memory):
        await told(client)
        result = await client.call_tool("consolidate_memory", {})
        await called(client, "consolidate_memory", analysis=json.dumps(answer_to(text_of(result))))
        pages = mid_term(memory)

    assert {page.analyzer for page in pages} == {"host"}
    assert all(page.chain_summary.startswith("They speak of ") for page in pages)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("analysis", "said"),
    [
        ({}, "topics must name the pages"),
        (
            {"topics": [{"pages": ["p-invented"], "summary": "All is well", "keywords": []}]},
            "topics must name the pages",
        ),
        ({"topics": "none"}, "topics must be a list"),
        ("All is well.", "analysis must be a JSON object"),
        ([], "analysis must be a JSON object"),
    ],
)
async def test_a_wrong_answer_changes_nothing_and_says_why(
    era: Era, analysis: object, said: str, tmp_path: Path
) -> None:
    """Ours: the model that answered reads what was wrong and can do better."""
    async with hosted(era, tmp_path) as (client, memory):
        await told(client)
        text = await refused(client, "consolidate_memory", analysis=analysis)
        status = await called(client, "memory_status")
        profile = memory.get_user_profile()

    assert said in text
    assert (status["pending"], status["mid_term"]["pages"]) == (WAITING, 0)
    assert not profile.user_knowledge


async def test_an_answer_when_nothing_waits_is_refused(tmp_path: Path) -> None:
    """Ours: a second answer to the same question has nothing to describe; without one it is said that all is done."""
    async with hosted("auto", tmp_path) as (client, _memory):
        await told(client)
        result = await client.call_tool("consolidate_memory", {})
        answer = answer_to(text_of(result))
        await called(client, "consolidate_memory", analysis=answer)
        again = await refused(client, "consolidate_memory", analysis=answer)
        idle = await called(client, "consolidate_memory")

    assert "no pages are pending" in again
    assert (idle["pending"], idle["settled"], idle["batch"]) == (0, True, [])


async def test_past_the_bound_the_local_analyzer_stands_in(tmp_path: Path) -> None:
    """Ours: a host that never answers loses nothing; three short-term memories of pages wait, then some move."""
    async with hosted("auto", tmp_path) as (client, memory):
        await told(client, CAPACITY + 3 * CAPACITY - 1)
        assert memory.settle(SETTLE_S)
        assert (await called(client, "memory_status"))["pending"] == 3 * CAPACITY - 1
        await client.call_tool("add_memory", {"user_input": "One more.", "agent_response": "Yes."})
        assert memory.settle(SETTLE_S)
        status = await called(client, "memory_status")
        pages = mid_term(memory)

    assert (status["pending"], status["mid_term"]["pages"], status["stand_ins"]) == (0, 3 * CAPACITY, 3 * CAPACITY)
    assert {page.analyzer for page in pages} == {STAND_IN}
    assert status["last_error"] is None


async def test_the_prompt_walks_a_host_through_the_real_pages(tmp_path: Path) -> None:
    """Ours: what the prompt shows can be answered with the tool."""
    async with hosted("auto", tmp_path) as (client, _memory):
        await told(client)
        (message,) = (await client.get_prompt("consolidate_memory", {})).messages
        text = getattr(message.content, "text", "")
        done = await called(client, "consolidate_memory", analysis=answer_to(text))

    assert text.startswith(f"{WAITING} pages wait for you")
    assert done["pending"] == 0
