"""`/health`: the process is alive. `/ready`: the store answers. `/metrics`: the numbers, for an admin's token."""

import logging
import time

import anyio
from mcp.server.auth.middleware.auth_context import get_access_token
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ..engine import Engine
from .watch import Watch

__all__ = ["Probes"]

logger = logging.getLogger(__name__)

READY_S = 5.0
"""How long the store may take to answer."""
_FRESH_S = 1.0
"""How long an answer counts: whoever asks needs no token, and may ask often."""


class Probes:
    """
    The paths that stand beside the protocol's.

    Args:
        engine: The memory that is looked at.
        watch: The numbers.
    """

    def __init__(self, engine: Engine, watch: Watch) -> None:
        self._engine = engine
        self._watch = watch
        self._asking = anyio.Semaphore(1)
        self._answer: tuple[float, bool] = (-_FRESH_S, False)

    async def health(self, request: Request) -> Response:
        """Answer 200."""
        return JSONResponse({"status": "alive"})

    async def ready(self, request: Request) -> Response:
        """Answer 200 when the store answers in time, else 503."""
        async with self._asking:
            if time.monotonic() - self._answer[0] > _FRESH_S:
                self._answer = time.monotonic(), await self._store_answers()
        ready = self._answer[1]
        return JSONResponse({"status": "ready" if ready else "not ready"}, 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        """Answer with the numbers; a server with tokens wants one of scope admin."""
        token = get_access_token()
        if token is not None and "admin" not in token.scopes:
            return PlainTextResponse("the metrics need a token with scope admin", 403)
        return Response(self._watch.numbers(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _store_answers(self) -> bool:
        try:
            with anyio.fail_after(READY_S):
                await self._engine.call(lambda memory: memory.short_term())
        except TimeoutError:
            return False
        except Exception as exc:  # noqa: BLE001 - whatever it is, the store does not answer; the engine logs the cause
            logger.warning("not ready: %s", type(exc).__name__)
            return False
        return True
