"""
Chats of Copilot in VS Code: chatSessions/*.json of a workspace, and chat.json of "Export Chat".

Tools, thoughts and references are left out. Exports of older versions have no dates.
"""

from typing import IO, Any

from .items import ImportedExchange, Items, Skip, moment
from .json_parts import objects
from .pairing import text_of

__all__ = ["is_copilot", "read_copilot"]

_SAID = ("", "markdownContent")


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
