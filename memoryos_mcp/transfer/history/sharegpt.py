"""ShareGPT: conversations as lists of turns ("from", "value"), as an array or a line each. It has no dates."""

from collections.abc import Iterator
from typing import IO, Any

from .items import Items, Skip
from .json_parts import objects
from .pairing import ASSISTANT, USER, Message, pair_turns, text_of

__all__ = ["is_sharegpt", "read_sharegpt"]

_ROLES = {
    "human": USER,
    "user": USER,
    "gpt": ASSISTANT,
    "chatgpt": ASSISTANT,
    "assistant": ASSISTANT,
    "model": ASSISTANT,
    "bard": ASSISTANT,
    "bing": ASSISTANT,
    "claude": ASSISTANT,
}


def is_sharegpt(value: dict[str, Any]) -> bool:
    """Whether *value* is a conversation of this format."""
    turns = value.get("conversations")
    return isinstance(turns, list) and any(isinstance(turn, dict) and {"from", "value"} <= set(turn) for turn in turns)


def read_sharegpt(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the exchanges of every conversation."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict) or not is_sharegpt(value):
            yield Skip("no conversation of ShareGPT", where)
        else:
            messages = _messages(value["conversations"], where)
            yield from pair_turns(messages, conversation=where, metadata={"source": "sharegpt"})


def _messages(turns: list[Any], where: str) -> Iterator[Message]:
    for turn in turns:
        role = _ROLES.get(str(turn.get("from")).lower()) if isinstance(turn, dict) else None
        if role:
            yield Message(role, text_of(turn.get("value")), None, where)
