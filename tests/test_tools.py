"""The seven tools through a real client: results, their schemas, and what is told when something is wrong."""

import re
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from mcp import Client

from .server_clients import ERAS, Era, called, connected, refused, text_of
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio

PAGE = {"page_id", "user_input", "agent_response", "timestamp", "metadata"}
FACT = {"fact_id", "fact", "page_ids", "said_at", "superseded_by", "pinned"}
EXCHANGE = {"user_input": "I moved to Oslo.", "agent_response": "Enjoy!"}
SOMETIMES = {"questions", "schema", "redacted", "confirm"}
FIELDS = {
    "add_memory": {"page_id", "status", "pending"},
    "retrieve_context": {
        "notice",
        "short_term",
        "mid_term",
        "segments",
        "long_term",
        "token_count",
        "max_tokens",
        "omitted",
        "confidence",
    },
    "get_user_profile": {
        "notice",
        "user_id",
        "assistant_id",
        "static",
        "traits",
        "summary",
        "user_knowledge",
        "assistant_knowledge",
    },
    "remember_fact": {"fact_id", "superseded"},
    "forget_memory": {"user_id", "dry_run", "page_ids", "fact_ids", "places", "rewritten", "files"},
    "consolidate_memory": {"user_id", "pending", "settled", "batch", "note"},
    "memory_status": {
        "stand_ins",
        "usage",
        "user_id",
        "short_term",
        "mid_term",
        "long_term",
        "archive",
        "pending",
        "analyzer",
        "embedder",
        "tokenizer",
        "storage",
        "last_error",
    },
}


async def filled(client: Client, pages: int = 5) -> None:
    """Add pages that short-term memory (3) cannot hold, and a fact."""
    for number in range(1, pages + 1):
        await called(client, "add_memory", user_input=f"Message {number}", agent_response=f"Answer {number}")
    await called(client, "remember_fact", fact="Likes tea.", about="user")


@pytest.mark.parametrize("era", ERAS)
async def test_every_result_holds_the_fields_of_its_schema_and_no_others(era: Era) -> None:
    """Ours: fields are a contract; the schema a host reads names the same ones, nested ones too."""
    calls: dict[str, dict[str, Any]] = {
        "add_memory": EXCHANGE,
        "retrieve_context": {"query": "Where do I live?"},
        "get_user_profile": {"include_assistant_knowledge": True},
        "remember_fact": {"fact": "Likes tea.", "about": "user"},
        "forget_memory": {"page_ids": ["p1"]},
        "consolidate_memory": {},
        "memory_status": {},
    }
    async with connected(era) as client:
        schemas = {tool.name: tool.output_schema for tool in (await client.list_tools()).tools}
        await filled(client)
        results = {name: await called(client, name, **arguments) for name, arguments in calls.items()}

    for name, result in results.items():
        schema = schemas[name]
        assert schema is not None
        assert set(result) == FIELDS[name] == set(schema["properties"]) - SOMETIMES
        jsonschema.validate(result, _closed(schema))


def _closed(schema: Any) -> Any:
    """The schema with every named object shut, so that a field it does not name fails."""
    if isinstance(schema, dict):
        shut = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
        return {**{key: _closed(value) for key, value in schema.items()}, **shut}
    return [_closed(item) for item in schema] if isinstance(schema, list) else schema


async def test_a_page_comes_back_as_it_went_in() -> None:
    """Ours: texts, time and metadata of a page are unchanged; times carry their offset."""
    metadata = {"source": "chat", "tags": ["a", "b"], "deep": {"n": 1.5, "none": None}}
    async with connected() as client:
        added = await called(client, "add_memory", **EXCHANGE, metadata=metadata, timestamp="2026-05-08T15:56:00+02:00")
        recalled = await called(client, "retrieve_context", query="Oslo")

    (page,) = recalled["short_term"]
    assert page == {
        **EXCHANGE,
        "page_id": added["page_id"],
        "metadata": metadata,
        "timestamp": "2026-05-08T15:56:00+02:00",
    }
    assert added["status"] == "stored"


async def test_the_same_exchange_twice_is_told_as_a_duplicate() -> None:
    """Ours: a host that retries after a timeout stores nothing twice."""
    async with connected() as client:
        first = await called(client, "add_memory", **EXCHANGE)
        second = await called(client, "add_memory", **EXCHANGE)

    assert second == {**first, "status": "duplicate"}


async def test_recalled_pages_say_where_they_stand_and_on_request_why_they_were_found() -> None:
    """Ours: what is empty is left out; score and the parts of it come with `explain` alone."""
    async with connected() as client:
        await filled(client)
        recalled = await called(client, "retrieve_context", query="message", max_tokens=400)
        explained = await called(client, "retrieve_context", query="message", max_tokens=400, explain=True)

    plain = PAGE - {"metadata"}
    assert {frozenset(page) for page in recalled["short_term"]} == {frozenset(plain)}
    assert {frozenset(page) for page in recalled["mid_term"]} == {frozenset(plain)}
    assert {frozenset(page) for page in explained["mid_term"]} == {frozenset(plain | {"score", "why"})}
    assert explained["mid_term"][0]["why"] == {"lexical": 0.3, "vector": 0.2}
    assert recalled["segments"] == [{"id": "s1", "summary": "Moving house", "keywords": ["oslo", "move"], "heat": 2.0}]
    assert set(recalled["long_term"]) == {"profile", "user_knowledge"}
    assert set(recalled["long_term"]["user_knowledge"][0]) == FACT - {"page_ids", "superseded_by", "pinned"}
    assert recalled["max_tokens"] == 400


async def test_what_a_model_reads_of_a_retrieval_is_the_engines_text() -> None:
    """Ours: the text is made to fit the budget by the engine; the server adds nothing to it."""
    async with connected() as client:
        await called(client, "add_memory", **EXCHANGE)
        result = await client.call_tool("retrieve_context", {"query": "Oslo"})

    assert text_of(result) == "[p1] I moved to Oslo."


async def test_knowledge_comes_with_a_profile_only_when_asked_for() -> None:
    """Ours: the assistant's is left out by default, the user's on request."""
    async with connected() as client:
        await filled(client)
        await called(client, "remember_fact", fact="Promised a recipe.", about="assistant")
        default = await called(client, "get_user_profile")
        other = await called(client, "get_user_profile", include_knowledge=False, include_assistant_knowledge=True)

    assert [fact["fact"] for fact in default["user_knowledge"]] == ["Likes tea."]
    assert default["assistant_knowledge"] == []
    assert other["user_knowledge"] == []
    assert [fact["fact"] for fact in other["assistant_knowledge"]] == ["Promised a recipe."]
    assert default["static"] == [
        {"name": "home", "value": "Oslo", "page_ids": ["p1"], "said_at": "2026-05-08T13:56:00+00:00"}
    ]


async def test_a_superseded_fact_is_kept_but_not_read_out() -> None:
    """Ours: history stays in the structured result; the text a model reads holds what is true now."""
    async with connected() as client:
        old = await called(client, "remember_fact", fact="Lives in Rome.", about="user")
        new = await called(client, "remember_fact", fact="Lives in Bonn.", about="user", supersedes=old["fact_id"])
        result = await client.call_tool("get_user_profile", {})

    assert new["superseded"] == [old["fact_id"]]
    assert "Bonn" in text_of(result)
    assert "Rome" not in text_of(result)
    assert result.structured_content is not None
    assert len(result.structured_content["user_knowledge"]) == 2


async def test_a_profile_of_many_facts_is_cut_to_what_a_host_takes() -> None:
    """Ours: hosts cap what a model reads of one result; what is left out is counted."""
    async with connected() as client:
        for number in range(40):
            await called(client, "remember_fact", fact=f"{number} " + "long " * 250, about="user")
        text = text_of(await client.call_tool("get_user_profile", {}))

    assert len(text) < 24_200
    assert re.search(r"and \d+ lines more, in the structured result$", text)


async def test_one_users_memory_is_not_anothers() -> None:
    """Ours: the user named in a call is the user of the call."""
    async with connected() as client:
        await called(client, "add_memory", **EXCHANGE, user_id="../anna")
        mine = await called(client, "retrieve_context", query="Oslo")
        hers = await called(client, "retrieve_context", query="Oslo", user_id="../anna")

    assert mine["short_term"] == []
    assert len(hers["short_term"]) == 1


async def test_status_tells_each_tier() -> None:
    """Ours: the shape is a contract."""
    async with connected() as client:
        await filled(client)
        status = await called(client, "memory_status")

    assert status["short_term"] == {"pages": 3, "capacity": 3}
    assert status["mid_term"] == {"pages": 2, "segments": 1}
    assert status["long_term"] == {"user_knowledge": 1, "assistant_knowledge": 0, "traits": 1}
    assert (status["pending"], status["last_error"]) == (0, None)


async def test_a_receipt_tells_what_was_rewritten() -> None:
    """Ours: a segment that other pages support stays, without what came from the forgotten ones."""
    async with connected() as client:
        await filled(client)
        text = text_of(await client.call_tool("forget_memory", {"page_ids": ["p1"]}))

    assert text.startswith("Would forget 1 in short_term of user 'default'.")
    assert "Rewritten, since other pages support them: 2 in segments." in text
    assert "dry_run false" in text


REFUSED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("add_memory", {"user_input": "", "agent_response": "x"}, ["user_input is blank"]),
    ("add_memory", {"user_input": " \n\t", "agent_response": "x"}, ["user_input is blank"]),
    ("add_memory", {"user_input": "x", "agent_response": "\x00"}, ["agent_response is blank"]),
    ("add_memory", {"user_input": "x" * 100_001, "agent_response": "y"}, ["100,001 characters", "100,000"]),
    ("add_memory", {"user_input": "x"}, ["needs agent_response", "takes user_input, agent_response"]),
    ("add_memory", {}, ["needs user_input and agent_response"]),
    ("add_memory", {"user_input": 5, "agent_response": "x"}, ["user_input must be text", "a number: 5"]),
    ("add_memory", {"user_input": None, "agent_response": "x"}, ["needs user_input"]),
    ("add_memory", {**EXCHANGE, "timestamp": "yesterday"}, ["'yesterday'", "write it as 20"]),
    ("add_memory", {**EXCHANGE, "timestamp": 1700000000}, ["timestamp must be text", "1700000000"]),
    ("add_memory", {**EXCHANGE, "metadata": [1]}, ["metadata must be a JSON object", "a list: [1]"]),
    ("add_memory", {**EXCHANGE, "metadata": "plain"}, ["metadata must be a JSON object", "'plain'"]),
    ("add_memory", {**EXCHANGE, "importance": 3}, ["unknown argument 'importance'", "takes user_input"]),
    ("add_memory", {**EXCHANGE, "user_id": " "}, ["user_id is blank"]),
    ("retrieve_context", {"query": ""}, ["query is blank"]),
    ("retrieve_context", {"query": "x", "max_tokens": 99}, ["from 100 to 20,000", "99"]),
    ("retrieve_context", {"query": "x", "max_tokens": 20_001}, ["from 100 to 20,000", "20001"]),
    ("retrieve_context", {"query": "x", "max_tokens": "many"}, ["max_tokens must be a whole number", "'many'"]),
    ("retrieve_context", {"query": "x", "max_tokens": True}, ["max_tokens must be a whole number", "a boolean"]),
    ("retrieve_context", {"query": "x", "max_tokens": 150.5}, ["max_tokens must be a whole number", "150.5"]),
    ("retrieve_context", {"query": ["x"]}, ["query must be text", "a list: ['x']"]),
    ("get_user_profile", {"include_knowledge": "yes"}, ["include_knowledge must be true or false", "'yes'"]),
    ("remember_fact", {"fact": "x", "about": "me"}, ["about must be 'user' or 'assistant'", "'me'"]),
    ("remember_fact", {"fact": "x", "about": "user", "supersedes": "f9"}, ["'f9'"]),
    ("forget_memory", {}, ["name what to forget"]),
    ("forget_memory", {"page_ids": ["p99"]}, ["'p99'"]),
    ("forget_memory", {"page_ids": "p1"}, ["page_ids must be a list of ids", "'p1'"]),
    ("forget_memory", {"page_ids": [1]}, ["page_ids must be a list of ids"]),
    ("forget_memory", {"everything": True, "dry_run": "false"}, ["dry_run must be true or false"]),
    ("memory_status", {"verbose": True, "deep": 1}, ["unknown argument 'verbose', 'deep'", "takes user_id"]),
    ("tell_fortune", {}, ["Unknown tool: tell_fortune"]),
]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("name", "arguments", "said"), REFUSED)
async def test_bad_input_is_refused_with_the_value_and_the_way_out(
    era: Era, name: str, arguments: dict[str, Any], said: list[str]
) -> None:
    """Ours: each bad input gets one clear line, as a tool's error that the model reads, and stores nothing."""
    memory = DictMemory()
    async with connected(era, memory) as client:
        text = await refused(client, name, **arguments)

    assert all(part in text for part in said), text
    assert len(text) < 400
    assert "\n" not in text
    assert "pydantic" not in text
    assert not any(memory.pages.values())
    assert not any(memory.facts.values())


async def test_control_characters_and_lone_surrogates_are_cleaned_not_refused() -> None:
    """Ours: what a host sends can always be stored and sent back as UTF-8."""
    async with connected() as client:
        await called(client, "add_memory", user_input="a\x00b\x1b \ud83d c", agent_response="fine")
        recalled = await called(client, "retrieve_context", query="\ud800 a")

    assert recalled["short_term"][0]["user_input"] == "ab \ufffd c"


@pytest.mark.parametrize("era", ERAS)
async def test_an_error_shows_a_lone_surrogate_without_sending_one(era: Era) -> None:
    """Regression: text that is no UTF-8 in a reply would end the stdio transport."""
    async with connected(era) as client:
        text = await refused(client, "add_memory", **EXCHANGE, timestamp="\ud800", user_id="x")

    assert text.isascii()


@pytest.mark.parametrize("text", ['{"source": "chat"}', ' {"source": "chat"} '])
async def test_metadata_sent_as_json_text_is_taken_as_the_object(text: str) -> None:
    """Ours: a widespread host sends objects and lists as JSON text."""
    async with connected() as client:
        await called(client, "add_memory", **EXCHANGE, metadata=text)
        recalled = await called(client, "retrieve_context", query="Oslo")
        planned = await called(client, "forget_memory", page_ids='["p1"]')

    assert recalled["short_term"][0]["metadata"] == {"source": "chat"}
    assert planned["page_ids"] == ["p1"]


async def test_null_means_not_given() -> None:
    """Ours: hosts fill optional parameters with null."""
    async with connected() as client:
        await called(client, "add_memory", **EXCHANGE, timestamp=None, metadata=None, user_id=None)
        recalled = await called(client, "retrieve_context", query="Oslo", max_tokens=None, since=None)

    assert recalled["max_tokens"] == 1500


async def test_a_whole_number_written_as_a_float_is_taken() -> None:
    """The protocol's: JSON has one kind of number."""
    async with connected() as client:
        recalled = await called(client, "retrieve_context", query="Oslo", max_tokens=200.0)

    assert recalled["max_tokens"] == 200
