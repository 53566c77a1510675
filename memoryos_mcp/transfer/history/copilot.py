"""
Chats of Copilot in VS Code: chatSessions/*.json and *.jsonl of a workspace, and chat.json of "Export Chat".

Tools, thoughts and references are left out. Exports of older versions have no dates. Since VS Code 1.109 a chat is a
log: its first line holds it as it was, each other line a change of the value at a path.
"""

from typing import IO, Any

from .items import ImportedExchange, Items, Skip, moment
from .json_parts import lines, objects
from .pairing import text_of

__all__ = ["is_copilot", "is_copilot_log", "read_copilot", "read_copilot_log"]

_SAID = ("", "markdownContent")
_WHOLE, _SET, _ADD, _DELETE = range(4)
_MAX_PLACES = 100_000
"""Elements of one array of a chat; a log that names a place behind them is broken."""


def is_copilot(value: dict[str, Any]) -> bool:
    """Whether *value* is a chat of this format."""
    return isinstance(value.get("requests"), list) and bool({"requesterUsername", "responderUsername"} & set(value))


def read_copilot(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the exchanges of every chat."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict) or not is_copilot(value):
            yield Skip("no chat of Copilot", where)
        else:
            yield from _chat(value, where)


def is_copilot_log(value: dict[str, Any]) -> bool:
    """Whether *value* is the first line of a chat's log."""
    return value.get("kind") == _WHOLE and isinstance(value.get("v"), dict) and "requests" in value["v"]


def read_copilot_log(file: IO[bytes]) -> Items:
    """Yield the exchanges of a chat that is a log."""
    chat: dict[str, Any] = {}
    for where, value in lines(file):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict):
            yield Skip("the line is no object", where)
        elif is_copilot_log(value):
            chat = value["v"]
        elif not _change(chat, value):
            yield Skip("the change fits nothing", where)
    if isinstance(chat.get("requests"), list):
        yield from _chat(chat, "line 1")


def _change(chat: dict[str, Any], line: dict[str, Any]) -> bool:
    """Change *chat* as a line tells; return whether there was a place for it."""
    path, kind, value = line.get("k"), line.get("kind"), line.get("v")
    if not isinstance(path, list) or not path or kind not in (_SET, _ADD, _DELETE):
        return False
    holder: Any = chat
    for key in path[:-1]:
        holder = _at(holder, key)
    key = path[-1]
    if kind == _ADD:
        held = _at(holder, key)
        keep, more = line.get("i"), value if isinstance(value, list) else []
        if not isinstance(held, list):
            return _put(holder, key, more)
        held[keep if isinstance(keep, int) and keep >= 0 else len(held) :] = more
        return True
    return _put(holder, key, None if kind == _DELETE else value)


def _at(holder: Any, key: object) -> Any:
    if isinstance(holder, dict) and isinstance(key, str):
        return holder.get(key)
    fits = isinstance(holder, list) and isinstance(key, int) and 0 <= key < len(holder)
    return holder[key] if fits else None


def _put(holder: Any, key: object, value: Any) -> bool:
    if isinstance(holder, dict) and isinstance(key, str):
        holder[key] = value
    elif isinstance(holder, list) and isinstance(key, int) and 0 <= key < _MAX_PLACES:
        holder.extend([None] * (key + 1 - len(holder)))
        holder[key] = value
    else:
        return False
    return True


def _chat(value: dict[str, Any], where: str) -> Items:
    began, title = moment(value.get("creationDate")), value.get("customTitle")
    metadata = {"source": "copilot", **({"conversation": title} if isinstance(title, str) and title else {})}
    id_ = str(value.get("sessionId") or where)
    if not value["requests"]:
        yield Skip("conversation without messages", where)
    for number, request in enumerate(value["requests"], start=1):
        place = f"{where}, request {number}"
        asked = _asked(request) if isinstance(request, dict) else ""
        answered = _answered(request.get("response")) if asked else ""
        if asked and answered:
            yield ImportedExchange(asked, answered, moment(request.get("timestamp")) or began, id_, place, metadata)
        else:
            yield Skip("question without an answer" if asked else "answer without a question", place)


def _asked(request: dict[str, Any]) -> str:
    message = request.get("message")
    return text_of(message.get("text") if isinstance(message, dict) else message)


def _answered(response: object) -> str:
    """Return the text of an answer, whose parts stand between those of tools."""
    texts = list[str]()
    for part in response if isinstance(response, list) else []:
        if isinstance(part, dict) and part.get("kind", "") in _SAID:
            value = part.get("value") or part.get("content")
            text = value.get("value") if isinstance(value, dict) else value
            texts += [text] if isinstance(text, str) else []
    return "".join(texts).strip()
