"""The entry of the MCP registry (`server.json`, schema 2025-12-11): where the package is and what it may be told."""

from typing import Any

from ... import __version__
from ...hosts.launch import DISTRIBUTION
from .asked_settings import ASKED, Asked
from .manifest import DESCRIPTION, TITLE

__all__ = ["REGISTRY_NAME", "registry_entry"]

REGISTRY_NAME = "io.github.memoryos-mcp/memoryos-mcp"
"""The registry checks that whoever publishes owns the first part, and that the README names the whole."""

_SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"


def registry_entry() -> dict[str, Any]:
    """Return the entry as JSON-able values."""
    return {
        "$schema": _SCHEMA,
        "name": REGISTRY_NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": __version__,
        "packages": [
            {
                "registryType": "pypi",
                "identifier": DISTRIBUTION,
                "version": __version__,
                "runtimeHint": "uvx",
                "transport": {"type": "stdio"},
                "environmentVariables": [_variable(asked) for asked in ASKED],
            }
        ],
    }


def _variable(asked: Asked) -> dict[str, Any]:
    return {
        "name": asked.variable,
        "description": asked.words,
        "format": "filepath" if asked.kind == "folder" else "string",
        "isRequired": False,
        "isSecret": asked.kind == "key",
    }
