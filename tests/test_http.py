"""Serving over HTTP: whose memory a token reaches, in both protocol eras, and what stands beside the protocol."""

import json
import logging
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp.client.subscriptions import ResourceUpdated
from mcp.types import ResourceTemplateReference

from memoryos_mcp.domain.errors import StoreUnavailableError

from .http_site import EXCHANGE, as_user, rpc, served
from .server_clients import ERAS, Era, body_of, called, refused
from .server_fakes import DictMemory

pytestmark = pytest.mark.anyio


async def seen_by(client: Client) -> str:
    """Return all that a client gets to see of a memory: tools, resources, prompts and completions."""
    recalled = await called(client, "retrieve_context", query="Where do I live?")
    prompt = await client.get_prompt("respond_with_memory", {"query": "Where do I live?"})
    ids = await client.complete(
        ResourceTemplateReference(type="ref/resource", uri="memory://pages/{page_id}"),
        {"name": "page_id", "value": "p"},
    )
    shown = [await body_of(client, f"memory://{what}") for what in ("short-term", "status", "config")]
    return "\n".join([json.dumps(recalled), prompt.model_dump_json(), f"{len(ids.completion.values)} pages", *shown])


@pytest.mark.parametrize("era", ERAS)
async def test_a_token_reaches_its_users_memory_and_no_other(era: Era, tmp_path: Path) -> None:
    """Ours: two users, one server; nothing of one is in anything that the other sees."""
    async with (
        served(tmp_path) as site,
        as_user(site, site.token("anna"), era) as anna,
        as_user(site, site.token("bert"), era) as bert,
    ):
        await called(anna, "add_memory", **EXCHANGE)
        await called(bert, "add_memory", user_input="I live in Bergen.", agent_response="Rainy!")
        await called(bert, "add_memory", user_input="I have a cat in Bergen.", agent_response="Nice!")
        of_anna, of_bert = await seen_by(anna), await seen_by(bert)

    assert "Oslo" in of_anna
    assert "1 pages" in of_anna
    assert "Bergen" not in of_anna
    assert "bert" not in of_anna
    assert "2 pages" in of_bert
    assert "moved to Oslo" not in of_bert
    assert '"user_id":"bert"' in of_bert


async def test_two_tokens_of_a_user_share_the_memory(tmp_path: Path) -> None:
    """Ours: what the laptop stores, the desktop finds, though it only may read."""
    async with (
        served(tmp_path) as site,
        as_user(site, site.token("anna")) as laptop,
        as_user(site, site.token("anna", "read")) as desktop,
    ):
        await called(laptop, "add_memory", **EXCHANGE)
        found = await called(desktop, "retrieve_context", query="Oslo")

    assert found["short_term"][0]["user_input"] == "I moved to Oslo."


@pytest.mark.parametrize("era", ERAS)
async def test_user_id_is_refused_where_a_token_names_the_user(era: Era, tmp_path: Path) -> None:
    """Ours: one's own name too, so that nobody takes the argument for something that works."""
    async with served(tmp_path) as site, as_user(site, site.token("anna"), era) as client:
        for user_id in ("bert", "anna"):
            told = await refused(client, "add_memory", **EXCHANGE, user_id=user_id)
            assert told == f"the token names the user, got user_id {user_id!r}; leave user_id out"

    assert site.memory.pages == {}


async def test_a_server_with_tokens_offers_no_user_id(tmp_path: Path) -> None:
    """Ours: a model does not try what is not offered; without tokens the argument stays."""
    async with served(tmp_path) as site:
        async with as_user(site) as client:
            assert all("user_id" in tool.input_schema["properties"] for tool in (await client.list_tools()).tools)
        token = site.token("anna")
    async with served(tmp_path) as site, as_user(site, token) as client:
        assert not any("user_id" in tool.input_schema["properties"] for tool in (await client.list_tools()).tools)


async def test_without_any_token_it_serves_the_user_of_the_settings(tmp_path: Path) -> None:
    """Ours: on one's own machine, as over stdio."""
    async with served(tmp_path, DictMemory("me"), user_id="me") as site, as_user(site) as client:
        await called(client, "add_memory", **EXCHANGE, user_id="anna")
        assert json.loads(await body_of(client, "memory://config"))["user_id"] == "me"

        await called(client, "add_memory", **EXCHANGE)

    assert set(site.memory.pages) == {"anna", "me"}


async def test_a_listening_client_hears_of_its_own_user_alone(tmp_path: Path) -> None:
    """Ours: another user's activity is not shown; what the other did came first and would have been heard first."""
    async with (
        served(tmp_path) as site,
        as_user(site, site.token("anna")) as anna,
        as_user(site, site.token("bert")) as bert,
        anna.listen(resource_subscriptions=["memory://short-term", "memory://long-term/profile"]) as stream,
    ):
        await called(bert, "add_memory", **EXCHANGE)
        await called(anna, "remember_fact", fact="Likes tea.", about="user")
        with anyio.fail_after(5):
            event = await anext(stream)

    assert event == ResourceUpdated(uri="memory://long-term/profile")


async def test_pages_of_one_user_do_not_use_up_anothers_minute(tmp_path: Path) -> None:
    """Ours: the pace is a user's."""
    async with (
        served(tmp_path, pages_per_minute=1) as site,
        as_user(site, site.token("anna")) as anna,
        as_user(site, site.token("bert")) as bert,
    ):
        await called(anna, "add_memory", **EXCHANGE)
        assert "try again in" in await refused(anna, "add_memory", user_input="More", agent_response="No")
        await called(bert, "add_memory", **EXCHANGE)


async def test_a_dry_run_of_one_user_lets_nothing_of_another_be_forgotten(tmp_path: Path) -> None:
    """Ours: its token is of a user and a selection."""
    async with (
        served(tmp_path) as site,
        as_user(site, site.token("anna")) as anna,
        as_user(site, site.token("bert")) as bert,
    ):
        await called(anna, "add_memory", **EXCHANGE)
        await called(bert, "add_memory", **EXCHANGE)
        confirm = (await called(bert, "forget_memory", everything=True))["confirm"]
        asked = {"everything": True, "dry_run": False, "confirm": confirm}
        assert "nothing was forgotten" in await refused(anna, "forget_memory", **asked)
        await called(bert, "forget_memory", **asked)

    assert (len(site.memory.pages["anna"]), site.memory.pages["bert"]) == (1, [])


async def test_health_and_ready_need_no_token_and_say_what_is(tmp_path: Path) -> None:
    """Ours: alive is the process, ready is the store."""
    async with served(tmp_path, DictMemory(broken=StoreUnavailableError("the disk is gone"))) as site:
        site.token("anna")
        health, ready = await site.request("GET", "/health"), await site.request("GET", "/ready")
    async with served(tmp_path) as sound:
        sound_ready = await sound.request("GET", "/ready")

    assert (health.status_code, ready.status_code, sound_ready.status_code) == (200, 503, 200)
    assert "disk" not in ready.text


async def test_the_metrics_count_calls_errors_and_requests(tmp_path: Path) -> None:
    """Ours: by tool and outcome; what a client makes up is `other`."""
    async with served(tmp_path) as site:
        token, admin = site.token("anna"), site.token("root", "admin")
        await site.request("POST", "/mcp", token=token, **rpc("add_memory", **EXCHANGE))
        await site.request("POST", "/mcp", token=token, **rpc("add_memory", nothing=1))
        await site.request("POST", "/mcp", token=token, **rpc("made_up"))
        await site.request("GET", "/made-up-by-somebody")
        numbers = (await site.request("GET", "/metrics", token=admin)).text

    assert 'memoryos_calls_total{call="add_memory",outcome="ok"} 1.0' in numbers
    assert 'memoryos_calls_total{call="add_memory",outcome="error"} 1.0' in numbers
    assert 'memoryos_call_seconds_count{call="add_memory"} 2.0' in numbers
    assert 'memoryos_http_requests_total{path="other",status="404"} 1.0' in numbers
    assert "made" not in numbers


async def test_the_access_log_has_a_line_a_request_and_nothing_of_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Ours: who by the token's id, what by the tool's name; no text, no token, no user."""
    caplog.set_level(logging.INFO)
    async with served(tmp_path) as site:
        token = site.token("anna")
        await site.request("POST", "/mcp", token=token, **rpc("add_memory", **EXCHANGE))
        await site.request("GET", "/Oslo")

    lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "memoryos_access"]
    (known,) = site.tokens.tokens()
    assert [(line["path"], line["status"], line["call"], line["token"]) for line in lines] == [
        ("/mcp", 200, "add_memory", known.token_id),
        ("other", 404, None, None),
    ]
    assert not any(word in str(lines) for word in ("Oslo", token, "anna"))
