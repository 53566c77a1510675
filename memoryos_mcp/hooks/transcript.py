"""
The last exchange of a Claude Code session, read from the end of its transcript.

A transcript is one JSON object a line: what the person typed, what the model said, tools called and their results,
and the host's own notes. Kept are the words of the person and the model's final answer to them.
"""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Exchange", "exchanges", "last_exchange", "session_start"]

_TAIL_BYTES = 4_000_000
_NOT_TYPED = ("<command-", "<local-command", "<bash-", "<system-reminder", "<task-notification", "[Request interrupted")
_STORES = "add_memory"

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
    """Return the exchange that a transcript ends with, None when there is none."""
    last = deque(exchanges(_lines(path)), maxlen=1)
    return last[0] if last else None


def exchanges(lines: Iterator[Line] | Sequence[Line]) -> Iterator[Exchange]:
    """Yield the exchanges of a transcript's lines; one without an answer yet has an empty one."""
    prompt: Line | None = None
    answer: list[Line] = []
    for line in lines:
        if line.get("isSidechain") or line.get("isMeta") or line.get("isCompactSummary"):
            continue
        if line.get("type") == "user" and _typed(line):
            if prompt is not None:
                yield _exchange(prompt, answer)
            prompt, answer = line, []
        elif line.get("type") == "assistant" and prompt is not None:
            answer.append(line)
    if prompt is not None:
        yield _exchange(prompt, answer)


def session_start(path: Path) -> str | None:
    """Return when a session began; None when it was compacted since, so that its model no longer sees its beginning."""
    with path.open("rb") as file:
        first = next((line for line in map(_parsed, file) if "timestamp" in line), None)
        file.seek(0)
        compacted = any(b'"isCompactSummary":true' in line for line in file)
    return None if first is None or compacted else str(first["timestamp"])


def _lines(path: Path) -> Iterator[Line]:
    """Yield the lines at the end of a transcript; of one that is half written, nothing."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        if size > _TAIL_BYTES:
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
    text = _text(blocks)
    return "" if text.startswith(_NOT_TYPED) else text


def _exchange(prompt: Line, answer: Sequence[Line]) -> Exchange:
    """The final answer is what was said after the last tool was called, or, if nothing was, the last that was said."""
    final, said, stored = "", "", False
    for line in answer:
        for block in _blocks(line):
            if block.get("type") == "tool_use":
                stored = stored or str(block.get("name", "")).endswith(_STORES)
                said, final = final or said, ""
            elif block.get("type") == "text":
                final = f"{final}\n\n{block.get('text', '')}".strip()
    return Exchange(
        prompt_id=str(prompt.get("uuid", "")),
        user_input=_typed(prompt),
        agent_response=final or said,
        timestamp=str(prompt.get("timestamp", "")),
        stored=stored,
    )


def _blocks(line: Line) -> list[Line]:
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _text(blocks: Sequence[Line]) -> str:
    return "\n\n".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text").strip()
