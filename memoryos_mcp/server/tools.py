"""
The seven tools as the SDK takes them: schema and words from `contract`, work from `calls`, errors through `boundary`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations

from ..domain.errors import InputError
from ..domain.settings import Settings
from .api import MemoryApi
from .arguments import check_arguments, check_user, shown_value
from .boundary import tool_errors
from .caller import caller, check_scope
from .calls import CALLS
from .confirmation import Confirmation
from .contract import ADD_MEMORY, FORGET_MEMORY, TOOLS, ToolSpec
from .engine import Engine
from .pace import Pace

__all__ = ["memory_tools"]


class _MemoryTool(Tool):
    """
    A tool whose arguments its own schema checks.

    The SDK's way drops unknown arguments without a word, turns "3" into 3, and answers a wrong one with pydantic's
    report; it also builds two models per tool before `initialize` is answered.
    """

    async def run(self, arguments: dict[str, Any], context: Any, convert_result: bool = False) -> Any:
        """Return the `CallToolResult` (or a question to the client); failures are `ToolError`."""
        with tool_errors(self.name):
            _check_nobody_named(arguments)
            return await self.fn(check_arguments(self.name, self.parameters, arguments), context)


def memory_tools(engine: Engine, settings: Settings, *, named_by_token: bool = False) -> list[Tool]:
    """
    Return the tools over *engine*, in the order a host shows them; *settings* say whose and how fast.

    *named_by_token* leaves `user_id` out of what they take.
    """
    pace = Pace(settings.pages_per_minute)
    specs = map(_without_user, TOOLS) if named_by_token else TOOLS
    return [_tool(spec, engine, pace, settings) for spec in specs]


def _without_user(spec: ToolSpec) -> ToolSpec:
    taken = {name: schema for name, schema in spec.parameters["properties"].items() if name != "user_id"}
    return replace(spec, parameters={**spec.parameters, "properties": taken})


def _tool(spec: ToolSpec, engine: Engine, pace: Pace, settings: Settings) -> Tool:
    confirmation = Confirmation(engine, settings.user_id) if spec.name == FORGET_MEMORY.name else None

    async def run(arguments: dict[str, Any], context: Context) -> CallToolResult | InputRequiredResult:
        if not spec.reads_only:
            check_scope("write", spec.name)
        check_user(settings, arguments.get("user_id"))
        if (user := caller()) is not None:
            arguments = {**arguments, "user_id": user}
        question = None if confirmation is None else await confirmation.ask(arguments, context)
        if question is not None:
            return question
        if spec.name == ADD_MEMORY.name:
            pace.take(arguments.get("user_id", settings.user_id))
        fields = {name: value for name, value in arguments.items() if name != "confirm"}
        result = await engine.call(partial(_call, spec.name, fields))
        return result if confirmation is None else confirmation.with_token(arguments, result)

    return _MemoryTool(
        fn=run,
        name=spec.name,
        title=spec.title,
        description=spec.description,
        parameters=spec.parameters,
        fn_metadata=FuncMetadata(arg_model=ArgModelBase, output_schema=spec.output),
        is_async=True,
        context_kwarg=None,
        annotations=_annotations(spec),
    )


def _check_nobody_named(arguments: Mapping[str, Any]) -> None:
    """The token names the user: a `user_id` beside it would be a wish for another's memory, or a mistake."""
    if caller() is not None and arguments.get("user_id") is not None:
        named = shown_value(arguments["user_id"])
        raise InputError(f"the token names the user, got user_id {named}; leave user_id out")


def _annotations(spec: ToolSpec) -> ToolAnnotations:
    """What a tool may change; the two hints that have no meaning for a tool that only reads are left out there."""
    if spec.reads_only:
        return ToolAnnotations(read_only_hint=True, open_world_hint=False)
    return ToolAnnotations(
        read_only_hint=False,
        destructive_hint=spec.destroys,
        idempotent_hint=spec.repeatable,
        open_world_hint=False,
    )


def _call(name: str, arguments: dict[str, Any], memory: MemoryApi) -> CallToolResult:
    text, data = CALLS[name](memory, **arguments)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data)
