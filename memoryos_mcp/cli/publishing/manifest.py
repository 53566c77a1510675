"""The manifest of the MCPB bundle (manifest version 0.4): a uv project that the host installs before it starts it."""

from typing import Any

from ... import __version__
from ...hosts.launch import COMMAND
from ...server.contract import TOOLS
from .asked_settings import ASKED, Asked

__all__ = ["AUTHOR", "DESCRIPTION", "ENTRY_POINT", "KEYWORDS", "LICENSE", "TITLE", "manifest"]

TITLE = "MemoryOS"
DESCRIPTION = "Long-term memory for AI assistants, on your own disk: no key, no model, no download needed."
ENTRY_POINT = "server.py"
AUTHOR = "The memoryos_mcp authors"
LICENSE = "Apache-2.0"
KEYWORDS = ["memory", "memoryos", "chroma", "context"]

_LONG = """\
Keeps every exchange in three tiers, as in "Memory OS of AI Agent" (arXiv 2506.06326): the newest pages, topics with \
heat, and a profile of you with facts and their sources. What matters for a question comes back within a token budget, \
dated and labelled. Everything stays in a folder of yours."""
_KINDS = {"text": "string", "key": "string", "folder": "directory"}


def manifest() -> dict[str, Any]:
    """Return the manifest as JSON-able values; what a user leaves open arrives empty or as the template itself."""
    return {
        "manifest_version": "0.4",
        "name": COMMAND,
        "display_name": TITLE,
        "version": __version__,
        "description": DESCRIPTION,
        "long_description": _LONG,
        "author": {"name": AUTHOR},
        "server": {
            "type": "uv",
            "entry_point": ENTRY_POINT,
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", ENTRY_POINT],
                "env": {asked.variable: f"${{user_config.{asked.field}}}" for asked in ASKED},
            },
        },
        "tools": [{"name": tool.name, "description": tool.description.split(". ")[0].rstrip(".")} for tool in TOOLS],
        "prompts_generated": True,
        "keywords": KEYWORDS,
        "license": LICENSE,
        "compatibility": {"platforms": ["darwin", "win32", "linux"], "runtimes": {"python": ">=3.10"}},
        "user_config": {asked.field: _user_config(asked) for asked in ASKED},
    }


def _user_config(asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": _KINDS[asked.kind],
        "title": asked.title,
        "description": asked.words,
        "required": False,
    }
    return {**found, "sensitive": True} if asked.kind == "key" else found
