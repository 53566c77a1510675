"""A server process and the raw bytes of its stdin and stdout, for tests of what no client library would send."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE_S = 30.0
"""Bound of a wait for a fresh process on a busy machine; a reply comes in milliseconds."""

ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "wire", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Wire:
    """
    One server process.

    Args:
        era: "legacy" shakes hands first; "modern" puts the envelope into every request.
        folder: The data folder.
        code: What to run instead of the served fake.
        errors: Where stderr goes instead; nobody reads it here then.
        deaf: Close the reading end of the server's stdout at once, as a client that crashed half-way would.
    """

    def __init__(
        self, era: str, folder: Path, *, code: str = "", deaf: bool = False, errors: int = subprocess.PIPE
    ) -> None:
        self.era = era
        self.process = subprocess.Popen(
            [sys.executable, *(["-c", code] if code else ["-m", "tests.server_fakes"])],
            cwd=ROOT,
            env={**os.environ, "MEMORYOS_DATA_DIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._errors: list[bytes] = []
        assert self.process.stdout is not None
        if deaf:
            self.process.stdout.close()
        readers = [self._read_errors] if deaf else [self._read_errors, self._read]
        self._threads = [threading.Thread(target=reader, daemon=True) for reader in readers]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "Wire":
        if self.era == "legacy":
            client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "w", "version": "1"}}
            self.request("init", "initialize", client)
            assert self.reply("init")["result"]["serverInfo"]["name"] == "memoryos"
            self.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"}))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.ended()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def send(self, line: str | bytes) -> None:
        """Send one line as it is."""
        assert self.process.stdin is not None
        self.process.stdin.write((line if isinstance(line, bytes) else line.encode()) + b"\n")
        self.process.stdin.flush()

    def request(self, id_: int | str, method: str, params: dict[str, Any]) -> None:
        """Send a request of this era."""
        self.send(self.line(id_, method, params))

    def call(self, id_: int | str, tool: str, **arguments: Any) -> None:
        """Send a call of a tool."""
        self.request(id_, "tools/call", {"name": tool, "arguments": arguments})

    def line(self, id_: int | str, method: str, params: dict[str, Any]) -> str:
        """Return a request of this era as a line; a lone surrogate in it goes out as its escape."""
        params = {**params, "_meta": ENVELOPE} if self.era == "modern" else params
        return json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})

    def next(self) -> dict[str, Any]:
        """Return the next message of the server that is an answer."""
        while True:
            message = json.loads(self._lines.get(timeout=PATIENCE_S))
            if "id" in message and "method" not in message:
                assert isinstance(message, dict)
                return message

    def reply(self, id_: int | str | None) -> dict[str, Any]:
        """Return the next answer, which has to be the one to *id_*."""
        message = self.next()
        assert message["id"] == id_, message
        return message

    def close_stdin(self) -> None:
        """End the client's side."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for the end of the process and of its output; return its exit status."""
        status = self.process.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        return status

    @property
    def errors(self) -> str:
        """What stands on stderr so far."""
        return b"".join(self._errors).decode()

    @property
    def unread(self) -> list[bytes]:
        """The lines of stdout that nobody asked for."""
        return list(self._lines.queue)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def _read_errors(self) -> None:
        self._errors.extend(self.process.stderr or ())
