"""
Who calls: the user whom a token names, for servers that ask for one, and what that token allows.

Over stdio, and over HTTP without tokens, nobody is named and everything is allowed: the settings say whose memory it
is. With a token, a call sees `MemoryOfOne`: whatever it asks, it asks of that user's memory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from mcp.server.auth.middleware.auth_context import get_access_token

from ..domain.errors import InputError

if TYPE_CHECKING:
    from ..domain.records import Status
    from .api import MemoryApi

__all__ = ["MemoryOfOne", "caller", "caller_or", "check_scope", "memory_of_caller"]


def caller() -> str | None:
    """Return the user whom the token of the request under way names, None where there is no token."""
    token = get_access_token()
    return None if token is None else token.subject or ""  # no memory has a user without a name


def caller_or(user_id: str) -> str:
    """Return the caller, or *user_id* where there is no token."""
    user = caller()
    return user_id if user is None else user


def check_scope(scope: str, what: str) -> None:
    """
    Let a call through whose token has *scope*, or that has no token.

    Raises:
        InputError: The token has not got it.
    """
    token = get_access_token()
    if token is not None and scope not in token.scopes:
        held = token.scopes[-1] if token.scopes else "nothing"
        raise InputError(f"{what} needs a token with scope {scope}, this one has scope {held}: nothing was changed")


def memory_of_caller(memory: MemoryApi) -> MemoryApi:
    """Return *memory* as the caller may see it."""
    user = caller()
    return memory if user is None else cast("MemoryApi", MemoryOfOne(memory, user))


class MemoryOfOne:
    """
    A memory that has one user only, whoever a call names.

    Args:
        memory: The memory of all.
        user_id: The one.
    """

    def __init__(self, memory: MemoryApi, user_id: str) -> None:
        self._memory = memory
        self._user_id = user_id
        self.settings = memory.settings.model_copy(update={"user_id": user_id, "pin_user": True})

    def status(self, *, user_id: str | None = None) -> Status:
        """Return the state of the one user's memory, without the folders of the machine that serves it."""
        return replace(self._memory.status(user_id=self._user_id), storage="on the server")

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._memory, name)

        def of_one(*arguments: Any, **options: Any) -> Any:
            return method(*arguments, **{**options, "user_id": self._user_id})

        return of_one
