"""
ChatGPT's export (conversations.json): each conversation is a tree of messages, edits and retries being branches.

Taken is the branch that was shown last, what the user typed and what was answered to them; tools, reasoning, hidden
messages are not. A prompt of nothing but pictures or files is named for them; of voices the transcript is taken, of a
canvas the text that was written into it.
"""

import json
from collections.abc import Iterator
from typing import IO, Any

from .items import Items, Skip, moment
from .json_parts import objects
from .pairing import Message, pair_turns, role_of, text_of

__all__ = ["is_chatgpt", "read_chatgpt"]

_KINDS = ("text", "multimodal_text")
_CANVAS = ("canmore.create_textdoc", "canmore.update_textdoc")
_STAND_INS = {
    "image_asset_pointer": "[picture]",
    "audio_asset_pointer": "[voice]",
    "real_time_user_audio_video_asset_pointer": "[voice]",
    "video_container_asset_pointer": "[video]",
}


def is_chatgpt(value: dict[str, Any]) -> bool:
    """Whether *value* is a conversation of this format."""
    return isinstance(value.get("mapping"), dict)


def read_chatgpt(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the exchanges of every conversation."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict) or not is_chatgpt(value):
            yield Skip("no conversation of ChatGPT", where)
        else:
            yield from _conversation(value, where)


def _conversation(value: dict[str, Any], where: str) -> Items:
    id_ = str(value.get("conversation_id") or value.get("id") or where)
    title = value.get("title")
    metadata = {"source": "chatgpt", **({"conversation": title} if isinstance(title, str) and title else {})}
    messages = list(_messages(value, where))
    if not messages:
        yield Skip("conversation without messages", where)
    yield from pair_turns(messages, conversation=id_, metadata=metadata, began=moment(value.get("create_time")))


def _messages(value: dict[str, Any], where: str) -> Iterator[Message]:
    for message in _branch(value):
        author, content, extra = message.get("author"), message.get("content"), message.get("metadata")
        role = role_of(author.get("role")) if isinstance(author, dict) else ""
        hidden = isinstance(extra, dict) and extra.get("is_visually_hidden_from_conversation")
        if not role or hidden or not isinstance(content, dict):
            continue
        recipient, said_at = message.get("recipient") or "all", moment(message.get("create_time"))
        if recipient in _CANVAS:
            yield Message(role, _canvas_text(content), said_at, where)
        elif recipient == "all" and content.get("content_type") in _KINDS:
            parts = content.get("parts")
            text = _parts_text(parts if isinstance(parts, list) else [])
            yield Message(role, text or _attached(extra), said_at, where)


def _parts_text(parts: list[Any]) -> str:
    """Return the text of a message's parts and the transcripts of voices; a stand-in for each part if there is none."""
    records = [part for part in parts if isinstance(part, dict)]
    told = [part.get("text") for part in records if part.get("content_type") == "audio_transcription"]
    text = text_of([part for part in [*parts, *told] if isinstance(part, str)])
    kinds = [str(part.get("content_type") or "image_asset_pointer" * ("asset_pointer" in part)) for part in records]
    return text or text_of(list(dict.fromkeys(_STAND_INS[kind] for kind in kinds if kind in _STAND_INS)))


def _attached(extra: object) -> str:
    """Return the names of the files of a message that has no text."""
    found = extra.get("attachments") if isinstance(extra, dict) else None
    names = [item.get("name") for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return text_of([f"[file {name}]" for name in names if isinstance(name, str) and name.strip()])


def _canvas_text(content: dict[str, Any]) -> str:
    """Return what a call wrote into a canvas: a whole text, or one that replaces the whole; "" for smaller changes."""
    parts = content.get("parts")
    call = content.get("text") or (parts[0] if isinstance(parts, list) and parts else "")
    try:
        told = json.loads(call) if isinstance(call, str) else {}
    except (ValueError, RecursionError):
        return ""
    updates = told.get("updates") if isinstance(told, dict) else None
    whole = [item for item in updates if isinstance(item, dict)] if isinstance(updates, list) else []
    texts = [item.get("replacement") for item in whole if item.get("pattern") in (".*", "(?s).*")]
    return text_of([told.get("content"), *texts] if isinstance(told, dict) else texts)


def _branch(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the messages from the root to the node that was shown last."""
    nodes = {id_: node for id_, node in value["mapping"].items() if isinstance(node, dict)}
    current = value.get("current_node")
    if current not in nodes:
        current = max(reversed(nodes), key=lambda id_: _time(nodes[id_]), default=None)
    found: list[dict[str, Any]] = []
    seen: set[Any] = set()
    while isinstance(current, str) and current in nodes and current not in seen:
        seen.add(current)
        message = nodes[current].get("message")
        found += [message] if isinstance(message, dict) else []
        current = nodes[current].get("parent")
    return found[::-1]


def _time(node: dict[str, Any]) -> float:
    message = node.get("message")
    found = message.get("create_time") if isinstance(message, dict) else None
    return found if isinstance(found, (int, float)) else 0.0
