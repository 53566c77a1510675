"""
What is written down of requests: a line of the access log for each, and the numbers of `/metrics`.

Neither holds a text, a token or a user: a line names the token's id. Names that a client makes up are written as
"other", so that they cannot fill a log or make numbers without end.
"""

import json
import logging
import sys
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..contract import TOOLS

__all__ = ["PATHS", "Watch", "log_access"]

access = logging.getLogger("memoryos_access")

PATHS = frozenset({"/mcp", "/health", "/ready", "/metrics"})
_TOOLS = frozenset(spec.name for spec in TOOLS)
_METHODS = frozenset(
    {
        "completion/complete",
        "initialize",
        "ping",
        "prompts/get",
        "prompts/list",
        "resources/list",
        "resources/read",
        "resources/templates/list",
        "server/discover",
        "subscriptions/listen",
        "tools/list",
    }
)
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass
class _Visit:
    """What a request turned out to be."""

    call: str = ""
    failed: bool = False


_visit: ContextVar[_Visit | None] = ContextVar("memoryos_visit", default=None)


def log_access() -> None:
    """Have the access log written to stderr, a JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(handler)
    access.setLevel(logging.INFO)
    access.propagate = False


class Watch:
    """The numbers of one server, and its access log."""

    def __init__(self) -> None:
        self._numbers = CollectorRegistry()
        self._requests = Counter(
            "memoryos_http_requests", "HTTP requests, by path and status.", ("path", "status"), registry=self._numbers
        )
        self._open = Gauge("memoryos_http_requests_open", "HTTP requests open now.", registry=self._numbers)
        self._calls = Counter(
            "memoryos_calls", "Calls of the protocol, by tool or method and outcome.", ("call", "outcome"),
            registry=self._numbers,
        )  # fmt: skip
        self._seconds = Histogram(
            "memoryos_call_seconds", "How long calls took.", ("call",), buckets=_BUCKETS, registry=self._numbers
        )

    def numbers(self) -> bytes:
        """Return the numbers as Prometheus reads them."""
        return generate_latest(self._numbers)

    async def middleware(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Count a call of the protocol; notifications are none."""
        if ctx.request_id is None:
            return await call_next(ctx)
        visit = _visit.get() or _Visit()
        visit.call, visit.failed = _name_of(ctx.method, ctx.params), True
        began = time.perf_counter()
        try:
            result = await call_next(ctx)
            visit.failed = _is_error(result)
        finally:
            if ctx.method != "subscriptions/listen":
                self._seconds.labels(visit.call).observe(time.perf_counter() - began)
            self._calls.labels(visit.call, "error" if visit.failed else "ok").inc()
        return result

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return *app*, watched."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status, began, visit = 0, time.perf_counter(), _Visit()

            async def noting(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            held = _visit.set(visit)
            self._open.inc()
            try:
                await app(scope, receive, noting)
            finally:
                _visit.reset(held)
                self._open.dec()
                self._note(scope, status, time.perf_counter() - began, visit)

        return watched

    def _note(self, scope: Scope, status: int, seconds: float, visit: _Visit) -> None:
        path = scope["path"] if scope["path"] in PATHS else "other"
        self._requests.labels(path, str(status)).inc()
        user = scope.get("user")
        line = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "client": (scope.get("client") or ("",))[0],
            "method": scope["method"] if scope["method"] in ("GET", "POST", "DELETE", "OPTIONS") else "other",
            "path": path,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "token": user.access_token.client_id if isinstance(user, AuthenticatedUser) else None,
            "call": visit.call or None,
            "failed": visit.failed,
        }
        access.info("%s", json.dumps(line))


def _name_of(method: str, params: Any) -> str:
    if method == "tools/call":
        name = (params or {}).get("name")
        return name if name in _TOOLS else "other"
    return method if method in _METHODS else "other"


def _is_error(result: HandlerResult) -> bool:
    found = result.get("isError") if isinstance(result, dict) else getattr(result, "is_error", False)
    return bool(found)
