"""
Histories of SpecStory (.specstory/history/*.md): Markdown whose speakers stand in lines of their own.

Its mark, the name of the program in a comment at the top, tells it from other Markdown. Tools are left out.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from .items import Items, Skip, moment
from .pairing import ASSISTANT, USER, Message, pair_turns, without_rule

__all__ = ["is_specstory", "read_specstory"]

_MARK = re.compile(r"<!--[^\n]{0,80}\bSpecStory\b", re.IGNORECASE)
_SPEAKER = re.compile(r"^_\*\*(User|Assistant|Agent)\b([^\n]{0,200})\*\*_\s*$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?")
_TAGS = ("details", "tool-use", "think")
_START_CHARS = 2_000


def is_specstory(start: str) -> bool:
    """Whether a file that begins like this is one of SpecStory's."""
    return _MARK.search(start, 0, _START_CHARS) is not None


def read_specstory(file: IO[bytes]) -> Items:
    """Yield the exchanges of a history."""
    text = file.read().decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    began = _DATE.search(text, 0, _START_CHARS)
    messages = list(_messages(text))
    if not messages:
        yield Skip("conversation without messages", "line 1")
    yield from pair_turns(
        messages, conversation="", metadata={"source": "specstory"}, began=_moment(began[0]) if began else None
    )


def _messages(text: str) -> Iterator[Message]:
    role, start, said_at, said = "", 0, None, list[str]()
    for number, line in enumerate([*text.split("\n"), "_**User**_"], start=1):
        speaker = _SPEAKER.match(line)
        if speaker is None:
            said.append(line)
            continue
        if role:
            yield Message(role, without_rule(_without_tools("\n".join(said))), said_at, f"line {start}")
        found = _DATE.search(speaker[2])
        role, start, said = USER if speaker[1] == "User" else ASSISTANT, number, []
        said_at = _moment(found[0]) if found else None


def _without_tools(text: str) -> str:
    """Return what was said, without what stands between the tags of tools and thoughts, in one walk for each tag."""
    for tag in _TAGS:
        *parts, last = text.split(f"</{tag}>")
        text = "".join([*(part.partition(f"<{tag}")[0] for part in parts), last])
    return text


def _moment(text: str) -> datetime | None:
    return moment(re.sub(r"([ T]\d\d:\d\d)(?=$|Z|[+-])", r"\1:00", text))
