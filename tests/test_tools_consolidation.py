"""`consolidate_memory` and what tells a host to call it, through a real client over a memory in a dictionary."""

import json

import jsonschema  # type: ignore[import-untyped]
import pytest

from .server_clients import ERAS, Era, called, connected, refused, text_of
from .server_fakes import DictMemory
from .test_tools import EXCHANGE, FIELDS, filled

pytestmark = pytest.mark.anyio


async def test_consolidation_says_honestly_what_it_does() -> None:
    """Ours: without a model's analysis it waits for pending work; an analysis of nothing is refused."""
    async with connected() as client:
        await filled(client)
        done = await called(client, "consolidate_memory")
        text = await refused(client, "consolidate_memory", analysis={"facts": []})

    assert (done["pending"], done["settled"], done["batch"]) == (0, True, [])
    assert "no pages are pending" in text


@pytest.mark.parametrize("era", ERAS)
async def test_a_host_is_asked_about_the_pages_that_wait_for_it(era: Era) -> None:
    """Ours: questions, pages and the answer's schema, as text and structured, by the schema the host reads."""
    memory = DictMemory(stuck=2, analyzer="host")
    async with connected(era, memory) as client:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        await called(client, "add_memory", **EXCHANGE)
        await called(client, "add_memory", user_input="long " * 1_000, agent_response="ok")
        result = await client.call_tool("consolidate_memory", {})

    asked, text = result.structured_content, text_of(result)
    assert asked is not None
    assert set(asked) == FIELDS["consolidate_memory"] | {"questions", "schema"}
    jsonschema.validate(asked, schemas["consolidate_memory"])
    assert (asked["pending"], asked["settled"]) == (2, False)
    assert [page["page_id"] for page in asked["batch"]] == ["p1", "p2"]
    assert len(asked["batch"][1]["user_input"]) < 1_600
    assert set(asked["schema"]["properties"]) >= {"chains", "topics", "user_facts"}
    assert asked["questions"] in text
    assert "U: I moved to Oslo." in text
    assert text.endswith(asked["note"])
    assert "consolidate_memory(analysis" in asked["note"]


@pytest.mark.parametrize("as_text", [False, True])
async def test_a_hosts_answer_is_applied(as_text: bool) -> None:
    """Ours: the ids that moved and what is left; an object sent as JSON text is taken too."""
    answer = {"topics": [{"pages": ["p1"], "summary": "A move", "keywords": ["oslo"]}]}
    async with connected(memory=DictMemory(stuck=1, analyzer="host")) as client:
        await called(client, "add_memory", **EXCHANGE)
        done = await called(client, "consolidate_memory", analysis=json.dumps(answer) if as_text else answer)

    assert done["batch"] == [{"page_id": "p1"}]
    assert (done["pending"], done["settled"]) == (0, True)
    assert done["note"] == "1 page moved to mid-term memory as analysed; 0 pending."


async def test_an_answer_that_cannot_be_used_is_refused_with_the_reason() -> None:
    """Ours: the host's model reads why, and nothing was changed."""
    async with connected(memory=DictMemory(stuck=1, analyzer="host")) as client:
        text = await refused(client, "consolidate_memory", analysis={"all": "well"})
        other = await refused(client, "consolidate_memory", analysis="all is well")

    assert "topics must name the pages; nothing was changed" in text
    assert "analysis must be a JSON object, got text" in other


@pytest.mark.parametrize(
    ("analyzer", "pending", "told"), [("host", 10, True), ("host", 20, True), ("host", 11, False), ("local", 10, False)]
)
async def test_a_host_is_told_now_and_then_that_pages_wait_for_it(analyzer: str, pending: int, told: bool) -> None:
    """Ours: every tenth page, in the reply to an add, and only where the host is who reads pages."""
    async with connected(memory=DictMemory(stuck=pending, analyzer=analyzer)) as client:
        text = text_of(await client.call_tool("add_memory", EXCHANGE))
        again = text_of(await client.call_tool("add_memory", EXCHANGE))
        status = text_of(await client.call_tool("memory_status", {}))

    assert ("call consolidate_memory" in text) == told
    assert "consolidate_memory" not in again
    assert (f"{pending} pages wait for your analysis: call consolidate_memory." in status) == (analyzer == "host")


async def test_status_tells_what_a_model_cost_and_what_was_read_in_its_place() -> None:
    """Ours: calls, prompt tokens and failures, since start and in total."""
    usage = {
        "since_start": {"calls": 3, "prompt_tokens": 1200, "completion_tokens": 400, "failures": 1},
        "total": {"calls": 30, "prompt_tokens": 12000, "completion_tokens": 4000, "failures": 2},
    }
    async with connected(memory=DictMemory(usage=usage)) as client:
        result = await client.call_tool("memory_status", {})

    assert result.structured_content is not None
    assert (result.structured_content["usage"], result.structured_content["stand_ins"]) == (usage, 3)
    text = text_of(result)
    assert "Model: since start 3 calls, 1,200 prompt tokens, 1 failure; in total 30 calls, 12,000 prompt" in text
    assert "in place of local: 3 pages" in text


async def test_consolidation_that_cannot_finish_says_why() -> None:
    """Ours: what is still pending, and the last error; the work goes on in the background."""
    async with connected(memory=DictMemory(stuck=4)) as client:
        done = await called(client, "consolidate_memory")

    assert (done["pending"], done["settled"]) == (4, False)
    assert done["note"] == (
        "4 pending before, 4 now; the analyzer is local. "
        "The rest goes on in the background. Last error: the model is down"
    )
