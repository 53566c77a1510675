"""
The nine resources: what is in memory, to be read as JSON. They speak of the user of the settings.

Every body that holds recalled words says so in `notice`. Long tiers are cut, with the full count beside.
"""

from collections.abc import Callable
from typing import Any

import pydantic_core
from mcp.server import MCPServer
from mcp.server.mcpserver.resources import Resource
from mcp.types import Completion, CompletionArgument, CompletionContext, PromptReference, ResourceTemplateReference
from pydantic import Field

from ..domain.settings import OF_THE_MACHINE, Settings
from . import views
from .api import MemoryApi
from .boundary import protocol_errors, resource_errors
from .caller import caller
from .engine import Engine

__all__ = ["RESOURCES_OF", "add_resources"]

Json = dict[str, Any]
Reader = Callable[[MemoryApi], Json]

MIME_TYPE = "application/json"
MAX_SEGMENTS = 200
MAX_SEGMENT_PAGES = 100
MAX_COMPLETIONS = 100
"""The protocol's own bound on the values of one completion."""

_PROFILE = "memory://long-term/profile"
_USER_KNOWLEDGE = "memory://long-term/user-knowledge"
_ASSISTANT_KNOWLEDGE = "memory://long-term/assistant-knowledge"
_SEGMENT = "memory://mid-term/{segment_id}"
_PAGE = "memory://pages/{page_id}"

RESOURCES_OF = {
    "short_term": ("memory://short-term", "memory://status"),
    "mid_term": ("memory://mid-term", "memory://status"),
    "long_term": (_PROFILE, _USER_KNOWLEDGE, _ASSISTANT_KNOWLEDGE, "memory://status"),
}
"""Which resources a change in a tier makes stale."""


def add_resources(server: MCPServer, engine: Engine, settings: Settings) -> None:
    """Add the resources, their templates and the completion of the templates' ids to *server*."""
    for uri, name, title, description, reader in _static(settings):
        resource = _MemoryResource(
            uri=uri, name=name, title=title, description=description, mime_type=MIME_TYPE, engine=engine, reader=reader
        )
        server.add_resource(resource)
    _add_templates(server, engine)
    _add_completion(server, engine)


class _MemoryResource(Resource):
    """A resource that is read from the memory each time it is asked for."""

    engine: Any = Field(exclude=True)
    reader: Callable[[MemoryApi], Json] = Field(exclude=True)

    async def read(self) -> str:
        """Return the body as JSON text."""
        with resource_errors(self.uri):
            return await _read(self.engine, self.reader)


async def _read(engine: Engine, reader: Reader) -> str:
    return await engine.call(lambda memory: pydantic_core.to_json(reader(memory)).decode())


def _static(settings: Settings) -> list[tuple[str, str, str, str, Reader]]:
    def short_term(memory: MemoryApi) -> Json:
        pages = [views.page_view(page) for page in memory.short_term()]
        return _recalled_notice(capacity=settings.short_term_capacity, pages=pages)

    return [
        ("memory://short-term", "short-term", "Short-term memory", "The newest pages, oldest first", short_term),
        ("memory://mid-term", "mid-term", "Mid-term memory", "Segments by heat, hottest first", _mid_term),
        (_PROFILE, "profile", "User profile", "Summary, static attributes and traits", _profile),
        (_USER_KNOWLEDGE, "user-knowledge", "Knowledge about the user", "Facts, with sources", _user_knowledge),
        (
            _ASSISTANT_KNOWLEDGE,
            "assistant-knowledge",
            "Knowledge about the assistant",
            "What the assistant said of itself or promised, with sources",
            _assistant_knowledge,
        ),
        ("memory://status", "status", "State of the memory", "As memory_status tells it", _status),
        ("memory://config", "config", "Settings", "The settings in force, without secrets", _config),
    ]


def _recalled_notice(**fields: Any) -> Json:
    return {"notice": views.RECALLED, **fields}


def _mid_term(memory: MemoryApi) -> Json:
    segments = memory.segments()
    shown = [
        {**views.segment_view(segment, heat), "pages": segment.pages, "last_visit": segment.last_visit.isoformat()}
        for segment, heat in segments[:MAX_SEGMENTS]
    ]
    return _recalled_notice(total=len(segments), segments=shown)


def _profile(memory: MemoryApi) -> Json:
    view = views.profile_view(memory.get_user_profile())
    return _recalled_notice(**{key: value for key, value in view.items() if not key.endswith("_knowledge")})


def _user_knowledge(memory: MemoryApi) -> Json:
    return _recalled_notice(facts=views.profile_view(memory.get_user_profile())["user_knowledge"])


def _assistant_knowledge(memory: MemoryApi) -> Json:
    return _recalled_notice(facts=views.profile_view(memory.get_user_profile())["assistant_knowledge"])


def _status(memory: MemoryApi) -> Json:
    return views.status_view(memory.status())


def _config(memory: MemoryApi) -> Json:
    """Return the settings; of the machine that serves somebody over HTTP, its owner alone has to know."""
    shown = memory.settings.public()
    return shown if caller() is None else {name: value for name, value in shown.items() if name not in OF_THE_MACHINE}


def _segment_json(memory: MemoryApi, segment_id: str) -> Json:
    segment, heat, pages = memory.segment(segment_id)
    newest = [views.page_view(page) for page in pages[-MAX_SEGMENT_PAGES:]]
    return _recalled_notice(**views.segment_view(segment, heat), total=len(pages), pages=newest)


def _page(memory: MemoryApi, page_id: str) -> Json:
    page, tier = memory.page(page_id)
    return _recalled_notice(
        **views.page_view(page),
        tier=tier,
        chain_id=page.chain_id,
        chain_summary=page.chain_summary,
        segment_id=page.segment_id,
    )


def _add_templates(server: MCPServer, engine: Engine) -> None:
    @server.resource(_SEGMENT, name="segment", title="One segment", description="Its pages", mime_type=MIME_TYPE)
    async def segment(segment_id: str) -> str:
        with resource_errors("memory://mid-term"):
            return await _read(engine, lambda memory: _segment_json(memory, segment_id))

    @server.resource(_PAGE, name="page", title="One page", description="In whatever tier", mime_type=MIME_TYPE)
    async def page(page_id: str) -> str:
        with resource_errors("memory://pages"):
            return await _read(engine, lambda memory: _page(memory, page_id))


def _add_completion(server: MCPServer, engine: Engine) -> None:
    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator]
    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion | None:
        """Complete the ids of the templates; prompts take free text."""
        lists = _ID_LISTS.get((ref.uri, argument.name)) if isinstance(ref, ResourceTemplateReference) else None
        if lists is None:
            return None
        with protocol_errors("completion"):
            ids = [id_ for id_ in await engine.call(lists) if id_.startswith(argument.value)]
        values = ids[:MAX_COMPLETIONS]
        return Completion(values=values, total=len(ids), has_more=len(ids) > len(values))


def _segment_ids(memory: MemoryApi) -> list[str]:
    return [segment.segment_id for segment, _ in memory.segments()]


def _page_ids(memory: MemoryApi) -> list[str]:
    return memory.recent_page_ids(limit=1000)


_ID_LISTS: dict[tuple[str, str], Callable[[MemoryApi], list[str]]] = {
    (_SEGMENT, "segment_id"): _segment_ids,
    (_PAGE, "page_id"): _page_ids,
}
