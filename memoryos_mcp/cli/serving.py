"""
Serving: over stdio, the one path that must not load the command line's own libraries, and over HTTP.

What the server does is in `server`; here settings are read and their errors become an exit status, and stdout is kept
for the protocol before and after the server has it: whatever an import or an exit handler prints goes to stderr.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..domain.errors import ConfigError, MemoryOSError
from ..domain.settings import load_settings

__all__ = ["serve_over_http", "serve_stdio"]

_AT_A_TERMINAL = "memoryos-mcp: serving the Model Context Protocol on stdin and stdout; commands: memoryos-mcp --help\n"


def serve_stdio(overrides: Mapping[str, Any], config_file: Path | None) -> int:
    """Serve until stdin ends; return the exit status (2 for a wrong setting, named on stderr)."""
    give_back = _divert_stdout()
    from ..server import serve

    if sys.stdin.isatty():
        sys.stderr.write(_AT_A_TERMINAL)
    try:
        settings = load_settings(overrides, config_file=config_file)
        give_back()
        serve(settings)
    except MemoryOSError as exc:
        sys.stderr.write(f"error: {exc}\n")
        return 2 if isinstance(exc, ConfigError) else 1
    except KeyboardInterrupt:
        return 130
    finally:
        _divert_stdout()
    return 0


def serve_over_http(overrides: Mapping[str, Any], config_file: Path | None) -> int:
    """Serve over HTTP until SIGTERM or SIGINT; return the exit status."""
    settings = load_settings(overrides, config_file=config_file)
    from ..server.http import serve_http

    try:
        serve_http(settings)
    except KeyboardInterrupt:
        return 130
    return 0


def _divert_stdout() -> Callable[[], None]:
    """
    Let descriptor 1 be stderr; return what gives it back to the protocol.

    Text that was printed and not yet flushed goes to stderr too. Where stdout is no descriptor of its own (a test
    holds it), nothing is done.
    """
    try:
        if sys.stdout.fileno() != 1:
            return lambda: None
        kept = os.dup(1)
        os.dup2(2, 1)
    except (AttributeError, OSError, ValueError):  # no stdout or no stderr at all: nothing to keep apart
        return lambda: None
    sys.stdout.flush()

    def give_back() -> None:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)

    return give_back
