"""
Which hosts and origins a request may name, checked before anything else and for every path.

A page in a browser can be made to call a server on its user's machine (DNS rebinding): such a request names a host or
an origin that is not ours.
"""

import ipaddress
import logging
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ...domain.settings import Settings

__all__ = ["HostGate", "host_of", "names_of"]

logger = logging.getLogger(__name__)

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})


def names_of(settings: Settings) -> frozenset[str]:
    """Return the hosts by which clients may call this server, without ports."""
    public = host_of(settings.oauth_audience) if settings.oauth_audience else ""
    named = {name.strip().lower() for name in settings.http_names.split(",")}
    return (_LOOPBACK | named | {settings.http_host.lower(), public}) - {""} - _EVERYWHERE


def host_of(address: str) -> str:
    """Return the host in a URL or in a Host header, in small letters and without a port; "" when there is none."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


class HostGate:
    """
    Lets requests through that name a host and an origin of ours: else 421 and 403.

    Args:
        app: What is behind it.
        names: The hosts by which clients may call, without ports.
        everywhere: Whether the server listens on all addresses of the machine: then a bare address is a host of ours
            too. No page in a browser gets there under a name of its own.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], *, everywhere: bool) -> None:
        self._app = app
        self._names = names
        self._everywhere = everywhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (refusal := self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        hosts = [host_of(value) for value in _values(scope, b"host")]
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return PlainTextResponse(
                "Invalid Host header: the server's MEMORYOS_HTTP_NAMES lists the names it answers to", 421
            )
        origins = [host_of(value) for value in _values(scope, b"origin")]
        if any(origin not in self._names and origin != hosts[0] for origin in origins):
            return PlainTextResponse("Invalid Origin header", 403)
        return None

    def _is_ours(self, host: str) -> bool:
        return host in self._names or (self._everywhere and _is_address(host))


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
