"""Which format a document has, told by its content: names say little, exports get renamed."""

import json
from collections.abc import Callable
from typing import IO, Any

from .chatgpt import is_chatgpt, read_chatgpt
from .claude import is_claude, read_claude
from .claude_code import is_claude_code, read_claude_code
from .cursor import is_cursor, is_cursor_markdown, read_cursor, read_cursor_markdown
from .documents import UNREADABLE, Document
from .items import Items
from .mem0 import is_mem0, reader_of_mem0
from .memory_server import is_memory_server, read_memory_server
from .memoryos_files import LONG_TERM_KEYS, read_long_term, read_mid_term
from .plain import is_plain, read_plain

__all__ = ["AUTO", "FORMATS", "OWN", "Reader", "format_of"]

AUTO = "auto"
OWN = "memoryos-mcp"
"""An export of this program, which is restored, not imported."""

Reader = Callable[[IO[bytes]], Items]

_START = 200_000
_PIECE = 4096
_SAMPLES = 40

_ARRAYS: dict[str, tuple[Callable[[dict[str, Any]], bool], Reader]] = {
    "chatgpt": (is_chatgpt, read_chatgpt),
    "claude": (is_claude, read_claude),
    "plain": (is_plain, read_plain),
    "mem0": (is_mem0, reader_of_mem0()),
}
_LINES: dict[str, tuple[Callable[[dict[str, Any]], bool], Reader]] = {
    "cursor": (is_cursor, read_cursor),
    "claude-code": (is_claude_code, read_claude_code),
    "memory-server": (is_memory_server, read_memory_server),
    "plain": (is_plain, read_plain),
    "mem0": (is_mem0, reader_of_mem0()),
}
FORMATS = tuple(sorted({*_ARRAYS, *_LINES, "memoryos"}))


def format_of(document: Document) -> tuple[str, Reader] | None:
    """Return the format of a document and its reader; None when it is none of those known."""
    with document.open() as file:
        start = _start(file).decode("utf-8-sig", errors="ignore").lstrip()
    if start.startswith("["):
        with document.open() as file:
            first = _first(file)
        return _matching_format(_ARRAYS, [first] if first else [])
    if not start.startswith("{"):
        return ("cursor", read_cursor_markdown) if is_cursor_markdown(start) else None
    samples = _samples(start)
    if samples and samples[0].get("kind") == "header" and samples[0].get("format") == OWN:
        return OWN, lambda file: iter(())
    return _matching_format(_LINES, samples) or _of_keys(document)


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


def _matching_format(
    known: dict[str, tuple[Callable[[dict[str, Any]], bool], Reader]], samples: list[dict[str, Any]]
) -> tuple[str, Reader] | None:
    for sample in samples:
        for name, (matches, reader) in known.items():
            if matches(sample):
                return name, reader
    return None


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


def _first(file: IO[bytes]) -> dict[str, Any] | None:
    from .json_parts import elements

    value = next((value for _, value in elements(file, "item")), None)
    return value if isinstance(value, dict) else None


def _of_keys(document: Document) -> tuple[str, Reader] | None:
    """Return the format of a file that is one object, by the keys at its top."""
    import ijson

    readers: dict[str, tuple[str, Reader]] = {
        "sessions": ("memoryos", read_mid_term),
        **dict.fromkeys(LONG_TERM_KEYS, ("memoryos", read_long_term)),
        **{key: ("mem0", reader_of_mem0(key)) for key in ("results", "memories")},
    }
    try:
        with document.open() as file:
            for prefix, event, value in ijson.parse(file):
                if event == "map_key" and not prefix and value in readers:
                    return readers[value]
    except (ijson.JSONError, ValueError, RecursionError):
        return None
    return None
