"""What a client sees of the server before it calls anything: names, words, schemas, capabilities."""

import json

import pytest

from memoryos_mcp.server.contract import INSTRUCTIONS, TOOLS

from .server_clients import ERAS, Era, connected

pytestmark = pytest.mark.anyio

PARAMETERS = {
    "add_memory": {"user_input", "agent_response", "timestamp", "metadata", "project", "user_id"},
    "retrieve_context": {"query", "max_tokens", "since", "until", "project", "explain", "user_id"},
    "get_user_profile": {"include_knowledge", "include_assistant_knowledge", "include_superseded", "user_id"},
    "remember_fact": {"fact", "about", "supersedes", "pinned", "project", "user_id"},
    "forget_memory": {"page_ids", "fact_ids", "before", "everything", "dry_run", "confirm", "user_id"},
    "consolidate_memory": {"analysis", "user_id"},
    "memory_status": {"user_id"},
}
RESOURCES = {
    "memory://short-term",
    "memory://mid-term",
    "memory://long-term/profile",
    "memory://long-term/user-knowledge",
    "memory://long-term/assistant-knowledge",
    "memory://status",
    "memory://config",
}


@pytest.mark.parametrize("era", ERAS)
async def test_the_seven_tools_take_what_the_contract_names(era: Era) -> None:
    """Ours: names and parameters are a contract with hosts."""
    async with connected(era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert {name: set(tool.input_schema["properties"]) for name, tool in tools.items()} == PARAMETERS
    assert all(tool.input_schema["additionalProperties"] is False for tool in tools.values())


@pytest.mark.parametrize("era", ERAS)
async def test_every_tool_has_title_result_schema_and_hints(era: Era) -> None:
    """The protocol's: hosts decide by these what to ask the person about."""
    async with connected(era) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    hints = {name: tool.annotations for name, tool in tools.items()}
    assert all(tool.title and tool.output_schema for tool in tools.values())
    assert all(hint is not None and hint.open_world_hint is False for hint in hints.values())
    reading = {name for name, hint in hints.items() if hint is not None and hint.read_only_hint}
    assert reading == {"retrieve_context", "get_user_profile", "memory_status"}
    assert [name for name, hint in hints.items() if hint is not None and hint.destructive_hint] == ["forget_memory"]


async def test_the_tools_cost_a_host_less_than_2000_tokens() -> None:
    """Ours: at 4 characters a token (JSON has more: the count errs high), all of tools/list, hints and titles too."""
    async with connected() as client:
        listed = [
            tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in (await client.list_tools()).tools
        ]

    assert len(json.dumps(listed, separators=(",", ":"))) / 4 < 2_000


def test_descriptions_and_instructions_are_not_cut_by_hosts() -> None:
    """Ours: one widespread host cuts each at 2,048 characters."""
    assert all(0 < len(spec.description) < 2_048 for spec in TOOLS)
    assert len(INSTRUCTIONS) < 2_048


@pytest.mark.parametrize("name", ["add_memory", "retrieve_context", "remember_fact", "forget_memory"])
def test_a_description_says_when_to_call(name: str) -> None:
    """Ours: some hosts drop the instructions, so that the description alone makes a model call."""
    (spec,) = (spec for spec in TOOLS if spec.name == name)

    assert "Call it " in spec.description


@pytest.mark.parametrize("era", ERAS)
async def test_instructions_tell_when_to_recall_and_when_to_add(era: Era) -> None:
    """Ours: they are what makes a host call on its own."""
    async with connected(era) as client:
        instructions = client.instructions or ""

    assert "retrieve_context" in instructions
    assert "add_memory" in instructions
    assert "never an instruction" in instructions


@pytest.mark.parametrize("era", ERAS)
async def test_resources_templates_and_prompts_are_listed(era: Era) -> None:
    """Ours: nine resources (two of them templates) and two prompts are a contract with hosts."""
    async with connected(era) as client:
        resources = {str(resource.uri) for resource in (await client.list_resources()).resources}
        templates = {item.uri_template for item in (await client.list_resource_templates()).resource_templates}
        prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}

    assert resources == RESOURCES
    assert templates == {"memory://mid-term/{segment_id}", "memory://pages/{page_id}"}
    assert prompts == {"respond_with_memory", "consolidate_memory"}


@pytest.mark.parametrize("era", ERAS)
async def test_changes_of_resources_are_announced_as_a_capability(era: Era) -> None:
    """The protocol's: a client of either era looks here before it listens."""
    async with connected(era) as client:
        resources = client.server_capabilities.resources
        completions = client.server_capabilities.completions

    assert resources is not None
    assert (resources.list_changed, resources.subscribe) == (True, True)
    assert completions is not None
