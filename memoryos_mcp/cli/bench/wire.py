"""
A server over stdio as a host starts it, and how long its replies take: from the bytes of a call to those of its reply.

No client library: what it would cost is the host's time, not the memory's.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from types import TracebackType
from typing import Any

from .probe import memory_mb

__all__ = ["Host", "WireFigures", "ask"]

_ADDS = 60
"""Pages added in a row: several times what short-term memory holds."""
_INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "memoryos-bench", "version": "1"},
}


@dataclass(frozen=True, slots=True)
class WireFigures:
    """
    What a host waits for, in milliseconds, and the server's memory.

    `first_ms` is from starting the process to the reply of its first retrieval: a restart, imports included.
    `add_p50_ms` is of pages added one right after the other, while they are consolidated.
    """

    first_ms: float
    retrieve_p50_ms: float
    retrieve_p95_ms: float
    add_p50_ms: float
    memory_mb: float


class Host:
    """
    One server process on a data folder; use it as a context manager.

    Args:
        folder: The data folder.
        settings: Other settings by their environment names; the caller's own settings are kept out.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MEMORYOS_", "OPENAI_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "memoryos_mcp"],
            env={**kept, "MEMORYOS_DATA_DIR": str(folder), **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._numbers = itertools.count(1)

    def __enter__(self) -> "Host":
        self._request("initialize", _INITIALIZE)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process as process:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    def call(self, tool: str, arguments: Mapping[str, Any]) -> float:
        """
        Call a tool and return the seconds until its reply was there.

        Raises:
            RuntimeError: The server ended, or the tool failed.
        """
        started = time.perf_counter()
        reply = self._request("tools/call", {"name": tool, "arguments": dict(arguments)})
        took = time.perf_counter() - started
        if "error" in reply or reply["result"].get("isError"):
            raise RuntimeError(f"{tool} failed: {json.dumps(reply)[:300]}")
        return took

    def memory_mb(self) -> float:
        """Return the server's resident memory in MB, 0 where the system does not tell that of another process."""
        return memory_mb(self._process.pid)

    def _request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        if self._process.stdout is None:
            raise AssertionError("it was asked for as a pipe")
        for line in self._process.stdout:
            reply: dict[str, Any] = json.loads(line)
            if reply.get("id") == number:
                return reply
        raise RuntimeError(f"the server ended before it answered {method}")

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._process.stdin is None:
            raise AssertionError("it was asked for as a pipe")
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()


def ask(folder: Path, settings: Mapping[str, str], questions: Sequence[str]) -> WireFigures:
    """Start a server on *folder*, ask each of at least three *questions*, add a row of pages, and return the times."""
    started = time.perf_counter()
    with Host(folder, settings) as host:
        host.call("retrieve_context", {"query": questions[0]})
        first = time.perf_counter() - started
        took = [host.call("retrieve_context", {"query": question}) for question in questions[1:]]
        resident = host.memory_mb()
        added = [
            host.call("add_memory", {"user_input": f"Note {at} of a row.", "agent_response": "Noted."})
            for at in range(_ADDS)
        ]
    return WireFigures(
        first * 1000, median(took) * 1000, quantiles(took, n=20)[-1] * 1000, median(added) * 1000, resident
    )
