"""
Cursor's own database (globalStorage/state.vscdb): its chats, read from a copy, so that Cursor is never in the way.

The table `cursorDiskKV` holds a chat at `composerData:ID`, with its messages or their ids, and a message at
`bubbleId:ID:MESSAGE`. Messages that only call tools have no text. The copy is gone when the last chat is read.
"""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from .items import Items, Skip, moment
from .pairing import ASSISTANT, USER, Message, pair_turns, text_of

__all__ = ["SQLITE_MARK", "read_cursor_database"]

SQLITE_MARK = b"SQLite format 3\x00"
_ROLES = {1: USER, 2: ASSISTANT}
_CHATS = "SELECT key, value FROM cursorDiskKV WHERE key >= 'composerData:' AND key < 'composerData;' ORDER BY key"
_MESSAGE = "SELECT value FROM cursorDiskKV WHERE key = ?"


def read_cursor_database(file: IO[bytes]) -> Items:
    """Yield the exchanges of every chat of a database."""
    with tempfile.TemporaryDirectory(prefix="memoryos-import-") as folder:
        copy = Path(folder) / "state.vscdb"
        with copy.open("wb") as target:
            shutil.copyfileobj(file, target)
        _copy_log(file, copy)
        try:
            with closing(sqlite3.connect(copy)) as database:
                yield from _chats(database)
        except sqlite3.DatabaseError as exc:
            yield Skip(f"no database of Cursor, or a damaged one ({exc})", "the file")


def _copy_log(file: IO[bytes], copy: Path) -> None:
    """Copy what the database's owner has written beside it and not yet into it."""
    name = getattr(file, "name", None)
    log = Path(f"{name}-wal") if isinstance(name, str) else None
    if log is not None and log.is_file():
        shutil.copyfile(log, f"{copy}-wal")


def _chats(database: sqlite3.Connection) -> Items:
    for key, value in database.execute(_CHATS):
        chat = _record(value)
        id_ = str(key).partition(":")[2]
        if chat is None:
            yield Skip("a chat that cannot be read", key)
            continue
        title = chat.get("name")
        metadata = {"source": "cursor", **({"conversation": title} if isinstance(title, str) and title else {})}
        messages = list(_messages(database, id_, chat))
        if not messages:
            yield Skip("conversation without messages", key)
        yield from pair_turns(messages, conversation=id_, metadata=metadata, began=moment(chat.get("createdAt")))


def _messages(database: sqlite3.Connection, chat_id: str, chat: dict[str, Any]) -> Iterator[Message]:
    headers = chat.get("fullConversationHeadersOnly") or chat.get("conversation")
    for header in headers if isinstance(headers, list) else []:
        bubble = header if isinstance(header, dict) else {}
        if "text" not in bubble:
            found = database.execute(_MESSAGE, (f"bubbleId:{chat_id}:{bubble.get('bubbleId')}",)).fetchone()
            bubble = {**bubble, **((_record(found[0]) if found else None) or {})}
        kind = bubble.get("type")
        role = _ROLES.get(kind) if isinstance(kind, int) else None
        if role:
            where = f"composerData:{chat_id}"
            yield Message(role, text_of(bubble.get("text")), moment(bubble.get("createdAt")), where)


def _record(value: object) -> dict[str, Any] | None:
    try:
        found = json.loads(value) if isinstance(value, (str, bytes)) else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
