"""Messages of a conversation as exchanges: what the user said until the assistant answered, and the answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from ...text.boilerplate import typed_text
from .items import ImportedExchange, Items, Skip

__all__ = ["ASSISTANT", "USER", "Message", "pair_turns", "role_of", "text_of", "without_rule"]

USER, ASSISTANT = "user", "assistant"
_ROLES = {"user": USER, "human": USER, "assistant": ASSISTANT, "ai": ASSISTANT, "model": ASSISTANT}


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `role` is `USER` or `ASSISTANT`."""

    role: str
    text: str
    said_at: datetime | None
    where: str


def role_of(value: object) -> str:
    """Return the role that a format's name for it means; "" for tools, system prompts and unknown ones."""
    return _ROLES.get(value.lower(), "") if isinstance(value, str) else ""


def text_of(content: object) -> str:
    """Return the text of a message's content: itself, or that of its blocks of text, thoughts and tools left out."""
    if isinstance(content, str):
        return content.strip()
    if not isinstance(content, list):
        return ""
    parts = [
        block if isinstance(block, str) else block.get("text", "")
        for block in content
        if isinstance(block, str) or (isinstance(block, dict) and block.get("type", "text") == "text")
    ]
    return "\n\n".join(part.strip() for part in parts if isinstance(part, str) and part.strip())


def without_rule(text: str) -> str:
    """Return the text of a message in Markdown, without the rule that stands after it."""
    bare = text.strip()
    return bare[:-3].rstrip() if bare.endswith("\n---") or bare == "---" else bare


def pair_turns(
    messages: Iterable[Message],
    *,
    conversation: str,
    metadata: Mapping[str, Any],
    began: datetime | None = None,
    project: str = "",
) -> Items:
    """
    Yield the exchanges of a conversation.

    Args:
        messages: In order. Several of one side in a row belong together.
        conversation: Its id.
        metadata: Kept with every exchange.
        began: When it began: the date of messages before the first that has one.
        project: Label of the work.
    """
    asked: list[Message] = []
    last = began
    typed = [replace(message, text=typed_text(message.text)) for message in messages if message.text]
    yield from (Skip("the host's words, nobody's", message.where) for message in typed if not message.text)
    for role, group in groupby((message for message in typed if message.text), key=lambda message: message.role):
        said = list(group)
        if role == USER:
            asked = said
            continue
        if not asked:
            yield Skip("answer without a question", said[0].where)
            continue
        last = next((message.said_at for message in [*asked, *said] if message.said_at), last)
        yield ImportedExchange(
            "\n\n".join(message.text for message in asked),
            "\n\n".join(message.text for message in said),
            last,
            conversation,
            asked[0].where,
            metadata,
            project,
        )
        asked = []
    if asked:
        yield Skip("question without an answer", asked[0].where)
