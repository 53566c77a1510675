"""
How much of the server one token may take: requests a minute, and requests open at once.

Held in memory, by this process alone. What is over a bound is answered 429, with how long to wait.
"""

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Allowance", "RequestRate"]

_MINUTE_S = 60.0
_TOKENS = 10_000


class RequestRate:
    """
    A bucket for each token: as many requests as a minute has may come at once, and then as fast as it fills.

    Args:
        per_minute: Requests.
        clock: Returns seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, who: str) -> float:
        """Count a request of *who*: return 0, or the seconds until there is room for one (then it is not counted)."""
        now = self._clock()
        left, at = self._left.pop(who, (self._most, now))
        left = min(self._most, left + (now - at) * self._most / _MINUTE_S)
        room = left >= 1
        self._left[who] = (left - 1 if room else left, now)
        if len(self._left) > _TOKENS:
            self._left.popitem(last=False)
        return 0.0 if room else (1 - left) * _MINUTE_S / self._most


class Allowance:
    """
    Passes requests on within the bounds of their token; those without a token (a server that asks for none) as one.

    Args:
        app: What is behind it.
        per_minute: Requests a minute.
        connections: Requests open at once.
    """

    def __init__(self, app: ASGIApp, *, per_minute: int, connections: int) -> None:
        self._app = app
        self._rate = RequestRate(per_minute)
        self._most = connections
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = _name_of(get_access_token())
        if self._open[who] >= self._most:
            await _refuse(f"{self._most} requests of this token are open", 1)(scope, receive, send)
            return
        if wait := self._rate.wait_s(who):
            await _refuse("this token has used up its requests of the minute", wait)(scope, receive, send)
            return
        self._open[who] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]


def _name_of(token: AccessToken | None) -> str:
    """Clients of an OAuth server share an id: there the user counts."""
    return "" if token is None else f"{token.client_id} {token.subject}"


def _refuse(why: str, wait_s: float) -> PlainTextResponse:
    seconds = math.ceil(wait_s)
    return PlainTextResponse(
        f"Too many requests: {why}; try again in {seconds} s", 429, headers={"Retry-After": str(seconds)}
    )
