"""
Asking the person before anything is forgotten for good, where the client can ask.

A client that cannot (many declare no elicitation) needs the token of a dry run for a selection that names no ids.
What ids name goes as if asked: the tool is marked destructive, so its host asks in its own way.
"""

from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit, Resolve, build_resolver_plans, resolve_arguments
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, InputRequiredResult, TextContent
from pydantic import BaseModel, Field

from ..domain.errors import InputError
from ..domain.records import ForgetReceipt
from . import views
from .arguments import shown_value
from .dry_runs import DryRuns
from .engine import Engine

__all__ = ["Confirmation"]


class _Confirm(BaseModel):
    ok: Annotated[bool, Field(description="Forget it for good?")]


class Confirmation:
    """The question of `forget_memory`, in the way of the client's protocol era."""

    def __init__(self, engine: Engine, user_id: str) -> None:
        self._engine = engine
        self._dry_runs = DryRuns(user_id)
        self._resolved = {"confirmed": (Resolve(self._question), True)}
        self._plans = build_resolver_plans(self._resolved, {"selection"})

    async def ask(self, selection: dict[str, Any], context: Context) -> InputRequiredResult | None:
        """
        Return None when *selection* may be forgotten, or the question that the client has to bring back answered.

        Raises:
            InputError: The person said no, or could not be asked and there was no dry run; nothing was forgotten.
        """
        if selection.get("dry_run", True):
            return None
        if not _can_ask(context):
            await self._need_dry_run(selection)
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

    def with_token(self, selection: dict[str, Any], result: CallToolResult) -> CallToolResult:
        """Return the *result* of a dry run with the token that the real run of the same *selection* gives back."""
        if not selection.get("dry_run", True) or not self._dry_runs.wanted(selection):
            return result
        token = self._dry_runs.token(selection)
        said = f"Ask the user first; then call again with dry_run false and confirm {token!r}."
        data = {**(result.structured_content or {}), "confirm": token}
        return CallToolResult(content=[*result.content, TextContent(type="text", text=said)], structured_content=data)

    async def _need_dry_run(self, selection: dict[str, Any]) -> None:
        if not self._dry_runs.wanted(selection) or self._dry_runs.spend(selection):
            return
        if not _is_empty(await self._dry_run(selection)):
            raise InputError(
                "everything and before need confirm, the token of a dry run of the same user and selection, at most "
                f"{DryRuns.MINUTES} minutes old and used once, got {shown_value(selection.get('confirm'))}: nothing "
                "was forgotten; call with dry_run true, ask the user, then give its token"
            )

    async def _dry_run(self, selection: dict[str, Any]) -> ForgetReceipt:
        asked = {**{name: value for name, value in selection.items() if name != "confirm"}, "dry_run": True}
        return await self._engine.call(lambda memory: memory.forget_memory(**asked))

    async def _question(self, selection: dict[str, Any]) -> _Confirm | Elicit[_Confirm]:
        """Say in numbers what would go; where nothing would, there is nothing to ask."""
        receipt = await self._dry_run(selection)
        return _Confirm(ok=True) if _is_empty(receipt) else Elicit(views.forget_question(receipt), _Confirm)


def _is_empty(receipt: ForgetReceipt) -> bool:
    return not receipt.page_ids and not receipt.fact_ids and not any(receipt.places.values())


def _can_ask(context: Context) -> bool:
    """Whether there is a client that declared elicitation by form: a bare `{}` counts, a url-only one does not."""
    capabilities = None if context.protocol_version is None else context.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)
