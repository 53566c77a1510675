"""
How long a host waits for `initialize`: this server beside a bare `MCPServer`, from spawn to reply.

Both are started in turn, so that a busy machine slows both; medians are compared. Nothing of the user's memory is
touched: the server gets an empty folder, and is ended before it opens it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["BARE", "OURS", "Startup", "measure"]

OURS = (sys.executable, "-m", "memoryos_mcp")
BARE = (sys.executable, "-c", "from mcp.server import MCPServer; MCPServer('bare').run()")

_INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "memoryos-startup", "version": "1"},
    },
}


@dataclass(frozen=True, slots=True)
class Startup:
    """Medians over *runs* starts of each, in milliseconds from spawn to the reply of `initialize`."""

    runs: int
    bare_ms: float
    ours_ms: float

    @property
    def ratio(self) -> float:
        """How many times a bare server's time this one takes; the bound of the project is 1.15."""
        return self.ours_ms / self.bare_ms


def measure(runs: int = 11, *, ours: Sequence[str] = OURS, bare: Sequence[str] = BARE) -> Startup:
    """
    Start each server *runs* times in turn, after one start of each that is not counted.

    Raises:
        RuntimeError: A server ended without a reply.
    """
    times: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "MEMORYOS_DATA_DIR": folder}
        for run in range(runs + 1):
            for command, measured in zip((bare, ours), times, strict=True):
                took = _start(command, environment)
                if run:
                    measured.append(took)
    return Startup(runs, *(statistics.median(measured) * 1000 for measured in times))


def _start(command: Sequence[str], environment: dict[str, str]) -> float:
    """Return the seconds from spawn to the first line of the reply; the server is killed then."""
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both were asked for as pipes")
        process.stdin.write(json.dumps(_INITIALIZE).encode() + b"\n")
        process.stdin.flush()
        reply = process.stdout.readline()
        took = time.perf_counter() - started
        process.kill()
    if b'"result"' not in reply:
        raise RuntimeError(f"{' '.join(command)} gave no reply to initialize: {reply[:200]!r}")
    return took
