"""
Which program a shell is completing: its words come in the environment, with no arguments at all.

Without this look a press of the tab key would start a server, and the shell would wait for it.
"""

from collections.abc import Mapping

__all__ = ["PROGRAMS", "completed_program"]

PROGRAMS = ("memoryos-mcp", "memoryos-mcp-server")


def completed_program(environ: Mapping[str, str]) -> str | None:
    """Return the program that a shell asks to complete, or None when this is an ordinary start."""
    return next((name for name in PROGRAMS if environ.get(_variable(name))), None)


def _variable(program: str) -> str:
    """Return the variable of click's completion: `_MEMORYOS_MCP_COMPLETE`."""
    return f"_{program.replace('-', '_').upper()}_COMPLETE"
