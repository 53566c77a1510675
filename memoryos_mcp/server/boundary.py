"""
The one place where an error becomes the protocol's.

What the domain raised on purpose is told in its own words; anything else is logged with its traceback and told as an
internal error that carries nothing of it, since a foreign message may quote texts or secrets.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS

from ..domain.errors import InputError, MemoryOSError, NotFoundError

__all__ = ["protocol_errors", "resource_errors", "tool_errors"]

logger = logging.getLogger(__name__)


@contextmanager
def tool_errors(name: str) -> Iterator[None]:
    """Turn what is raised inside into `ToolError`, which the model gets to read."""
    try:
        yield
    except ToolError:  # the SDK's own, of an answer to a question that is none
        raise
    except MemoryOSError as exc:
        raise ToolError(str(exc)) from exc
    except Exception as exc:
        logger.exception("tool %s failed", name)
        raise ToolError(_internal_error(name, exc)) from exc


@contextmanager
def resource_errors(name: str) -> Iterator[None]:
    """Turn what is raised inside into `ResourceError`; an unknown id into `ResourceNotFoundError` (-32602)."""
    try:
        yield
    except NotFoundError as exc:
        raise ResourceNotFoundError(str(exc)) from exc
    except MemoryOSError as exc:
        raise ResourceError(str(exc)) from exc
    except Exception as exc:
        logger.exception("resource %s failed", name)
        raise ResourceError(_internal_error(name, exc)) from exc


@contextmanager
def protocol_errors(name: str) -> Iterator[None]:
    """Turn what is raised inside into `MCPError`: prompts and completions have no other way to tell."""
    try:
        yield
    except InputError as exc:
        raise MCPError(code=INVALID_PARAMS, message=str(exc)) from exc
    except MemoryOSError as exc:
        raise MCPError(code=INTERNAL_ERROR, message=str(exc)) from exc
    except Exception as exc:
        logger.exception("%s failed", name)
        raise MCPError(code=INTERNAL_ERROR, message=_internal_error(name, exc)) from exc


def _internal_error(name: str, exc: Exception) -> str:
    return (
        f"{name} failed inside memoryos_mcp ({type(exc).__name__}); the cause is in the server's log (stderr). "
        "Try again, and see memory_status if it stays."
    )
