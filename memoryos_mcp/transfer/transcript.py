"""
The last exchange of a Claude Code session, read from the end of its transcript.

A transcript is one JSON object a line: what the person typed, what the model said, tools called and their results,
and the host's own notes. Kept are the words of the person and the model's final answer to them. Words that came while
the model worked (a prompt that was queued, a remark beside a tool's result, or why a tool was refused) belong to the
prompt that it worked on.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ..text import is_boilerplate, typed_text, words
from .lines_backwards import lines_backwards

__all__ = ["TypedExchange", "exchanges", "is_prompt", "last_exchange", "session_start"]

_NOT_TYPED = (
    "<command-", "<local-command", "<bash-", "<system-reminder", "<task-notification", "<ide_", "[Request interrupted"
)  # fmt: skip
_TURNS = ("<command-", "<task-notification", "[Request interrupted")
"""What the host puts in the place of a prompt: the words after it answer no exchange before it."""

_RESULT, _BY_MODEL = re.compile(rb'"type"\s*:\s*"tool_result"'), re.compile(rb'"type"\s*:\s*"assistant"')
_FAILED = re.compile(rb'"is_error"\s*:\s*true')
_TEXT = re.compile(rb'"type"\s*:\s*"text"')
_COMPACTED = (b'"isCompactSummary":true', b'"isCompactSummary": true', b'"type":"compacted"')
"""What Claude Code's transcripts, and Codex's, have in them once the model sees a summary instead of the beginning."""
_BLOCK_BYTES, _LONGEST_MARK = 1_000_000, 64

_REFUSED = "To tell you how to proceed, the user said:"
"""What stands in the result of a tool before the words of the person who refused it."""

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
        if is_prompt(line):
            return _exchange([line, *end.lines()])
        if _is_the_hosts(line):
            break
        end.take(line)
    return _exchange(end.lines())


class _End:
    """What a turn ends with, taken up line by line from its end."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._said = self._complete = False

    def may_need(self, line: bytes) -> bool:
        """Whether a line is worth parsing: results of tools are not, nor what was said before the last words."""
        if _RESULT.search(line):
            return _FAILED.search(line) is not None or _TEXT.search(line) is not None
        return not self._complete or not _BY_MODEL.search(line) or _STORES.encode() in line

    def take(self, line: Line) -> None:
        """Keep of *line*, the one before those taken, what tells the final answer or a call of ours."""
        blocks = [_slim(block) for block in _blocks(line) if block.get("type") in _KEPT]
        if line.get("type") == "user" and (added := _typed(line)):
            blocks = [*(block for block in blocks if block["type"] != "text"), {"type": "text", "text": added}]
        calls = any(block["type"] == "tool_use" for block in blocks)
        self._complete = self._complete or (calls and self._said)
        self._said = self._said or any(_is_answer(line, block) for block in blocks)
        if blocks and line.get("type") in ("assistant", "user"):
            told: Line = {name: line[name] for name in ("type", "uuid", "timestamp", "queued") if name in line}
            self._lines.append({**told, "message": {"content": blocks}})

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
    return (found for turn in _turns(lines) if (found := _exchange(turn)) is not None)


def _turns(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Yield the lines of each turn, from its prompt on; without one for a turn that the host began by itself."""
    turn: list[Line] = []
    for line in map(_unqueued, lines):
        if _is_nobodys(line):
            continue
        prompt = is_prompt(line)
        if prompt or _is_the_hosts(line):
            yield turn
            turn = [line] if prompt else []
        elif line.get("type") in ("assistant", "user"):
            turn.append(line)
    yield turn


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
    return _unqueued(found) if isinstance(found, dict) else {}


def _unqueued(line: Line) -> Line:
    """Return a prompt that was queued while the model worked as the line of type "user" that it never became."""
    told = line.get("attachment")
    if (
        not isinstance(told, dict)
        or told.get("type") != "queued_command"
        or told.get("commandMode", "prompt") != "prompt"
    ):
        return line
    return {**line, "type": "user", "queued": True, "message": {"content": told.get("prompt")}}


def is_prompt(line: Line) -> bool:
    """Whether a line begins a turn with what a person typed."""
    return line.get("type") == "user" and not _is_remark(line) and bool(_typed(line))


def _is_remark(line: Line) -> bool:
    """Whether what a person typed in a line of type "user" came while the model worked."""
    return bool(line.get("queued")) or any(block.get("type") == "tool_result" for block in _blocks(line))


def _typed(line: Line) -> str:
    """Return what a person typed in a line of type "user", without the host's notes and the tools' results."""
    refused = [_refusal(block) for block in _blocks(line) if block.get("type") == "tool_result"]
    texts = [typed_text(str(block.get("text", ""))) for block in _blocks(line) if block.get("type") == "text"]
    typed = (text for text in texts if not text.lstrip().startswith(_NOT_TYPED))
    return "\n\n".join(text.strip() for text in (*refused, *typed) if text.strip())


def _refusal(result: Line) -> str:
    """Return what a person who refused a tool said to that."""
    told = result.get("content") if result.get("is_error") else ""
    return told.partition(_REFUSED)[2] if isinstance(told, str) else ""


def _is_nobodys(line: Line) -> bool:
    """Whether a line is a subagent's, a note of the host's, a failed request or a summary of what was said before."""
    return any(line.get(mark) for mark in ("isSidechain", "isMeta", "isCompactSummary", "isApiErrorMessage"))


def _is_the_hosts(line: Line) -> bool:
    """Whether a line stands where a prompt would, without anybody's words in it."""
    if line.get("type") != "user" or line.get("queued") or _typed(line):
        return False
    texts = [str(block.get("text", "")) for block in _blocks(line) if block.get("type") == "text"]
    return any(text.lstrip().startswith(_TURNS) for text in texts)


def _exchange(turn: Sequence[Line]) -> TypedExchange | None:
    """
    Return the exchange of a turn; None when nobody typed anything in it.

    The final answer is what was said after the last tool was called, or, if nothing was, the last that was said.
    """
    typed = [line for line in turn if line.get("type") == "user" and _typed(line)]
    if not typed:
        return None
    final, said, asked = "", "", "\n\n".join(map(_typed, typed))
    calls = set[str]()
    for line, block in ((each, block) for each in turn for block in _blocks(each)):
        kind = (line.get("type"), block.get("type"))
        if kind == ("assistant", "tool_use"):
            calls |= {str(block.get("id", ""))} if _stores(block) and _is_told_of(asked, block) else set()
            said, final = final or said, ""
        elif kind == ("user", "tool_result") and block.get("is_error"):
            calls.discard(str(block.get("tool_use_id", "")))  # refused by the person, or failed
        elif _is_answer(line, block):
            final = f"{final}\n\n{block['text']}".strip()
    return TypedExchange(
        prompt_id=str(typed[0].get("uuid", "")),
        user_input=asked,
        agent_response=final or said,
        timestamp=str(typed[0].get("timestamp", "")),
        stored=bool(calls),
    )


def _is_answer(line: Line, block: Line) -> bool:
    """Whether a block of a line is what the model said, and no limit or failure that stands in its place."""
    text = block.get("text") if (line.get("type"), block.get("type")) == ("assistant", "text") else None
    return isinstance(text, str) and bool(text.strip()) and not is_boilerplate(text)


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
