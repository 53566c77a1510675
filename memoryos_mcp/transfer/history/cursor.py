"""
Cursor: transcripts of its agent (agent-transcripts/*.jsonl) and chats exported as Markdown.

Neither dates its messages: an exported chat has the date of its export, a transcript that of its file. Chats that
lie in Cursor's own database are read by `cursor_database`. Subagents' transcripts are not the user's conversation.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import IO, Any

from .items import Items, Skip
from .json_parts import lines
from .pairing import ASSISTANT, USER, Message, pair_turns, role_of, text_of, without_rule

__all__ = ["is_cursor", "is_cursor_markdown", "read_cursor", "read_cursor_markdown"]

_TYPED, _TYPED_END = "<user_query>", "</user_query>"
_SPEAKER = re.compile(r"^\*\*(User|Cursor)\*\*\s*$")
_EXPORTED = re.compile(r"^_Exported on (.+?) from Cursor\b.*_\s*$", re.MULTILINE)
_ZONE = re.compile(r"\s*\b([A-Z]{2,5})?(?:([+-])(\d{1,2})(?::?(\d{2}))?)?$")
_AMERICAN = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8,
    "HST": -10, "UTC": 0, "GMT": 0,
}  # fmt: skip
_OTHER = {
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "SAST": 2,
    "IST": 5.5, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Hours before UTC of the short names that a machine shows: those of American English, which has the month first and
writes "GMT+2" for zones elsewhere, and those of English elsewhere, which has the day first."""
_TIME = re.compile(r"^(\d{1,4})([/.-])(\d{1,2})[/.-](\d{1,4}),? (?:at )?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap])?", re.I)


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
    began = _date(exported[1], datetime.now(timezone.utc)) if exported else None
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


def _date(text: str, now: datetime) -> datetime | None:
    """
    Return the time of an export, which Cursor writes as its machine does; None when it is none.

    A zone of an unknown name gives a time without a zone. Of "3/4/2026" the zone tells which is the month, and a month
    above twelve, or a day that is still to come, that it is the other one.
    """
    found, zone = _TIME.match(text), _ZONE.search(text)
    if found is None:
        return None
    name, sign, hours, minutes = zone.groups("") if zone else ("UTC", "", "", "")
    offset = {**_AMERICAN, **_OTHER}.get("UTC" if name in ("", "AM", "PM") else name)
    if offset is not None and sign:
        offset += (int(hours) + int(minutes or 0) / 60) * (-1 if sign == "-" else 1)
    first, separator, second, third, hour, minute, seconds, half = found.groups("")
    month_first, day_first = f"{third}-{first}-{second}", f"{third}-{second}-{first}"
    orders = [day_first, month_first] if separator == "." or name in _OTHER else [month_first, day_first]
    clock = f"{int(hour) % 12 + 12 * (half in 'pP') if half else hour}:{minute}:{seconds or 0}"
    times = [_time(f"{day} {clock}", offset) for day in ([text.split()[0]] if len(first) == 4 else orders)]
    known = [time for time in times if time is not None]
    past = (time for time in known if time.replace(tzinfo=time.tzinfo or timezone.utc) <= now + timedelta(days=1))
    return next(past, known[0] if known else None)


def _time(text: str, offset: float | None) -> datetime | None:
    try:
        zone = None if offset is None else timezone(timedelta(hours=offset))
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:  # a month above twelve
        return None
