"""
Asking the person before anything is forgotten for good, where the client can ask.

A client that cannot (many declare no elicitation) goes on as if asked: the tool is marked destructive, so its host
asks in its own way, and a dry run is the default.
"""

from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve, build_resolver_plans, resolve_arguments
from mcp.shared.exceptions import MCPError
from mcp.types import InputRequiredResult
from pydantic import BaseModel, Field

from ..domain.errors import InputError
from . import views
from .engine import Engine

__all__ = ["Confirmation"]


class _Confirm(BaseModel):
    ok: Annotated[bool, Field(description="Forget it for good?")]


class Confirmation:
    """The question of `forget_memory`, in the way of the client's protocol era."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._resolved = {"confirmed": (Resolve(self._question), True)}
        self._plans = build_resolver_plans(self._resolved, {"selection"})

    async def ask(self, selection: dict[str, Any], context: Context) -> InputRequiredResult | None:
        """
        Return None when *selection* may be forgotten, or the question that the client has to bring back answered.

        Raises:
            InputError: The person said no, or could not be asked; nothing was forgotten.
        """
        if selection.get("dry_run", True) or not _can_ask(context):
            return None
        try:
            answer = await resolve_arguments(self._resolved, self._plans, {"selection": selection}, context)
        except MCPError as exc:
            raise InputError(f"the client could not ask ({exc.error.message}): nothing was forgotten") from exc
        if isinstance(answer, InputRequiredResult):
            return answer
        outcome = answer["confirmed"]
        if isinstance(outcome, AcceptedElicitation) and outcome.data.ok:
            return None
        raise InputError("the person asked did not agree: nothing was forgotten")

    async def _question(self, selection: dict[str, Any]) -> _Confirm | Elicit[_Confirm]:
        """Say in numbers what would go; where nothing would, there is nothing to ask."""
        asked = {**selection, "dry_run": True}
        receipt = await self._engine.call(lambda memory: memory.forget_memory(**asked))
        if not receipt.page_ids and not receipt.fact_ids and not any(receipt.places.values()):
            return _Confirm(ok=True)
        return Elicit(views.forget_question(receipt), _Confirm)


def _can_ask(context: Context) -> bool:
    """Whether there is a client that declared elicitation by form: a bare `{}` counts, a url-only one does not."""
    capabilities = None if context.protocol_version is None else context.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)
