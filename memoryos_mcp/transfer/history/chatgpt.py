"""
ChatGPT's export (conversations.json): each conversation is a tree of messages, edits and retries being branches.

Taken is the branch that was shown last, what the user typed and what was answered to them; tools, reasoning, hidden
messages and pictures are not.
"""

from collections.abc import Iterator
from typing import IO, Any

from .items import Items, Skip, moment
from .json_parts import elements
from .pairing import Message, paired, role_of, text_of

__all__ = ["is_chatgpt", "read_chatgpt"]

_KINDS = ("text", "multimodal_text")


def is_chatgpt(value: dict[str, Any]) -> bool:
    """Whether *value* is a conversation of this format."""
    return isinstance(value.get("mapping"), dict)


def read_chatgpt(file: IO[bytes]) -> Items:
    """Yield the exchanges of every conversation."""
    for where, value in elements(file, "item"):
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
    yield from paired(messages, conversation=id_, metadata=metadata, began=moment(value.get("create_time")))


def _messages(value: dict[str, Any], where: str) -> Iterator[Message]:
    for message in _branch(value):
        author, content, extra = message.get("author"), message.get("content"), message.get("metadata")
        role = role_of(author.get("role")) if isinstance(author, dict) else ""
        hidden = isinstance(extra, dict) and extra.get("is_visually_hidden_from_conversation")
        if not role or hidden or message.get("recipient", "all") != "all" or not isinstance(content, dict):
            continue
        if content.get("content_type") in _KINDS:
            parts = content.get("parts")
            texts = [part for part in parts if isinstance(part, str)] if isinstance(parts, list) else []
            yield Message(role, text_of(texts), moment(message.get("create_time")), where)


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
