"""
What is published beside the package: the MCPB bundle with its manifest, the plugin for Claude Code and Codex, and the
entry of the MCP registry.

Made from the code, so that version, tools and settings stand in one place; `manifest.json` and `server.json` at the
top of the project are what `memoryos-mcp bundle` writes, and a test compares them.
"""

from .bundle import write_bundle
from .manifest import manifest
from .plugin import plugin_files, write_plugin
from .registry import REGISTRY_NAME, registry_entry

__all__ = ["REGISTRY_NAME", "manifest", "plugin_files", "registry_entry", "write_bundle", "write_plugin"]
