"""
Access tokens of an OAuth server: JSON web tokens, checked by its public keys.

This server is a resource server only: it sends nobody to log in and gives out no tokens. Issuer, audience, expiry and
signature have to be right; the subject names the user, and the scopes are ours: read, write, admin.
"""

import json
import logging
import time
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import anyio
import anyio.to_thread
import jwt
from mcp.server.auth.provider import AccessToken

from ...storage.token_file import SCOPES, scopes_within

__all__ = ["OAuthVerifier"]

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key: with a shared secret, whoever can check a token can make one."""

LONGEST_TOKEN = 16_384
_TIMEOUT_S = 5.0
_AWAY_S = 10.0
"""How long an issuer that did not tell its keys is not asked again."""
_FETCHES_AT_ONCE = 4
_LEEWAY_S = 30.0
"""How far the clocks of two servers may lie apart."""


class OAuthVerifier:
    """
    The SDK's `TokenVerifier` for one issuer. The keys are fetched at the first token, and again for an unknown key.

    Args:
        issuer: The OAuth server's URL, exactly as its tokens name it.
        audience: What its tokens for this server name as audience.
    """

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys: jwt.PyJWKClient | None = None
        self._away_until = 0.0
        self._limiter = anyio.CapacityLimiter(_FETCHES_AT_ONCE)

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return whose *token* is and what it allows, None when anything about it is wrong."""
        if len(token) > LONGEST_TOKEN:
            return None
        try:
            claims = await anyio.to_thread.run_sync(self._claims, token, limiter=self._limiter)
        except jwt.PyJWKClientConnectionError as exc:
            logger.warning("the keys of %s cannot be fetched, its tokens are refused: %s", self._issuer, exc)
            return None
        except (jwt.PyJWTError, OSError, TypeError, ValueError) as exc:
            logger.info("a token of OAuth is refused: %s", type(exc).__name__)
            return None
        return AccessToken(
            token=token,
            client_id=str(claims.get("client_id") or claims.get("azp") or claims["sub"]),
            scopes=_scopes(claims),
            expires_at=int(claims["exp"]),
            subject=claims["sub"],
            claims={"iss": claims["iss"]},
        )

    def _claims(self, token: str) -> dict[str, Any]:
        if jwt.get_unverified_header(token).get("alg") not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError
        key = self._key_client().get_signing_key_from_jwt(token)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            issuer=self._issuer,
            audience=self._audience,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
        return claims

    def _key_client(self) -> jwt.PyJWKClient:
        """Return what fetches keys: whoever shows made-up tokens does not make us ask an issuer that is away."""
        if self._keys is None:
            if time.monotonic() < self._away_until:
                raise jwt.PyJWKClientError("asked a moment ago")
            self._away_until = time.monotonic() + _AWAY_S
            self._keys = jwt.PyJWKClient(_keys_address(self._issuer), timeout=_TIMEOUT_S)
        return self._keys


def _scopes(claims: dict[str, Any]) -> list[str]:
    """Return ours of the token's scopes (RFC 9068: one text; some servers: a list `scp`), with those they hold."""
    given = claims.get("scope", claims.get("scp", ""))
    named = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
    held = [scope for scope in SCOPES if scope in named]
    return scopes_within(held[-1]) if held else []


def _keys_address(issuer: str) -> str:
    """Return where the issuer's keys are, as its metadata says (RFC 8414, then OpenID Connect Discovery)."""
    parts = urlsplit(issuer)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    places = (
        f"{root}/.well-known/oauth-authorization-server{path}",
        f"{root}{path}/.well-known/openid-configuration",
    )
    for metadata in map(_json_at, places):
        if metadata.get("issuer") == issuer and isinstance(metadata.get("jwks_uri"), str):
            return str(metadata["jwks_uri"])
    raise jwt.PyJWKClientConnectionError(f"none of {' and '.join(places)} tells its jwks_uri")


def _json_at(address: str) -> dict[str, Any]:
    """Return the JSON object at an address, an empty one where there is none."""
    try:
        with urlopen(Request(address), timeout=_TIMEOUT_S) as answer:  # the settings take https only
            found = json.load(answer)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
