"""
Plain JSON, as lines or an array: exchanges (user_input, agent_response, timestamp), or messages (role, content).

Messages may stand one by one or as a list under "messages", a conversation each. MemoryOS writes short_term.json so.
"""

from collections.abc import Iterator
from typing import IO, Any

from .items import ImportedExchange, Items, Skip, moment
from .json_parts import objects
from .pairing import Message, pair_turns, role_of, text_of

__all__ = ["is_plain", "read_plain"]

_TIMES = ("timestamp", "created_at", "time", "date")


def is_plain(value: dict[str, Any]) -> bool:
    """Whether *value* is an exchange, a message or a conversation."""
    return (
        {"user_input", "agent_response"} <= set(value)
        or {"role", "content"} <= set(value)
        or isinstance(value.get("messages"), list)
    )


def read_plain(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the exchanges of a file."""
    waiting: list[Message] = []
    for where, value in objects(file, prefix):
        if isinstance(value, dict) and {"role", "content"} <= set(value):
            message = _message(value, where)
            if message is None:
                yield Skip("message of neither user nor assistant", where)
                continue
            if waiting and message.role != waiting[-1].role == "assistant":
                yield from _pair_messages(waiting, waiting[0].where)
                waiting = []
            waiting.append(message)
        elif isinstance(value, Skip) or not isinstance(value, dict) or not is_plain(value):
            yield value if isinstance(value, Skip) else Skip("neither an exchange nor messages", where)
        elif isinstance(value.get("messages"), list):
            yield from _pair_messages(_messages(value, where), where)
        else:
            yield _exchange(value, where)
    yield from _pair_messages(waiting, "end")


def _pair_messages(messages: "list[Message] | Iterator[Message]", where: str) -> Items:
    return pair_turns(messages, conversation=where, metadata={"source": "import"})


def _messages(value: dict[str, Any], where: str) -> Iterator[Message]:
    for message in value["messages"]:
        found = _message(message, where) if isinstance(message, dict) else None
        if found is not None:
            yield found if found.said_at else Message(found.role, found.text, _time(value), where)


def _message(value: dict[str, Any], where: str) -> Message | None:
    role = role_of(value.get("role"))
    return Message(role, text_of(value.get("content")), _time(value), where) if role else None


def _exchange(value: dict[str, Any], where: str) -> ImportedExchange | Skip:
    asked, answered, metadata = value["user_input"], value["agent_response"], value.get("metadata")
    if not isinstance(asked, str) or not isinstance(answered, str):
        return Skip("user_input or agent_response is no text", where)
    said_at = _time(value)
    if said_at is None and value.get("timestamp"):
        return Skip("the timestamp cannot be read", where)
    kept = metadata if isinstance(metadata, dict) else {}
    project = value.get("project")
    return ImportedExchange(asked, answered, said_at, where, where, kept, project if isinstance(project, str) else "")


def _time(value: dict[str, Any]) -> Any:
    return next((found for name in _TIMES if (found := moment(value.get(name)))), None)
