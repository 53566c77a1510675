"""
The last exchange of a Claude Code session, read from the end of its transcript.

A transcript is one JSON object a line: what the person typed, what the model said, tools called and their results,
and the host's own notes. Kept are the words of the person and the model's final answer to them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ..text import words
from .lines_backwards import lines_backwards

__all__ = ["TypedExchange", "exchanges", "last_exchange", "session_start"]

_NOT_TYPED = (
    "<command-", "<local-command", "<bash-", "<system-reminder", "<task-notification", "<ide_", "[Request interrupted"
)  # fmt: skip
_TURNS = ("<command-", "<task-notification", "[Request interrupted")
"""What the host puts in the place of a prompt: the words after it answer no exchange before it."""

_RESULT, _BY_MODEL = re.compile(rb'"type"\s*:\s*"tool_result"'), re.compile(rb'"type"\s*:\s*"assistant"')
_FAILED = re.compile(rb'"is_error"\s*:\s*true')
_COMPACTED = (b'"isCompactSummary":true', b'"isCompactSummary": true', b'"type":"compacted"')
"""What Claude Code's transcripts, and Codex's, have in them once the model sees a summary instead of the beginning."""
_BLOCK_BYTES, _LONGEST_MARK = 1_000_000, 64

_STORES, _TAKES = "add_memory", {"user_input", "agent_response"}
"""Our tool and its arguments: other memories have one of this name too."""

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TypedExchange:
    """What was asked and answered; `stored` says that the model stored something itself on the way."""

    prompt_id: str
    user_input: str
    agent_response: str
    timestamp: str
    stored: bool


def last_exchange(path: Path) -> TypedExchange | None:
    """
    Return the exchange that a transcript ends with; None when it ends with a command of the host's, or nothing.

    It is read from its end, and no more of it is kept than what was said last: a session may have any size.
    """
    end = _End()
    for text in lines_backwards(path):
        line = _parsed(text) if end.may_need(text) else {}
        if not line or _is_nobodys(line):
            continue
        if line.get("type") == "user" and _typed(line):
            return _exchange(line, end.lines())
        if _is_the_hosts(line):
            return None
        end.take(line)
    return None


class _End:
    """What a turn ends with, taken up line by line from its end."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._said = self._complete = False

    def may_need(self, line: bytes) -> bool:
        """Whether a line is worth parsing: results of tools are not, nor what was said before the last words."""
        if _RESULT.search(line):
            return _FAILED.search(line) is not None
        return not self._complete or not _BY_MODEL.search(line) or _STORES.encode() in line

    def take(self, line: Line) -> None:
        """Keep of *line*, the one before those taken, what tells the final answer or a call of ours."""
        blocks = [_slim(block) for block in _blocks(line) if block.get("type") in _KEPT]
        calls = any(block["type"] == "tool_use" for block in blocks)
        self._complete = self._complete or (calls and self._said)
        self._said = self._said or any(block["type"] == "text" and block.get("text") for block in blocks)
        if blocks and line.get("type") in ("assistant", "user"):
            self._lines.append({"type": line["type"], "message": {"content": blocks}})

    def lines(self) -> list[Line]:
        """Return what was kept, in the order of the transcript."""
        return self._lines[::-1]


_KEPT = ("text", "tool_use", "tool_result")


def _slim(block: Line) -> Line:
    """Return a block without what a tool was given or gave, but for a call of ours."""
    if block["type"] == "text" or _stores(block):
        return block
    return {name: block[name] for name in ("type", "id", "tool_use_id", "is_error") if name in block}


def exchanges(lines: Iterable[Line]) -> Iterator[TypedExchange]:
    """Yield the exchanges of a transcript's lines; one without an answer yet has an empty one."""
    return (turn for turn in _turns(lines) if turn is not None)


def _turns(lines: Iterable[Line]) -> Iterator[TypedExchange | None]:
    """Yield an exchange for what was typed and answered, None for a turn that the host began by itself."""
    prompt: Line | None = None
    said: list[Line] = []
    began = False
    for line in lines:
        if _is_nobodys(line):
            continue
        typed = _typed(line) if line.get("type") == "user" else ""
        if typed or _is_the_hosts(line):
            if began:
                yield _exchange(prompt, said) if prompt is not None else None
            prompt, said, began = line if typed else None, [], True
        elif prompt is not None and line.get("type") in ("assistant", "user"):
            said.append(line)
    if began:
        yield _exchange(prompt, said) if prompt is not None else None


def session_start(path: Path) -> str | None:
    """Return when a session began; None when it was compacted since, so that its model no longer sees its beginning."""
    with path.open("rb") as file:
        first = next((line for line in map(_parsed, file) if "timestamp" in line), None)
        compacted = first is not None and _holds(file, _COMPACTED)
    return None if first is None or compacted else str(first["timestamp"])


def _holds(file: BinaryIO, wanted: Sequence[bytes]) -> bool:
    """Whether one of *wanted* stands in a file, which is read a block at a time."""
    file.seek(0)
    before = b""
    while block := file.read(_BLOCK_BYTES):
        if any(mark in before + block for mark in wanted):
            return True
        before = block[-_LONGEST_MARK:]
    return False


def _parsed(line: bytes) -> Line:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _typed(line: Line) -> str:
    """Return what a person typed in a line of type "user", "" for tool results and the host's notes."""
    blocks = _blocks(line)
    if any(block.get("type") == "tool_result" for block in blocks):
        return ""
    return _text([block for block in blocks if not str(block.get("text", "")).lstrip().startswith(_NOT_TYPED)])


def _is_nobodys(line: Line) -> bool:
    """Whether a line is a subagent's, a note of the host's or the summary of what was said before."""
    return bool(line.get("isSidechain") or line.get("isMeta") or line.get("isCompactSummary"))


def _is_the_hosts(line: Line) -> bool:
    """Whether a line stands where a prompt would, without anybody's words in it."""
    return line.get("type") == "user" and any(
        block.get("type") == "text" and str(block.get("text", "")).lstrip().startswith(_TURNS)
        for block in _blocks(line)
    )


def _exchange(prompt: Line, lines: Sequence[Line]) -> TypedExchange:
    """The final answer is what was said after the last tool was called, or, if nothing was, the last that was said."""
    final, said, asked = "", "", _typed(prompt)
    calls = set[str]()
    for by, block in ((line.get("type"), block) for line in lines for block in _blocks(line)):
        kind = (by, block.get("type"))
        if kind == ("assistant", "tool_use"):
            calls |= {str(block.get("id", ""))} if _stores(block) and _is_told_of(asked, block) else set()
            said, final = final or said, ""
        elif kind == ("user", "tool_result") and block.get("is_error"):
            calls.discard(str(block.get("tool_use_id", "")))  # refused by the person, or failed
        elif kind == ("assistant", "text"):
            final = f"{final}\n\n{block.get('text', '')}".strip()
    return TypedExchange(
        prompt_id=str(prompt.get("uuid", "")),
        user_input=asked,
        agent_response=final or said,
        timestamp=str(prompt.get("timestamp", "")),
        stored=bool(calls),
    )


def _stores(call: Line) -> bool:
    given = call.get("input")
    return str(call.get("name", "")).endswith(_STORES) and isinstance(given, dict) and given.keys() >= _TAKES


def _is_told_of(asked: str, call: Line) -> bool:
    """Whether a call of ours stores the exchange that *asked* began: some models store the one before it."""
    told, wanted = set(words(str(call["input"]["user_input"]))), set(words(asked))
    return not told or not wanted or 2 * len(told & wanted) >= min(len(told), len(wanted))


def _blocks(line: Line) -> list[Line]:
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _text(blocks: Sequence[Line]) -> str:
    return "\n\n".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text").strip()
