"""
Claude's export (conversations.json): conversations with their messages, oldest first.

Where messages name their parents, the branch of the last one is taken. Thoughts and tools are left out; the text of
attached files is too, it was read, not said, unless it is all that a prompt has.
"""

import re
from collections.abc import Iterator, Sequence
from typing import IO, Any

from .items import Items, Skip, moment
from .json_parts import objects
from .pairing import Message, pair_turns, role_of, text_of

__all__ = ["is_claude", "read_claude"]

_UNSUPPORTED = re.compile(r"(?:```\s{0,9})?This block is not supported on your current device yet\.?(?:\s{0,9}```)?")


def is_claude(value: dict[str, Any]) -> bool:
    """Whether *value* is a conversation of this format."""
    return isinstance(value.get("chat_messages"), list)


def read_claude(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the exchanges of every conversation."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict) or not is_claude(value):
            yield Skip("no conversation of Claude", where)
        else:
            yield from _conversation(value, where)


def _conversation(value: dict[str, Any], where: str) -> Items:
    messages = list(_messages(_branch(value), where))
    if not messages:
        yield Skip("conversation without messages", where)
    name = value.get("name")
    metadata = {"source": "claude", **({"conversation": name} if isinstance(name, str) and name else {})}
    id_ = str(value.get("uuid") or where)
    yield from pair_turns(messages, conversation=id_, metadata=metadata, began=moment(value.get("created_at")))


def _messages(found: Sequence[dict[str, Any]], where: str) -> Iterator[Message]:
    for message in found:
        role = role_of(message.get("sender"))
        if role:
            text = text_of(message.get("content")) or text_of(message.get("text"))
            text = _UNSUPPORTED.sub("", text).strip() or _attached(message)
            yield Message(role, text, moment(message.get("created_at")), where)


def _attached(message: dict[str, Any]) -> str:
    """Return the text that was pasted or attached to a message without words of its own; names where there is none."""
    texts = list[str]()
    for key in ("attachments", "files"):
        found = message.get(key)
        for item in found if isinstance(found, list) else []:
            if isinstance(item, dict):
                text, name = item.get("extracted_content"), item.get("file_name")
                named = f"[file {name}]" if isinstance(name, str) and name.strip() else ""
                texts.append(text if isinstance(text, str) and text.strip() else named)
    return text_of(texts)


def _branch(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the messages that lead to the one shown last; all of them where no parents are named."""
    messages = [message for message in value["chat_messages"] if isinstance(message, dict)]
    by_id = {message.get("uuid"): message for message in messages}
    if not messages or not any(message.get("parent_message_uuid") in by_id for message in messages):
        return messages
    current: dict[str, Any] | None = by_id.get(value.get("current_leaf_message_uuid"), messages[-1])
    kept: set[Any] = set()
    while current is not None and current.get("uuid") not in kept:
        kept.add(current.get("uuid"))
        current = by_id.get(current.get("parent_message_uuid"))
    return [message for message in messages if message.get("uuid") in kept]
