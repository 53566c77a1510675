"""
Sessions of Codex (~/.codex/sessions/**/rollout-*.jsonl): what was typed and what was answered.

Instructions, environment, reasoning and tools are left out. Every line has its date; older files lack the envelope.
"""

from collections.abc import Iterator
from typing import IO, Any

from ...domain.projects import project_label
from .items import Items, Skip, moment
from .json_parts import lines
from .pairing import Message, pair_turns, role_of, text_of

__all__ = ["is_codex", "read_codex"]

_ENVELOPES = ("session_meta", "response_item", "event_msg", "turn_context", "compacted")
_TEXTS = ("input_text", "output_text", "text")


def is_codex(value: dict[str, Any]) -> bool:
    """Whether *value* is a line of this format."""
    return value.get("type") in _ENVELOPES and isinstance(value.get("payload"), dict)


def read_codex(file: IO[bytes]) -> Items:
    """Yield the exchanges of a session."""
    skipped, about = list[Skip](), dict[str, Any]()
    messages = list(_messages(lines(file), about, skipped))
    folder, id_ = about.get("cwd"), about.get("id")
    named = isinstance(folder, str) and folder.strip(" /\\")
    project = project_label(str(folder).rstrip("/\\")) if named else ""
    metadata = {"source": "codex", **({"session": id_} if isinstance(id_, str) and id_ else {})}
    yield from skipped
    yield from pair_turns(
        messages, conversation=str(id_ or ""), metadata=metadata, began=moment(about.get("timestamp")), project=project
    )


def _messages(parts: Iterator[tuple[str, Any]], about: dict[str, Any], skipped: list[Skip]) -> Iterator[Message]:
    for where, value in parts:
        if isinstance(value, Skip) or not isinstance(value, dict):
            skipped.append(value if isinstance(value, Skip) else Skip("the line is no object", where))
            continue
        told = value.get("payload")
        item = told if isinstance(told, dict) else value
        if value.get("type") == "session_meta":
            about.update({key: entry for key, entry in item.items() if key not in about})
        elif item.get("type") == "message" and (role := role_of(item.get("role"))):
            yield Message(role, _text(item.get("content")), moment(value.get("timestamp")), where)


def _text(content: object) -> str:
    """Return the text of a message; a stand-in when it is nothing but pictures."""
    if not isinstance(content, list):
        return text_of(content)
    blocks = [block for block in content if isinstance(block, dict)]
    text = text_of([str(block.get("text") or "") for block in blocks if block.get("type") in _TEXTS])
    return text or "[picture]" * any(block.get("type") == "input_image" for block in blocks)
