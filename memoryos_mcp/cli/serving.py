"""
Serving over stdio: the one path that must not load the command line's own libraries.

What the server does is in `server`; here settings are read and their errors become an exit status.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import MemoryOSError
from ..settings import load_settings

__all__ = ["serve_stdio"]

_AT_A_TERMINAL = "memoryos-mcp: serving the Model Context Protocol on stdin and stdout; commands: memoryos-mcp --help\n"


def serve_stdio(overrides: Mapping[str, Any], config_file: Path | None) -> int:
    """Serve until stdin ends; return the exit status (1 for a setting that cannot be used, named on stderr)."""
    from ..server import serve

    if sys.stdin.isatty():
        sys.stderr.write(_AT_A_TERMINAL)
    try:
        serve(load_settings(overrides, config_file=config_file))
    except MemoryOSError as exc:
        sys.stderr.write(f"error: {exc}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
