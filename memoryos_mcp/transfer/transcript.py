"""
The last exchange of a Claude Code session, read from the end of its transcript.

A transcript is one JSON object a line: what the person typed, what the model said, tools called and their results,
and the host's own notes. Kept are the words of the person and the model's final answer to them.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Exchange", "exchanges", "last_exchange", "session_start"]

_TAIL_BYTES = 4_000_000
_NOT_TYPED = (
    "<command-", "<local-command", "<bash-", "<system-reminder", "<task-notification", "<ide_", "[Request interrupted"
)  # fmt: skip
_TURNS = ("<command-", "<task-notification", "[Request interrupted")
"""What the host puts in the place of a prompt: the words after it answer no exchange before it."""

_STORES, _TAKES = "add_memory", {"user_input", "agent_response"}
"""Our tool and its arguments: other memories have one of this name too."""

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and answered; `stored` says that the model stored something itself on the way."""

    prompt_id: str
    user_input: str
    agent_response: str
    timestamp: str
    stored: bool


def last_exchange(path: Path) -> Exchange | None:
    """Return the exchange that a transcript ends with; None when it ends with a command of the host's, or nothing."""
    size, tail = path.stat().st_size, _TAIL_BYTES
    while True:
        last = deque(_turns(_lines(path, tail)), maxlen=1)
        if last or tail >= size:
            return last[0] if last else None
        tail *= 8  # a long turn of an agent's: its prompt stands further up


def exchanges(lines: Iterable[Line]) -> Iterator[Exchange]:
    """Yield the exchanges of a transcript's lines; one without an answer yet has an empty one."""
    return (turn for turn in _turns(lines) if turn is not None)


def _turns(lines: Iterable[Line]) -> Iterator[Exchange | None]:
    """Yield an exchange for what was typed and answered, None for a turn that the host began by itself."""
    prompt: Line | None = None
    said: list[Line] = []
    began = False
    for line in lines:
        if line.get("isSidechain") or line.get("isMeta") or line.get("isCompactSummary"):
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
        file.seek(0)
        compacted = any(b'"isCompactSummary":true' in line for line in file)
    return None if first is None or compacted else str(first["timestamp"])


def _lines(path: Path, tail: int) -> Iterator[Line]:
    """Yield the lines in the last *tail* bytes of a transcript; of one that is half written, nothing."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - tail))
        if size > tail:
            file.readline()
        yield from map(_parsed, file)


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


def _is_the_hosts(line: Line) -> bool:
    """Whether a line stands where a prompt would, without anybody's words in it."""
    return line.get("type") == "user" and any(
        block.get("type") == "text" and str(block.get("text", "")).lstrip().startswith(_TURNS)
        for block in _blocks(line)
    )


def _exchange(prompt: Line, lines: Sequence[Line]) -> Exchange:
    """The final answer is what was said after the last tool was called, or, if nothing was, the last that was said."""
    final, said = "", ""
    calls = set[str]()
    for by, block in ((line.get("type"), block) for line in lines for block in _blocks(line)):
        kind = (by, block.get("type"))
        if kind == ("assistant", "tool_use"):
            calls |= {str(block.get("id", ""))} if _stores(block) else set()
            said, final = final or said, ""
        elif kind == ("user", "tool_result") and block.get("is_error"):
            calls.discard(str(block.get("tool_use_id", "")))  # refused by the person, or failed
        elif kind == ("assistant", "text"):
            final = f"{final}\n\n{block.get('text', '')}".strip()
    return Exchange(
        prompt_id=str(prompt.get("uuid", "")),
        user_input=_typed(prompt),
        agent_response=final or said,
        timestamp=str(prompt.get("timestamp", "")),
        stored=bool(calls),
    )


def _stores(call: Line) -> bool:
    given = call.get("input")
    return str(call.get("name", "")).endswith(_STORES) and isinstance(given, dict) and given.keys() >= _TAKES


def _blocks(line: Line) -> list[Line]:
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _text(blocks: Sequence[Line]) -> str:
    return "\n\n".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text").strip()
