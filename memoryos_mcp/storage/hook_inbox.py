"""
The hook inbox, the folder `spool`: exchanges that a host's hook left on disk for whichever process opens the memory
next.

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
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..domain.errors import InputError
from ..domain.inputs import parse_timestamp

__all__ = ["SPOOL", "WaitingExchange", "drop", "in_use", "kept_of", "key_of", "note", "open_exchange", "put", "take_in"]

logger = logging.getLogger(__name__)

SPOOL = "spool"
_TAKEN, _REFUSED, _OPEN = "taken", "refused", "open"
_KEPT_S = 30 * 24 * 3600
_OPEN_S = 7 * 24 * 3600
_WRITING_S = 60


@dataclass(frozen=True, slots=True)
class WaitingExchange:
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


def put(data_dir: Path, key: str, exchange: WaitingExchange) -> bool:
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
    _make(data_dir, folder)
    note(folder / f"{key}.json", asdict(exchange))
    return True


def in_use(data_dir: Path) -> bool:
    """Whether hooks store what is said: one did in the last weeks."""
    return (data_dir / SPOOL).is_dir()


def open_exchange(data_dir: Path, key: str) -> Path:
    """Return where a host's hooks may note the exchange under way, of which they see one part at a time."""
    folder = data_dir / SPOOL / _OPEN
    _make(data_dir, folder.parent, folder)
    return folder / f"{key}.json"


def kept_of(data_dir: Path, user_id: str, before: datetime | None = None) -> list[Path]:
    """
    Return what of a user (said *before* a time) is in the inbox: waiting, under way, or set aside.

    Without a time, that is also what cannot be read: nobody can say whose words it holds.
    """
    found = []
    for path in sorted((data_dir / SPOOL).rglob("*.json")):
        try:
            noted = json.loads(path.read_text(encoding="ascii"))
        except OSError:
            continue
        except ValueError:
            noted = None
        known = isinstance(noted, dict) and isinstance(noted.get("user_id"), str)
        if (noted["user_id"] == user_id and _is_earlier(noted, before)) if known else before is None:
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


def note(path: Path, value: Mapping[str, object]) -> None:
    """Put *value* in place of *path* at once, and on disk."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps(value, ensure_ascii=True))  # lone surrogates and all
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def take_in(
    data_dir: Path, add: Callable[[WaitingExchange], object], alone: Callable[[], AbstractContextManager[None]]
) -> int:
    """
    Hand every waiting exchange to *add*, oldest first, and return how many there were.

    Each is read again within *alone*, a lock that is shared with whoever forgets: what another process took in
    meanwhile may have been forgotten since. One that *add* refuses as unusable, or that is no exchange, is set aside
    in `spool/refused`; one that cannot be opened or removed now waits on. Both are logged.
    """
    folder = data_dir / SPOOL
    taken = sum(_taken(path, add, alone) for path in _oldest_first(folder))
    _sweep(folder, ".*.tmp", _WRITING_S)
    _sweep(folder / _OPEN, "*.json", _OPEN_S)
    if taken:
        _sweep(folder / _TAKEN, "*", _KEPT_S)
    return taken


def _make(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _oldest_first(folder: Path) -> list[Path]:
    """Return the files that wait; one that cannot be read comes first and is looked at again."""

    def said_at(path: Path) -> str:
        try:
            exchange = _read(path)
        except OSError:
            return ""
        return str(exchange.timestamp) if exchange is not None else ""

    return sorted(sorted(folder.glob("*.json")), key=said_at) if folder.is_dir() else []


def _taken(
    path: Path, add: Callable[[WaitingExchange], object], alone: Callable[[], AbstractContextManager[None]]
) -> bool:
    """Store what waits in *path*; return whether that is done now. Nothing is there when another process did it."""
    try:
        with alone():
            return _stored(path, add)
    except FileNotFoundError:
        return False
    except OSError as exc:
        logger.warning("%s in the hook inbox waits on: %s", path.name, exc)
        return False


def _stored(path: Path, add: Callable[[WaitingExchange], object]) -> bool:
    exchange = _read(path)
    if exchange is None:
        _set_aside(path, "it is no exchange")
        return False
    try:
        add(exchange)
    except InputError as exc:
        _set_aside(path, type(exc).__name__)
        return False
    (path.parent / _TAKEN).mkdir(exist_ok=True, mode=0o700)
    (path.parent / _TAKEN / path.stem).touch(mode=0o600)
    path.unlink(missing_ok=True)
    return True


def _read(path: Path) -> WaitingExchange | None:
    """Return the exchange in *path*, None when there is none in it; may raise OSError."""
    try:
        return WaitingExchange(**json.loads(path.read_text(encoding="ascii")))
    except (ValueError, TypeError):
        return None


def _set_aside(path: Path, reason: str) -> None:
    aside = path.parent / _REFUSED
    aside.mkdir(exist_ok=True, mode=0o700)
    path.replace(aside / path.name)
    logger.error("the exchange in %s was not stored (%s); it is kept in %s", path.name, reason, aside)


def _sweep(folder: Path, pattern: str, seconds: float) -> None:
    """Remove what was left in *folder* and below it longer ago than *seconds*."""
    oldest = time.time() - seconds
    for path in folder.rglob(pattern):
        _remove_if_older(path, oldest)


def _remove_if_older(path: Path, oldest: float) -> None:
    try:
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
    except OSError as exc:  # gone by now, or in use: the next time will do
        logger.debug("left %s: %s", path.name, exc)
