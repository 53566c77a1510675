"""Whose tokens are taken: those of the token file, and those of an OAuth server if one is set."""

from mcp.server.auth.provider import AccessToken, TokenVerifier

from ...domain.settings import Settings
from ...storage.token_file import PREFIX, TokenFile, scopes_within
from .oauth import OAuthVerifier

__all__ = ["Bearers"]


class Bearers:
    """
    The SDK's `TokenVerifier` over both kinds of token.

    Args:
        tokens: Those made by `memoryos-mcp token create`.
        oauth: Checks all others; None refuses them.
    """

    def __init__(self, tokens: TokenFile, oauth: TokenVerifier | None = None) -> None:
        self._tokens = tokens
        self._oauth = oauth

    @classmethod
    def of(cls, settings: Settings) -> "Bearers":
        """Return what *settings* say."""
        oauth = OAuthVerifier(settings.oauth_issuer, settings.oauth_audience) if settings.oauth_issuer else None
        return cls(TokenFile(settings.token_path), oauth)

    @property
    def needed(self) -> bool:
        """Whether a request needs a token: as soon as there ever was one, or an OAuth server is set."""
        return self._oauth is not None or self._tokens.exists

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return whose *token* is and what it allows, None for one that is not known or not valid any more."""
        if not token.startswith(PREFIX):
            return None if self._oauth is None else await self._oauth.verify_token(token)
        found = self._tokens.find(token)
        if found is None:
            return None
        return AccessToken(
            token=token, client_id=found.token_id, scopes=scopes_within(found.scope), subject=found.user_id
        )
