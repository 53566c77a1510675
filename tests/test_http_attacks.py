"""What somebody gets over HTTP who should get nothing, or less: without a token, with a read token, with another's."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.domain.clock import now
from memoryos_mcp.domain.errors import ConfigError
from memoryos_mcp.server.http.allowance import RequestRate
from memoryos_mcp.server.http.listening import check_reach

from .http_site import EXCHANGE, Site, as_user, rpc, served
from .server_clients import called, refused, settings_in

RECALL = rpc("retrieve_context", query="Oslo")


@dataclass
class Attack:
    """A request that must be refused: by what status, and with which kind of token."""

    status: int
    token: str = ""
    method: str = "POST"
    path: str = "/mcp"
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


ATTACKS = {
    "no token": Attack(401),
    "a made-up token": Attack(401, "made-up"),
    "a token's beginning": Attack(401, "cut"),
    "an expired token": Attack(401, "expired"),
    "a revoked token": Attack(401, "revoked"),
    "the digest of a token": Attack(401, "digest"),
    "a JSON web token, where no OAuth server is set": Attack(401, "jwt"),
    "another site's host": Attack(421, "good", headers={"Host": "evil.example"}),
    "another site's host with ours in front": Attack(421, "good", headers={"Host": "localhost.evil.example"}),
    "another machine's address as host": Attack(421, "good", headers={"Host": "192.0.2.7"}),
    "another site's origin": Attack(403, "good", headers={"Origin": "https://evil.example"}),
    "an opaque origin": Attack(403, "good", headers={"Origin": "null"}),
    "a foreign host at /health": Attack(421, method="GET", path="/health", headers={"Host": "evil.example"}),
    "a foreign origin at /metrics": Attack(403, "admin", "GET", "/metrics", headers={"Origin": "https://evil.example"}),
    "a body that is too long": Attack(413, "good", body=b"x" * (5 << 20)),
    "a form's content type": Attack(400, "good", headers={"Content-Type": "text/plain"}),
    "a stream that is held open": Attack(405, "good", "GET"),
    "the metrics without a token": Attack(401, "", "GET", "/metrics"),
    "the metrics with a write token": Attack(403, "good", "GET", "/metrics"),
    "OAuth metadata where there is none": Attack(404, "", "GET", "/.well-known/oauth-protected-resource/mcp"),
}


def tokens_of(site: Site) -> dict[str, str]:
    """Return one token of each kind."""
    good, (known, revoked) = site.token("anna"), site.tokens.create("anna")
    site.tokens.revoke(known.token_id)
    return {
        "": "",
        "good": good,
        "admin": site.token("root", "admin"),
        "made-up": "mos_" + "A" * 43,
        "cut": good[:-1],
        "expired": expired(site),
        "revoked": revoked,
        "digest": site.tokens.tokens()[0].digest,
        "jwt": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.",
    }


def expired(site: Site) -> str:
    """Return a token whose time is over: made to last, and its end moved in the file."""
    at = now()
    token, text = site.tokens.create("anna", expires_at=at + timedelta(days=1))
    assert token.expires_at is not None
    content = site.tokens.path.read_text().replace(token.expires_at.isoformat(), (at - timedelta(1)).isoformat())
    site.tokens.path.write_text(content)
    return text


@pytest.mark.anyio
async def test_what_should_not_come_in_does_not(tmp_path: Path) -> None:
    """Ours: every row is refused by its status, and nothing of a memory is in any answer."""
    got = {}
    async with served(tmp_path) as site:
        tokens = tokens_of(site)
        await site.request("POST", "/mcp", token=tokens["good"], **rpc("add_memory", **EXCHANGE))
        assert "Oslo" in (await site.request("POST", "/mcp", token=tokens["good"], **RECALL)).text
        for name, attack in ATTACKS.items():
            headers = {**RECALL["headers"], **attack.headers}
            body = (
                {"content": attack.body} if attack.body else {"json": RECALL["json"]} if attack.method == "POST" else {}
            )
            if attack.body:
                headers["Content-Type"] = "application/json"
            answer = await site.request(attack.method, attack.path, token=tokens[attack.token], headers=headers, **body)
            got[name] = answer.status_code
            assert "moved to Oslo" not in answer.text

    assert got == {name: attack.status for name, attack in ATTACKS.items()}


@pytest.mark.anyio
@pytest.mark.parametrize("origin", ["http://localhost:6274", "http://127.0.0.1:9", "http://[::1]:80"])
async def test_a_page_of_this_machine_may_call(origin: str, tmp_path: Path) -> None:
    """Ours: a tool in one's own browser is no stranger."""
    async with served(tmp_path) as site:
        answer = await site.request("GET", "/health", headers={"Origin": origin})

    assert answer.status_code == 200


@pytest.mark.anyio
async def test_a_read_token_stores_and_forgets_nothing(tmp_path: Path) -> None:
    """Ours: whatever changes a memory needs `write`; what reads it does not."""
    async with served(tmp_path) as site:
        async with as_user(site, site.token("anna")) as writer:
            page = (await called(writer, "add_memory", **EXCHANGE))["page_id"]
        async with as_user(site, site.token("anna", "read")) as reader:
            changes: dict[str, dict[str, Any]] = {
                "add_memory": {"user_input": "More", "agent_response": "No"},
                "remember_fact": {"fact": "Likes tea.", "about": "user"},
                "forget_memory": {"page_ids": [page], "dry_run": False},
                "consolidate_memory": {},
            }
            for name, arguments in changes.items():
                told = await refused(reader, name, **arguments)
                assert told == f"{name} needs a token with scope write, this one has scope read: nothing was changed"
            for name in ("memory_status", "get_user_profile"):
                await called(reader, name)

    assert [kept.page_id for kept in site.memory.pages["anna"]] == [page]
    assert site.memory.facts == {}


@pytest.mark.anyio
async def test_an_id_of_anothers_page_is_unknown(tmp_path: Path) -> None:
    """Ours: an id that leaked is worth nothing; the answer is the one for an id that never was."""
    async with (
        served(tmp_path) as site,
        as_user(site, site.token("anna")) as anna,
        as_user(site, site.token("bert")) as bert,
    ):
        page = (await called(anna, "add_memory", **EXCHANGE))["page_id"]
        answers = [await refused(bert, "forget_memory", page_ids=[id_]) for id_ in (page, "p999")]

    assert answers[0].replace(page, "p999") == answers[1]
    assert len(site.memory.pages["anna"]) == 1


@pytest.mark.anyio
async def test_tokens_count_from_when_they_are_made_until_they_are_revoked(tmp_path: Path) -> None:
    """Ours: a running server takes notice at once; the first token shuts an open server for good."""
    async with served(tmp_path) as site:
        assert (await site.request("POST", "/mcp", **RECALL)).status_code == 200
        known, text = site.tokens.create("anna")
        assert (await site.request("POST", "/mcp", **RECALL)).status_code == 401
        assert (await site.request("POST", "/mcp", token=text, **RECALL)).status_code == 200
        site.tokens.revoke(known.token_id)
        assert (await site.request("POST", "/mcp", token=text, **RECALL)).status_code == 401
        assert (await site.request("POST", "/mcp", **RECALL)).status_code == 401


@pytest.mark.anyio
async def test_a_damaged_token_file_lets_nobody_in(tmp_path: Path) -> None:
    """Ours: shut, not open; and the server lives on until the file is mended."""
    async with served(tmp_path) as site:
        token = site.token("anna")
        kept = site.tokens.path.read_text()
        site.tokens.path.write_text(kept[:-20])
        assert (await site.request("POST", "/mcp", token=token, **RECALL)).status_code == 401
        site.tokens.path.write_text(kept)
        assert (await site.request("POST", "/mcp", token=token, **RECALL)).status_code == 200


@pytest.mark.anyio
async def test_a_token_that_asks_too_often_waits_and_another_does_not(tmp_path: Path) -> None:
    """Ours: 429 with the seconds to wait, for that token alone."""
    async with served(tmp_path, http_requests_per_minute=2) as site:
        anna, bert = site.token("anna"), site.token("bert")
        statuses = [(await site.request("POST", "/mcp", token=anna, **RECALL)).status_code for _ in range(2)]
        over = await site.request("POST", "/mcp", token=anna, **RECALL)
        other = await site.request("POST", "/mcp", token=bert, **RECALL)

    assert (statuses, over.status_code, other.status_code) == ([200, 200], 429, 200)
    assert 1 <= int(over.headers["Retry-After"]) <= 30


@pytest.mark.anyio
async def test_a_token_holds_open_so_many_requests_and_no_more(tmp_path: Path) -> None:
    """Ours: a stream of changes is a request that stays open; another token has its own."""
    async with served(tmp_path, http_connections=2) as site:
        token, other = site.token("anna"), site.token("bert")
        after = [(await site.request("POST", "/mcp", token=token, **RECALL)).status_code for _ in range(3)]
        async with (
            as_user(site, token) as client,
            client.listen(resources_list_changed=True),
            client.listen(resources_list_changed=True),
        ):
            over = await site.request("POST", "/mcp", token=token, **RECALL)
            free = await site.request("POST", "/mcp", token=other, **RECALL)

    assert after == [200, 200, 200]
    assert (over.status_code, over.headers["Retry-After"], free.status_code) == (429, "1", 200)


def test_the_rate_fills_up_again_and_never_over() -> None:
    """Ours: a bucket, computable by hand: 60 a minute are one a second, and a quiet hour saves up no more than 60."""
    clock = [0.0]
    rate = RequestRate(60, lambda: clock[0])

    assert [rate.wait_s("a") for _ in range(61)] == [0.0] * 60 + [1.0]
    clock[0] = 0.5
    assert rate.wait_s("a") == pytest.approx(0.5)
    assert rate.wait_s("b") == 0.0
    clock[0] = 3600.0
    assert [rate.wait_s("a") for _ in range(61)] == [0.0] * 60 + [1.0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "memory.example.org"])
def test_it_does_not_listen_to_others_without_tokens(host: str, tmp_path: Path) -> None:
    """Ours: an open memory on the net is nobody's wish."""
    settings = settings_in(tmp_path, http_host=host)

    with pytest.raises(ConfigError, match="no token exists"):
        check_reach(settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.9"])
def test_it_listens_to_this_machine_without_tokens(host: str, tmp_path: Path) -> None:
    """Ours: as over stdio."""
    check_reach(settings_in(tmp_path, http_host=host))


@pytest.mark.parametrize("given", [{"oauth_issuer": "https://id.example"}, {"oauth_audience": "https://m.example/mcp"}])
def test_an_issuer_without_an_audience_is_refused(given: dict[str, str], tmp_path: Path) -> None:
    """Ours: tokens for any other service would open this one."""
    with pytest.raises(ConfigError, match="go together"):
        check_reach(settings_in(tmp_path, **given))
