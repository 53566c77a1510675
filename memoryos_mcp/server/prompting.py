"""
The two prompts as the SDK takes them: what memory holds, put into the words of `..prompts`.

Arguments of a prompt are texts; a missing, blank or unknown one is told as an `MCPError`, since the SDK would answer
a generic internal error.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from mcp.server import MCPServer
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import PromptArgument, UserMessage

from ..domain.errors import InputError
from ..generation.prompts import analysis_prompt, consolidation_prompt
from ..generation.response import response_prompt
from .api import MemoryApi
from .arguments import shown_value
from .boundary import protocol_errors
from .engine import Engine
from .views import waiting_pages

__all__ = ["add_prompts"]

RECALL_TOKENS = 3_000
"""Budget of what is recalled for an answer; summaries and traits beside it come to some 1,300 tokens more at most."""

CONSOLIDATION_PAGES = 10

_RESPOND = {
    "query": ("The user's message", True),
    "relationship": ("Who you and the user are to each other", False),
    "style": ("How to answer", False),
}


def add_prompts(server: MCPServer, engine: Engine) -> None:
    """Add the prompts over *engine* to *server*."""
    server.add_prompt(
        _MemoryPrompt(
            name="respond_with_memory",
            title="Answer with memory",
            description="The user's message with all that memory holds on it: exchanges, profile, traits, facts",
            arguments=[
                PromptArgument(name=name, description=words, required=required)
                for name, (words, required) in _RESPOND.items()
            ],
            fn=partial(_fill_prompt, engine, _respond),
            context_kwarg=None,
        )
    )
    server.add_prompt(
        _MemoryPrompt(
            name="consolidate_memory",
            title="Keep what lasts",
            description="Pages that wait, or else the newest, and how to keep what lasts of them",
            arguments=[],
            fn=partial(_fill_prompt, engine, _consolidate),
            context_kwarg=None,
        )
    )
    names = [prompt.name for prompt in server._prompt_manager.list_prompts()]
    server.middleware.append(partial(_known_prompt, names))


class _MemoryPrompt(Prompt):
    """A prompt that says in its own words what is wrong with an argument."""

    async def render(self, arguments: dict[str, Any] | None, context: Any) -> Any:
        """Return the messages, or raise `MCPError`."""
        with protocol_errors(f"prompt {self.name}"):
            return [UserMessage(await self.fn(_check_arguments(self, arguments or {})))]  # type: ignore[misc]


async def _fill_prompt(engine: Engine, fill: Callable[..., str], arguments: dict[str, str]) -> str:
    return await engine.call(lambda memory: fill(memory, **arguments))


def _check_arguments(prompt: Prompt, arguments: dict[str, Any]) -> dict[str, str]:
    takes = {argument.name: argument.required for argument in prompt.arguments or ()}
    unknown = [name for name in arguments if name not in takes]
    if unknown:
        known = ", ".join(takes) or "none"
        raise InputError(f"unknown argument {', '.join(map(shown_value, unknown))}; {prompt.name} takes {known}")
    for name, required in takes.items():
        if required and not str(arguments.get(name) or "").strip():
            raise InputError(
                f"{prompt.name} needs {name}, got {shown_value(arguments.get(name))}; give the user's message"
            )
    return {name: str(value) for name, value in arguments.items() if value is not None}


def _respond(memory: MemoryApi, query: str, relationship: str = "", style: str = "") -> str:
    found = memory.retrieve_context(query, max_tokens=RECALL_TOKENS)
    return response_prompt(query, found, memory.get_user_profile(), relationship=relationship, style=style)


def _consolidate(memory: MemoryApi) -> str:
    status = memory.status()
    asked = memory.pending_analysis() if status.analyzer == "host" else None
    if asked is not None:
        return analysis_prompt(asked.text, pages=len(asked.page_ids), waiting=waiting_pages(status))
    return consolidation_prompt(memory.short_term()[-CONSOLIDATION_PAGES:], status.pending)


async def _known_prompt(names: list[str], ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Answer an unknown prompt by name; the SDK answers it with an error of its own inside."""
    name = (ctx.params or {}).get("name")
    if ctx.method == "prompts/get" and isinstance(name, str) and name not in names:
        with protocol_errors("prompts/get"):
            raise InputError(f"unknown prompt {shown_value(name)}; there are {' and '.join(names)}")
    return await call_next(ctx)
