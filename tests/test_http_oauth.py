"""Tokens of an OAuth server: the official client finds it, and nothing but its good tokens for us is taken."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from mcp import Client
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from .authorization_server import SECRET, AuthorizationServer, authorization_server, new_key
from .http_site import EXCHANGE, PATIENCE_S, Site, rpc, served
from .server_clients import called

pytestmark = pytest.mark.anyio

RECALL = rpc("retrieve_context", query="Oslo")
AUDIENCE = "http://127.0.0.1:1/mcp"


@pytest.fixture
def oauth() -> Iterator[AuthorizationServer]:
    """Yield an authorization server."""
    with authorization_server() as server:
        yield server


class Kept:
    """The client's tokens, in memory."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        raise AssertionError("nothing is registered")


async def status_of(site: Site, token: str) -> int:
    """Return what a call with *token* is answered."""
    return (await site.request("POST", "/mcp", token=token, **RECALL)).status_code


async def test_the_official_client_finds_its_way_to_a_token(oauth: AuthorizationServer, tmp_path: Path) -> None:
    """The protocol's: 401, the resource's metadata, the authorization server's, a token for this resource, the call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        async with served(tmp_path, listening=listening, oauth_issuer=oauth.issuer, oauth_audience=url) as site:
            provider = ClientCredentialsOAuthProvider(url, Kept(), "anna", SECRET, issuer=oauth.issuer)
            async with (
                httpx2.AsyncClient(auth=provider, timeout=PATIENCE_S) as http,
                Client(streamable_http_client(url, http_client=http)) as client,
            ):
                status = await called(client, "memory_status")
                await called(client, "add_memory", **EXCHANGE)
            refusal = await site.request("POST", "/mcp", **RECALL)
            metadata = await site.request("GET", "/.well-known/oauth-protected-resource/mcp")

    assert status["user_id"] == "anna"
    assert set(site.memory.pages) == {"anna"}
    assert (oauth.asked[0]["resource"], oauth.asked[0]["scope"]) == (url, "read write")
    assert refusal.status_code == 401
    assert "resource_metadata=" in refusal.headers["WWW-Authenticate"]
    assert metadata.json()["authorization_servers"] == [oauth.issuer]
    assert metadata.json()["scopes_supported"] == ["read", "write"]


BAD: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://id.evil.example"},
    "another audience": {"aud": "https://other.example/mcp"},
    "an audience that begins like ours": {"aud": f"{AUDIENCE}/more"},
    "no audience": {"aud": None},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "no end": {"exp": None},
    "past its end": {"exp": int(time.time()) - 3600},
    "not valid yet": {"nbf": int(time.time()) + 3600},
    "another's key": {"key": new_key()},
    "another's key of another kind": {"key": generate_private_key(SECP256R1()), "algorithm": "ES256"},
    "a shared secret": {"key": "x" * 64, "algorithm": "HS256"},
    "no signature": {"algorithm": "none"},
}


async def test_only_good_tokens_for_this_server_are_taken(oauth: AuthorizationServer, tmp_path: Path) -> None:
    """RFC 9068: signature, issuer, audience and time; a good one among several audiences is good."""
    async with served(tmp_path, oauth_issuer=oauth.issuer, oauth_audience=AUDIENCE) as site:
        good = [await status_of(site, oauth.token("anna", AUDIENCE))]
        good.append(await status_of(site, oauth.token("anna", AUDIENCE, aud=["https://x.example", AUDIENCE])))
        bad = {name: await status_of(site, oauth.token("anna", AUDIENCE, **claims)) for name, claims in BAD.items()}
        bad["cut"] = await status_of(site, oauth.token("anna", AUDIENCE)[:-4])
        bad["very long"] = await status_of(site, "x" * 20_000)

    assert good == [200, 200]
    assert {name: status for name, status in bad.items() if status != 401} == {}


@pytest.mark.parametrize(
    ("claims", "status", "may_store"),
    [
        ({"scope": "openid profile"}, 403, False),
        ({"scope": None}, 403, False),
        ({"scope": "openid read"}, 200, False),
        ({"scope": "read write"}, 200, True),
        ({"scope": None, "scp": ["write"]}, 200, True),
        ({"scope": "admin"}, 200, True),
        ({"scope": "readwrite"}, 403, False),
        ({"scope": 7}, 403, False),
    ],
)
async def test_the_scopes_of_a_token_count(
    claims: dict[str, Any], status: int, may_store: bool, oauth: AuthorizationServer, tmp_path: Path
) -> None:
    """Ours: the same three words, each with those before it; others' scopes are no business of ours."""
    async with served(tmp_path, oauth_issuer=oauth.issuer, oauth_audience=AUDIENCE) as site:
        token = oauth.token("anna", AUDIENCE, **claims)
        assert await status_of(site, token) == status
        await site.request("POST", "/mcp", token=token, **rpc("add_memory", **EXCHANGE))

    assert bool(site.memory.pages.get("anna")) == may_store


async def test_our_own_tokens_are_taken_beside_those_of_oauth(oauth: AuthorizationServer, tmp_path: Path) -> None:
    """Ours: the same user by either; an issuer that is away stops its own tokens alone."""
    gone = "http://127.0.0.1:9"
    async with served(tmp_path, oauth_issuer=oauth.issuer, oauth_audience=AUDIENCE) as site:
        await site.request("POST", "/mcp", token=oauth.token("anna", AUDIENCE), **rpc("add_memory", **EXCHANGE))
        found = await site.request("POST", "/mcp", token=site.token("anna"), **RECALL)
    async with served(tmp_path / "away", oauth_issuer=gone, oauth_audience=AUDIENCE) as site:
        ours = await status_of(site, site.token("anna"))
        theirs = await status_of(site, oauth.token("anna", AUDIENCE, iss=gone))

    assert "moved to Oslo" in found.text
    assert (ours, theirs) == (200, 401)
