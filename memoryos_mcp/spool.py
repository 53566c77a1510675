"""
The spool: exchanges that a host's hook left on disk for whichever process opens the memory next.

A hook has no time to open Chroma. It writes one small file, on disk when `put` returns; `take_in` stores each and
then removes its file, so that a crash in between stores it again under the same page id, which is once. A mark is
kept for a month of every exchange taken in: a hook that runs twice leaves nothing new. Imports nothing heavy.
"""

import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .errors import InputError
from .inputs import parse_timestamp

__all__ = ["SPOOL", "Spooled", "drop", "kept_of", "key_of", "open_exchange", "put", "take_in"]

logger = logging.getLogger(__name__)

SPOOL = "spool"
_TAKEN, _REFUSED, _OPEN = "taken", "refused", "open"
_KEPT_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Spooled:
    """An exchange as a hook saw it: the arguments of `add_memory`, `timestamp` as ISO 8601."""

    user_id: str
    user_input: str
    agent_response: str
    timestamp: str
    metadata: dict[str, str]
    project: str


def key_of(*parts: str) -> str:
    """Return the name of an exchange: of what tells it from every other, such as session and prompt."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def put(data_dir: Path, key: str, exchange: Spooled) -> bool:
    """
    Leave *exchange* under *key*, on disk on return; one that waits already is replaced, one taken in is left alone.

    Returns:
        Whether it waits now.

    Raises:
        OSError: The folder cannot be written.
    """
    folder = data_dir / SPOOL
    if (folder / _TAKEN / key).exists():
        return False
    for made in (data_dir, folder):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / f"{key}.json", asdict(exchange))
    return True


def open_exchange(data_dir: Path, key: str) -> Path:
    """Return where a host's hooks may note the exchange under way, of which they see one part at a time."""
    folder = data_dir / SPOOL / _OPEN
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{key}.json"


def kept_of(data_dir: Path, user_id: str, before: datetime | None = None) -> list[Path]:
    """Return what of a user (said *before* a time) is in the spool: waiting, under way, or set aside."""
    found = []
    for path in sorted((data_dir / SPOOL).rglob("*.json")):
        try:
            noted = json.loads(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        if isinstance(noted, dict) and noted.get("user_id") == user_id and _is_earlier(noted, before):
            found.append(path)
    return found


def drop(kept: Iterable[Path]) -> int:
    """Remove what `kept_of` found, and return how many exchanges that were."""
    count = 0
    for path in kept:
        path.unlink(missing_ok=True)
        count += 1
    return count


def _is_earlier(noted: Mapping[str, Any], before: datetime | None) -> bool:
    if before is None:
        return True
    try:
        return parse_timestamp("timestamp", noted.get("timestamp", "")) < before
    except InputError:  # set aside because nobody can tell when it was said
        return False


def _write(path: Path, value: Mapping[str, object]) -> None:
    """Put *value* in place of *path* at once, and on disk."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps(value, ensure_ascii=True))  # lone surrogates and all
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def take_in(data_dir: Path, add: Callable[[Spooled], object]) -> int:
    """
    Hand every waiting exchange to *add*, oldest first, and return how many there were.

    One that *add* refuses as unusable, or that cannot be read, is set aside in `spool/refused` and logged.
    """
    folder = data_dir / SPOOL
    waiting = [(path, _read(path)) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []
    taken = 0
    for path, exchange in sorted(waiting, key=lambda pair: pair[1].timestamp if pair[1] else ""):
        if exchange is None:
            _set_aside(path, "it cannot be read")
            continue
        try:
            add(exchange)
        except InputError as exc:
            _set_aside(path, type(exc).__name__)
            continue
        (folder / _TAKEN).mkdir(exist_ok=True, mode=0o700)
        (folder / _TAKEN / path.stem).touch(mode=0o600)
        path.unlink(missing_ok=True)
        taken += 1
    if taken:
        _forget_old_marks(folder / _TAKEN)
    return taken


def _read(path: Path) -> Spooled | None:
    try:
        return Spooled(**json.loads(path.read_text(encoding="ascii")))
    except FileNotFoundError:  # another process took it in
        return None
    except (OSError, ValueError, TypeError):
        return None


def _set_aside(path: Path, reason: str) -> None:
    if not path.exists():
        return
    aside = path.parent / _REFUSED
    aside.mkdir(exist_ok=True, mode=0o700)
    logger.error("the exchange in %s was not stored (%s); it is kept in %s", path.name, reason, aside)
    path.replace(aside / path.name)


def _forget_old_marks(folder: Path) -> None:
    oldest = time.time() - _KEPT_S
    for mark in folder.iterdir():
        if mark.stat().st_mtime < oldest:
            mark.unlink(missing_ok=True)
