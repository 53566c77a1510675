"""
Gemini: MyActivity.json of Takeout, an entry for each prompt; and sessions of its command line (session-*.json, and
*.jsonl, which begin with a head and go on with messages, changes of them, and marks of what was rewound).

Takeout names no conversation, so every prompt with its answer stands alone. Entries without an answer are counted.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import IO, Any

from ...domain.projects import project_label
from .items import ImportedExchange, Items, Skip, moment
from .json_parts import lines, objects
from .pairing import ASSISTANT, USER, Message, pair_turns, text_of

__all__ = [
    "is_gemini_activity",
    "is_gemini_log",
    "is_gemini_session",
    "read_gemini_activity",
    "read_gemini_log",
    "read_gemini_sessions",
]

_PREFIX = re.compile(r"(?:Prompted|Asked:?|Submitted query|Query submitted|Said)[ \u00a0]")
_BREAK = re.compile(r"<(?:br|/p|/li|/h\d|/tr|/pre|/div)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{1,2000}>")
_ASKED, _ANSWERED = ("request", "user query"), ("response", "model response")
_ROLES = {"user": USER, "gemini": ASSISTANT, "model": ASSISTANT}


def is_gemini_activity(value: dict[str, Any]) -> bool:
    """Whether *value* is an entry of Takeout's."""
    header = value.get("header")
    return isinstance(header, str) and header.startswith(("Gemini", "Bard")) and "time" in value


def is_gemini_session(value: dict[str, Any]) -> bool:
    """Whether *value* is a session of the command line."""
    return isinstance(value.get("messages"), list) and {"sessionId", "startTime"} <= set(value)


def read_gemini_activity(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the exchanges of Takeout's entries."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict) or not is_gemini_activity(value):
            yield Skip("no entry of Gemini", where)
        else:
            asked, answered = _sides(value)
            if asked and answered:
                said_at = moment(value.get("time"))
                yield ImportedExchange(asked, answered, said_at, where, where, {"source": "gemini"})
            else:
                yield Skip("question without an answer" if asked else "no prompt", where)


def read_gemini_sessions(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the exchanges of the command line's sessions."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict) or not is_gemini_session(value):
            yield Skip("no session of Gemini", where)
        else:
            yield from _session(value, where)


def is_gemini_log(value: dict[str, Any]) -> bool:
    """Whether *value* is the head of a session of the command line that is a log."""
    return {"sessionId", "startTime", "projectHash"} <= set(value) and "messages" not in value


def read_gemini_log(file: IO[bytes]) -> Items:
    """Yield the exchanges of a session that is a log."""
    head: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for where, value in lines(file):
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict):
            yield Skip("the line is no object", where)
        elif "$rewindTo" in value:
            _rewind(messages, str(value["$rewindTo"]))
        elif isinstance(changed := value.get("$set"), dict):
            if isinstance(told := changed.get("messages"), list):
                messages = {str(each.get("id", at)): each for at, each in enumerate(told) if isinstance(each, dict)}
            head |= {name: changed[name] for name in changed if name != "messages"}
        elif is_gemini_log(value):
            head |= value
        else:
            messages[str(value.get("id", where))] = value
    if is_gemini_log(head):
        yield from _session({**head, "messages": list(messages.values())}, "line 1")


def _rewind(messages: dict[str, Any], to: str) -> None:
    """Take out the message *to* and all after it."""
    ids = list(messages)
    for id_ in ids[ids.index(to) :] if to in messages else ():
        del messages[id_]


def _session(value: dict[str, Any], where: str) -> Items:
    if value.get("kind") == "subagent":
        yield Skip("what programs said to one another", where)
        return
    began, id_ = moment(value.get("startTime")), str(value["sessionId"])
    metadata = {"source": "gemini-cli", "session": id_}
    folder = value.get("projectRoot")
    project = project_label(folder) if isinstance(folder, str) and folder.strip(" /\\") else ""
    messages = _messages(value["messages"], where)
    yield from pair_turns(messages, conversation=id_, metadata=metadata, began=began, project=project)


def _messages(found: list[Any], where: str) -> Iterator[Message]:
    for message in found:
        role = _ROLES.get(str(message.get("type") or message.get("role"))) if isinstance(message, dict) else None
        if role:
            yield Message(role, text_of(message.get("content")), moment(message.get("timestamp")), where)


def _sides(value: dict[str, Any]) -> tuple[str, str]:
    """Return prompt and answer: of named details where there are any, else of the title and the page shown."""
    told = value.get("details")
    details = {
        str(item.get("name")).lower(): item["value"]
        for item in (told if isinstance(told, list) else [])
        if isinstance(item, dict) and isinstance(item.get("value"), str)
    }
    asked = next((details[name] for name in _ASKED if name in details), "")
    answered = next((details[name] for name in _ANSWERED if name in details), "")
    title, shown = value.get("title"), value.get("safeHtmlItem")
    if not asked and isinstance(title, str) and (prefix := _PREFIX.match(title)):
        asked = title[prefix.end() :]
    pages = [item.get("html") for item in shown if isinstance(item, dict)] if isinstance(shown, list) else []
    return asked.strip(), answered.strip() or text_of([_plain_text(page) for page in pages if isinstance(page, str)])


def _plain_text(page: str) -> str:
    text = unescape(_TAG.sub("", _BREAK.sub("\n", page)))
    return re.sub(r"\n{3,}", "\n\n", text).strip()
