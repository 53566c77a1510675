"""The hook's side of `endpoint`: one question to a server that runs on the same data folder, within a deadline."""

import json
import logging
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["ENDPOINTS", "ask"]

logger = logging.getLogger(__name__)

ENDPOINTS = "endpoints"


def ask(data_dir: Path, question: Mapping[str, Any], deadline_s: float) -> dict[str, Any] | None:
    """
    Return the answer of the newest server that answers in time, None when none does.

    The file of a server that is gone is removed.
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
            return _asked(door["port"], {**question, "key": door["key"]}, left)
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except (OSError, ValueError, KeyError) as exc:
            logger.warning("no answer from the server of %s: %s", path.name, exc)
    return None


def _newest_first(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        found = [(entry.stat().st_mtime, Path(entry.path)) for entry in entries if entry.name.endswith(".json")]
    return [path for _, path in sorted(found, reverse=True)]


def _asked(port: int, question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as door:
        door.sendall(json.dumps(question).encode() + b"\n")
        with door.makefile("rb") as answer:
            found = json.loads(answer.readline())
    if not isinstance(found, dict):
        raise ValueError("not an answer")  # noqa: TRY004 - what answered is not one of ours
    return found
