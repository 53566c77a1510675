"""
The server's side of the hooks: a door on this machine alone, for commands that cannot open the memory themselves.

Over a port of 127.0.0.1 that only who can read the data folder finds: the port and a key stand in a file there (0600).
Each side proves that it has the key before a word of memory passes: after a kill the port may be another program's.
Then one line of JSON in, one out. Runs in threads of its own beside the protocol, from when the memory is open.
"""

import contextlib
import hmac
import json
import logging
import os
import secrets
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...domain.errors import MemoryOSError
from .endpoint_client import ENDPOINTS, proof

__all__ = ["Endpoint"]

logger = logging.getLogger(__name__)

_LONGEST_LINE = 1_000_000
_LONGEST_GREETING = 200
_PATIENCE_S = 2.0
_KNOCK_S, _ENDING_S = 0.1, 0.9

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Endpoint:
    """
    An open door.

    Args:
        data_dir: The data folder, where port and key are written.
        answer: Answers a question; called in a thread; may raise `MemoryOSError`.

    Raises:
        OSError: No port, or the folder cannot be written.
    """

    def __init__(self, data_dir: Path, answer: Answer) -> None:
        key = secrets.token_hex(32)
        self._server = _Server(("127.0.0.1", 0), _handler(key, answer))
        self._port = int(self._server.server_address[1])
        self._path = data_dir / ENDPOINTS / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_private(self._path, json.dumps({"port": self._port, "key": key}))
        self._thread = threading.Thread(target=self._server.serve_forever, name="memoryos-hooks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Shut the door; within a second whatever happens, and at once as a rule."""
        self._path.unlink(missing_ok=True)
        ending = threading.Thread(target=self._server.shutdown, name="memoryos-hooks-end", daemon=True)
        ending.start()
        with contextlib.suppress(OSError):  # a knock, so that it looks up now and not at its next half second
            socket.create_connection(("127.0.0.1", self._port), timeout=_KNOCK_S).close()
        ending.join(_ENDING_S)
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        logger.warning("a hook's question was not answered", exc_info=True)


def _handler(key: str, answer: Answer) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        timeout = _PATIENCE_S

        def handle(self) -> None:
            try:
                self.wfile.write(proof(key, self.rfile.readline(_LONGEST_GREETING)) + b"\n")
                question = _question(self.rfile.readline(_LONGEST_LINE), key)
                if question is not None:
                    self.wfile.write(json.dumps(_answer_of(answer, question)).encode() + b"\n")
            except OSError as exc:
                logger.debug("a hook did not wait for its answer: %s", exc)

    return Handler


def _question(line: bytes, key: str) -> dict[str, Any] | None:
    """Return what was asked, None without the key: then nothing is answered."""
    try:
        question = json.loads(line)
    except ValueError:
        return None
    given = question.pop("key", "") if isinstance(question, dict) else ""
    return (
        question
        if isinstance(given, str) and hmac.compare_digest(given.encode(errors="replace"), key.encode())
        else None
    )


def _answer_of(answer: Answer, question: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return answer(question)
    except MemoryOSError as exc:
        logger.warning("a hook's question failed: %s", type(exc).__name__)
        return {"error": type(exc).__name__}


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
