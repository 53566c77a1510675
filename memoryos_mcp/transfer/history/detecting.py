"""Which format a document has, told by its content: names say little, exports get renamed."""

import json
from collections.abc import Callable
from functools import partial
from typing import IO, Any

from .bounds import TooMuchError, shallow
from .chatgpt import is_chatgpt, read_chatgpt
from .claude import is_claude, read_claude
from .claude_code import is_claude_code, read_claude_code
from .claude_memories import (
    is_claude_memories,
    is_claude_project,
    read_claude_memories,
    read_claude_projects,
)
from .codex import is_codex, read_codex
from .copilot import is_copilot, is_copilot_log, read_copilot, read_copilot_log
from .cursor import is_cursor, is_cursor_markdown, read_cursor, read_cursor_markdown
from .cursor_database import SQLITE_MARK, read_cursor_database
from .documents import UNREADABLE, Document
from .gemini import (
    is_gemini_activity,
    is_gemini_log,
    is_gemini_session,
    read_gemini_activity,
    read_gemini_log,
    read_gemini_sessions,
)
from .items import Items
from .json_parts import WHOLE, without_mark
from .mem0 import is_mem0, read_mem0
from .memory_server import is_memory_server, read_memory_server
from .memoryos_files import LONG_TERM_KEYS, read_chromadb_metadata, read_long_term, read_mid_term
from .plain import is_plain, read_plain
from .sharegpt import is_sharegpt, read_sharegpt
from .specstory import is_specstory, read_specstory

__all__ = ["AUTO", "FORMATS", "OWN", "Reader", "forced_format", "format_of"]

AUTO = "auto"
OWN = "memoryos-mcp"
"""An export of this program, which is restored, not imported."""

Reader = Callable[[IO[bytes]], Items]

_START = 200_000
_PIECE = 4096
_SAMPLES = 40
_CURSOR_TABLE = b"cursorDiskKV"
_MAX_KEYS = 1_000
_DEPTHS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}

Matches = Callable[[dict[str, Any]], bool]
ElementReader = Callable[[IO[bytes], str], Items]

_ELEMENTS: dict[str, tuple[Matches, ElementReader]] = {
    "chatgpt": (is_chatgpt, read_chatgpt),
    "claude": (is_claude, read_claude),
    "claude-memories": (is_claude_memories, read_claude_memories),
    "claude-projects": (is_claude_project, read_claude_projects),
    "copilot": (is_copilot, read_copilot),
    "gemini": (is_gemini_activity, read_gemini_activity),
    "gemini-cli": (is_gemini_session, read_gemini_sessions),
    "sharegpt": (is_sharegpt, read_sharegpt),
    "plain": (is_plain, read_plain),
    "mem0": (is_mem0, read_mem0),
}
"""What may stand in an array, in a line, alone, or in a wrapper."""
_LINES: dict[str, tuple[Matches, Reader]] = {
    "codex": (is_codex, read_codex),
    "cursor": (is_cursor, read_cursor),
    "claude-code": (is_claude_code, read_claude_code),
    "memory-server": (is_memory_server, read_memory_server),
}
_LOGS: dict[str, tuple[Matches, Reader]] = {
    "copilot": (is_copilot_log, read_copilot_log),
    "gemini-cli": (is_gemini_log, read_gemini_log),
}
"""What is told by its first line, the rest being changes of it."""
_WRAPPERS = ("conversations", "chats", "sessions", "data", "items", "results", "memories")
_MARKS = {
    "header",
    "conversations_memory",
    "project_memories",
    "prompt_template",
    "mapping",
    "chat_messages",
    "requests",
    "messages",
    "user_input",
    "conversations",
}
"""Keys of an object that is one conversation or exchange."""
FORMATS = tuple(sorted({*_ELEMENTS, *_LINES, "memoryos", "specstory"}))


def forced_format(document: Document, name: str) -> tuple[str, Reader] | None:
    """Return the reader of the format *name* for a document, whatever it looks like; None when it cannot be one."""
    found = format_of(document)
    if found is not None and found[0] == name:
        return found
    with document.open() as file:
        start = _start(file).decode("utf-8-sig", errors="ignore").lstrip()
    if not start.startswith(("[", "{")) or name not in (*_LINES, *_ELEMENTS):
        return None
    if name in _LINES:
        return name, _LINES[name][1]
    whole = start.startswith("{") and not _samples(start)
    return name, partial(_read_elements, _ELEMENTS[name][1], WHOLE if whole else "")


def format_of(document: Document) -> tuple[str, Reader] | None:
    """Return the format of a document and its reader; None when it is none of those known."""
    with document.open() as file:
        raw = _start(file)
    if raw.startswith(SQLITE_MARK):
        return ("cursor", read_cursor_database) if _CURSOR_TABLE in raw else None
    start = raw.decode("utf-8-sig", errors="ignore").lstrip()
    if start.startswith("["):
        with document.open() as file:
            first = _first(file)
        return _of_element(first, "") if first else None
    if not start.startswith("{"):
        if is_specstory(start):
            return "specstory", read_specstory
        return ("cursor", read_cursor_markdown) if is_cursor_markdown(start) else None
    samples = _samples(start)
    if samples and samples[0].get("kind") == "header" and samples[0].get("format") == OWN:
        return OWN, lambda file: iter(())
    logs = [(name, read) for name, (matches, read) in _LOGS.items() if samples and matches(samples[0])]
    return logs[0] if logs else _of_lines(samples) or _of_keys(document)


def _start(file: IO[bytes]) -> bytes:
    """Return the first bytes, as far as they can be read."""
    found = b""
    try:
        while len(found) < _START and (piece := file.read(_PIECE)):
            found += piece
    except UNREADABLE:
        if not found:
            raise
    return found


def _of_lines(samples: list[dict[str, Any]]) -> tuple[str, Reader] | None:
    for sample in samples:
        for name, (matches, reader) in _LINES.items():
            if matches(sample):
                return name, reader
        if found := _of_element(sample, ""):
            return found
    return None


def _of_element(value: dict[str, Any], prefix: str) -> tuple[str, Reader] | None:
    for name, (matches, reader) in _ELEMENTS.items():
        if matches(value):
            return name, partial(_read_elements, reader, prefix)
    return None


def _read_elements(read: ElementReader, prefix: str, file: IO[bytes]) -> Items:
    return read(file, prefix)


def _samples(start: str) -> list[dict[str, Any]]:
    """Return the first lines that are objects."""
    found = []
    for line in start.split("\n")[:_SAMPLES]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _first(file: IO[bytes], prefix: str = "item") -> dict[str, Any] | None:
    import ijson

    try:
        value = next(ijson.items(shallow(without_mark(file)), prefix, use_float=True), None)
    except TooMuchError:
        raise
    except (ijson.JSONError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _of_keys(document: Document) -> tuple[str, Reader] | None:
    """Return the format of a file that is one object: a wrapper by its first element, else by the keys at its top."""
    keys = _keys(document)
    for key in (key for key in keys if key in _WRAPPERS):
        with document.open() as file:
            first = _first(file, f"{key}.item")
        if first and (found := _of_element(first, f"{key}.item")):
            return found
    if keys & _MARKS:
        with document.open() as file:
            value = _first(file, "")
        if value and (found := _of_element(value, WHOLE)):
            return found
    if {"mid_term_sessions", "short_term_memory"} <= keys:
        return "memoryos", read_chromadb_metadata
    if keys & set(LONG_TERM_KEYS):
        return "memoryos", read_long_term
    return ("memoryos", read_mid_term) if "sessions" in keys else None


def _keys(document: Document) -> set[str]:
    """Return the keys at the top of a file that is one object, as far as it can be read."""
    import ijson

    found, depth = set[str](), 0
    with document.open() as file:
        try:
            for event, value in ijson.basic_parse(shallow(without_mark(file))):
                depth += _DEPTHS.get(event, 0)
                if event == "map_key" and depth == 1 and len(found) < _MAX_KEYS:
                    found.add(value)
        except TooMuchError:
            raise
        except (ijson.JSONError, ValueError, RecursionError):
            pass  # what is known so far decides; the reader tells where it breaks off
    return found
