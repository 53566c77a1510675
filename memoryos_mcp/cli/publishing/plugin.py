"""
The plugin: one folder that is a marketplace with one plugin, for Claude Code and for Codex alike.

It brings the server, the hooks, the rules as a skill, and three skills that people call by name. Both hosts read the
same files; each has a manifest and a marketplace file of its own beside them.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ... import __version__
from ...domain.errors import InputError
from ...hosts import NAME, RULES, Launch
from ...hosts.hook_entries import plugin_hooks
from ...hosts.launch import COMMAND
from .manifest import AUTHOR, DESCRIPTION, KEYWORDS, LICENSE, TITLE

__all__ = ["plugin_files", "write_plugin"]

_PLUGIN = f"plugins/{NAME}"
_SKILLS = ("remember", "recall", "forget")
_RULES_SKILL = f"""\
---
name: memory
description: How to use the long-term memory of the user. At the start of every task, when they refer to the past, and \
after every answer.
---

{RULES}"""


def write_plugin(folder: Path, launch: Launch) -> Path:
    """
    Write the plugin, whose server and hooks are started by *launch*, into *folder*, which is made; return it.

    Raises:
        InputError: It cannot be written.
    """
    try:
        for name, text in plugin_files(launch).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as exc:
        raise InputError(f"the plugin cannot be written: {exc}") from exc
    return folder


def plugin_files(launch: Launch) -> Mapping[str, str]:
    """Return the texts of the plugin's files by their paths."""
    hook = Launch(launch.command, (*launch.args, "hook"), launch.env)
    documents = {
        ".claude-plugin/marketplace.json": _claude_marketplace(),
        ".agents/plugins/marketplace.json": _codex_marketplace(),
        f"{_PLUGIN}/.claude-plugin/plugin.json": _identity(),
        f"{_PLUGIN}/.codex-plugin/plugin.json": {**_identity(), **_codex_parts()},
        f"{_PLUGIN}/.mcp.json": {"mcpServers": {NAME: launch.entry()}},
        f"{_PLUGIN}/hooks/hooks.json": plugin_hooks(hook),
    }
    skills = {name: (files(__package__) / "skills" / f"{name}.md").read_text("utf-8") for name in _SKILLS}
    return {
        **{name: json.dumps(value, indent=2) + "\n" for name, value in documents.items()},
        **{f"{_PLUGIN}/skills/{name}/SKILL.md": text for name, text in {"memory": _RULES_SKILL, **skills}.items()},
    }


def _identity() -> dict[str, Any]:
    return {
        "name": NAME,
        "version": __version__,
        "description": DESCRIPTION,
        "author": {"name": AUTHOR},
        "license": LICENSE,
        "keywords": KEYWORDS,
    }


def _codex_parts() -> dict[str, Any]:
    """Return where Codex finds what Claude Code finds by itself, and how Codex shows the plugin."""
    return {
        "skills": "./skills/",
        "mcpServers": "./.mcp.json",
        "hooks": "./hooks/hooks.json",
        "interface": {
            "displayName": TITLE,
            "shortDescription": DESCRIPTION,
            "developerName": AUTHOR,
            "category": "Productivity",
        },
    }


def _claude_marketplace() -> dict[str, Any]:
    return {
        "name": COMMAND,
        "description": DESCRIPTION,
        "owner": {"name": AUTHOR},
        "plugins": [{"name": NAME, "source": f"./{_PLUGIN}", "description": DESCRIPTION, "version": __version__}],
    }


def _codex_marketplace() -> dict[str, Any]:
    return {
        "name": COMMAND,
        "interface": {"displayName": TITLE},
        "plugins": [
            {
                "name": NAME,
                "source": {"source": "local", "path": f"./{_PLUGIN}"},
                "policy": {"installation": "AVAILABLE", "authentication": "ON_INSTALL"},
                "category": "Productivity",
            }
        ],
    }
