"""
The seven tools as the SDK takes them: schema and words from `contract`, work from `calls`, errors through `boundary`.
"""

from functools import partial
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations

from ..domain.settings import Settings
from .api import MemoryApi
from .arguments import check_arguments, check_user
from .boundary import tool_errors
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
            return await self.fn(check_arguments(self.name, self.parameters, arguments), context)


def memory_tools(engine: Engine, settings: Settings) -> list[Tool]:
    """Return the tools over *engine*, in the order a host shows them; *settings* say whose and how fast."""
    pace = Pace(settings.pages_per_minute)
    return [_tool(spec, engine, pace, settings) for spec in TOOLS]


def _tool(spec: ToolSpec, engine: Engine, pace: Pace, settings: Settings) -> Tool:
    confirmation = Confirmation(engine, settings.user_id) if spec is FORGET_MEMORY else None

    async def run(arguments: dict[str, Any], context: Context) -> CallToolResult | InputRequiredResult:
        check_user(settings, arguments.get("user_id"))
        question = None if confirmation is None else await confirmation.ask(arguments, context)
        if question is not None:
            return question
        if spec is ADD_MEMORY:
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
