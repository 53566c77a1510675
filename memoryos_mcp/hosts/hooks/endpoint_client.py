"""The hook's side of `endpoint`: one question to a server that runs on the same data folder, within a deadline."""

import hashlib
import hmac
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["ENDPOINTS", "ask", "proof"]

logger = logging.getLogger(__name__)

ENDPOINTS = "endpoints"

_LONGEST_PROOF = 100
_GREETING_S = 0.25
"""How long a server may take to show that it is one: no memory is needed for that."""


def ask(data_dir: Path, question: Mapping[str, Any], deadline_s: float) -> dict[str, Any] | None:
    """
    Return the answer of the newest server that answers in time, None when none does.

    The file of a server that is gone is removed, also when its port is another program's now; that one learns nothing.
    """
    ends = time.monotonic() + deadline_s
    try:
        doors = _newest_first(data_dir / ENDPOINTS)
    except OSError as exc:  # a server left just now
        logger.warning("no server was found: %s", exc)
        return None
    for path in doors:
        left = ends - time.monotonic()
        if left <= 0:
            break
        try:
            door = json.loads(path.read_text(encoding="ascii"))
            return _post_question(door["port"], door["key"], question, left)
        except (ConnectionRefusedError, _StrangerError):
            path.unlink(missing_ok=True)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            logger.warning("no answer from the server of %s: %s", path.name, exc)
    return None


def _newest_first(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        found = [(entry.stat().st_mtime, Path(entry.path)) for entry in entries if entry.name.endswith(".json")]
    return [path for _, path in sorted(found, reverse=True)]


def proof(key: str, greeting: bytes) -> bytes:
    """Return what only somebody with *key* can answer to a *greeting*."""
    return hmac.new(key.encode(), greeting.strip(), hashlib.sha256).hexdigest().encode()


class _StrangerError(Exception):
    """What listens at the port is no server of ours."""


def _post_question(port: int, key: str, question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=min(seconds, _GREETING_S)) as door,
        door.makefile("rb") as answer,
    ):
        greeting = secrets.token_hex(16).encode()
        door.sendall(greeting + b"\n")
        shown = answer.readline(_LONGEST_PROOF)
        if not shown:  # it is leaving, or of an earlier version: its file is its own affair
            raise ConnectionError("it closed the door")
        if not hmac.compare_digest(shown.strip(), proof(key, greeting)):
            raise _StrangerError
        door.settimeout(seconds)
        door.sendall(json.dumps({**question, "key": key}).encode() + b"\n")
        found = json.loads(answer.readline())
    if not isinstance(found, dict):
        raise ValueError("not an answer")  # noqa: TRY004 - what answered is not one of ours
    return found
