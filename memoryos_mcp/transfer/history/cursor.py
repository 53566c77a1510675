"""
Cursor: transcripts of its agent (agent-transcripts/*.jsonl) and chats exported as Markdown.

Neither dates its messages: an exported chat has the date of its export, a transcript that of its file. Chats that
lie in Cursor's own database are read by `cursor_database`. Subagents' transcripts are not the user's conversation.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from .items import Items, Skip
from .json_parts import lines
from .pairing import ASSISTANT, USER, Message, pair_turns, role_of, text_of, without_rule

__all__ = ["is_cursor", "is_cursor_markdown", "read_cursor", "read_cursor_markdown"]

_TYPED, _TYPED_END = "<user_query>", "</user_query>"
_SPEAKER = re.compile(r"^\*\*(User|Cursor)\*\*\s*$")
_EXPORTED = re.compile(r"^_Exported on (.+?) from Cursor\b.*_\s*$", re.MULTILINE)
_DATES = ("%m/%d/%Y at %H:%M:%S", "%m/%d/%Y at %I:%M:%S %p", "%d/%m/%Y at %H:%M:%S", "%d.%m.%Y at %H:%M:%S")
_ZONE = re.compile(r"\s*GMT([+-]\d{1,2})?(?::?(\d{2}))?$")


def is_cursor(value: dict[str, Any]) -> bool:
    """Whether *value* is a line of an agent's transcript."""
    message = value.get("message")
    return "role" in value and isinstance(message, dict) and isinstance(message.get("content"), list)


def is_cursor_markdown(start: str) -> bool:
    """Whether a file that begins like this is an exported chat."""
    return _EXPORTED.search(start) is not None


def read_cursor(file: IO[bytes]) -> Items:
    """Yield the exchanges of an agent's transcript."""
    messages, skipped = list[Message](), list[Skip]()
    for where, value in lines(file):
        if isinstance(value, Skip) or not isinstance(value, dict) or not isinstance(value.get("message"), dict):
            skipped.append(value if isinstance(value, Skip) else Skip("no message", where))
            continue
        role, text = role_of(value.get("role")), text_of(value["message"].get("content"))
        if role:
            typed = _typed_parts(text) if role == USER else []
            messages.append(Message(role, "\n\n".join(typed) or text, None, where))
    yield from skipped
    yield from pair_turns(messages, conversation="", metadata={"source": "cursor"})


def read_cursor_markdown(file: IO[bytes]) -> Items:
    """Yield the exchanges of an exported chat."""
    text = file.read().decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    title = text.split("\n", 1)[0].lstrip("# ").strip()
    exported = _EXPORTED.search(text)
    messages = list(_messages_of(text))
    if not messages:
        yield Skip("conversation without messages", "line 1")
    metadata = {"source": "cursor", **({"conversation": title} if title else {})}
    began = _date(exported[1]) if exported else None
    yield from pair_turns(messages, conversation="", metadata=metadata, began=began)


def _typed_parts(text: str) -> list[str]:
    """Return what the user typed, of a prompt that holds more: each stretch up to the next end, in one walk."""
    parts = (part.partition(_TYPED) for part in text.split(_TYPED_END)[:-1])
    return [typed.strip() for _, begun, typed in parts if begun]


def _messages_of(text: str) -> Iterator[Message]:
    role, start, said = "", 0, list[str]()
    for number, line in enumerate([*text.split("\n"), "**User**"], start=1):
        speaker = _SPEAKER.match(line)
        if speaker is None:
            said.append(line)
            continue
        if role:
            yield Message(role, without_rule("\n".join(said)), None, f"line {start}")
        role, start, said = USER if speaker[1] == "User" else ASSISTANT, number, []


def _date(text: str) -> datetime | None:
    """Return the time of an export, which Cursor writes as its machine does; None when that is not known here."""
    zone = _ZONE.search(text)
    hours, minutes = (zone[1] or "+0", zone[2] or "00") if zone else ("+0", "00")
    bare = _ZONE.sub("", text).strip()
    found = (_parse_date(f"{bare} {int(hours):+03d}{minutes}", f"{pattern} %z") for pattern in _DATES)
    return next((date for date in found if date is not None), None)


def _parse_date(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - every pattern ends in %z
    except ValueError:  # another machine's way of writing it
        return None
