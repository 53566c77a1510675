"""Files of histories, for tests: written as hosts write them, and what is read of them."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from memoryos_mcp.transfer.history import ImportedExchange, read_history

__all__ = ["JUNE", "MAY", "at", "chatgpt", "exchanges", "facts", "node", "texts", "written"]


MAY = "2024-05-01T10:00:00+00:00"
JUNE = "2024-06-01T10:00:00+00:00"


def at(text: str) -> datetime:
    """Return a time."""
    return datetime.fromisoformat(text)


def written(folder: Path, name: str, *values: object, lines: bool = False) -> Path:
    """Write a value as JSON, or several as lines; return the file."""
    path = folder / name
    text = "".join(f"{json.dumps(value)}\n" for value in values) if lines else json.dumps(values[0])
    path.write_text(text, encoding="utf-8")
    return path


def exchanges(path: Path, **options: Any) -> list[ImportedExchange]:
    """Return what is read, in order."""
    with read_history(path, **options) as history:
        return list(history)


def facts(path: Path) -> list[tuple[str, str, str]]:
    """Return the facts read: text, about, day."""
    with read_history(path) as history:
        return [(item.text, item.about, f"{item.said_at:%Y-%m-%d}") for item in history.knowledge()]


def texts(found: Sequence[ImportedExchange]) -> list[tuple[str, str]]:
    """Return both sides."""
    return [(item.user_input, item.agent_response) for item in found]


def node(id_: str, parent: str | None, role: str, text: object, when: str = MAY, **more: Any) -> dict[str, Any]:
    """Return a node of ChatGPT's tree."""
    content = text if isinstance(text, dict) else {"content_type": "text", "parts": [text]}
    message = {"author": {"role": role}, "create_time": at(when).timestamp(), "content": content, **more}
    return {id_: {"id": id_, "parent": parent, "message": message}}


def chatgpt(title: str, mapping: dict[str, Any], current: str | None) -> dict[str, Any]:
    """Return a conversation of ChatGPT."""
    return {
        "title": title,
        "create_time": at(MAY).timestamp(),
        "mapping": mapping,
        "current_node": current,
        "id": title,
    }
