"""
Lines from a client that the SDK cannot read, mended so that each still gets an answer.

The SDK drops them with a debug line, and the client waits for ever. The one case a sound client gets into is a lone
surrogate ("\\ud800" alone, half of a cut emoji): JSON allows it, the SDK's parser does not. Such a line is read again
with the surrogate replaced. For all others there is an error to send, with the request's id where the line still shows
one.
"""

import json
import re
from typing import Any

from mcp.shared.message import SessionMessage
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from ..domain.inputs import clean

__all__ = ["mend"]

Mended = tuple[list[SessionMessage], list[JSONRPCError]]

_NO_BATCHES = "batches are not served; send requests one by one"

_NO_ID = "a request needs an id that is text or a whole number"

_ID = r'"id"\s*:\s*(-?\d+|"(?:[^"\\]|\\.)*")'
_ID_IN_FRONT = re.compile(r"^\s*\{[^{}\[\]]*?" + _ID)
_ID_AT_END = re.compile(_ID + r"\s*(?:,[^{}\[\]]*)?\}\s*$")


def mend(item: SessionMessage | Exception) -> Mended:
    """Return the message a line holds, after all where need be, or the errors to answer it with; for "" neither."""
    if isinstance(item, SessionMessage):
        return ([], [_error(INVALID_REQUEST, _NO_ID, None)]) if _lacks_an_id(item.message) else ([item], [])
    line = _line_of(item)
    if isinstance(line, str):
        if not line.strip():
            return [], []
        try:
            line = _clean_value(json.loads(line))
        except (ValueError, RecursionError) as exc:
            return [], [_error(PARSE_ERROR, f"the line is not JSON this server can read: {exc}", _id_in(line))]
    return _read(line)


def _lacks_an_id(message: JSONRPCMessage) -> bool:
    """Whether a message asks for something, but under null, 1.5, true, {} or []: the reader drops such an id."""
    return isinstance(message, JSONRPCNotification) and not message.method.startswith("notifications/")


def _read(value: object) -> Mended:
    if isinstance(value, list):
        ids = [item["id"] for item in value if isinstance(item, dict) and "id" in item]
        return [], [_error(INVALID_REQUEST, _NO_BATCHES, id_) for id_ in ids or [None]]
    try:
        return mend(SessionMessage(jsonrpc_message_adapter.validate_python(value, by_name=False)))
    except ValidationError:
        id_ = value.get("id") if isinstance(value, dict) else None
        return [], [_error(INVALID_REQUEST, "the line is not a JSON-RPC 2.0 message", id_)]


def _line_of(error: Exception) -> object:
    """What the SDK could not read: the raw line where it is no JSON for it, else the value that is no message."""
    if not isinstance(error, ValidationError):
        return ""
    details = error.errors(include_url=False, include_context=False)
    inputs = [detail["input"] for detail in details]
    return next((value for value in inputs if isinstance(value, dict)), inputs[0])


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _clean_value(item) for key, item in value.items()}
    return value


def _error(code: int, message: str, id_: object) -> JSONRPCError:
    known = id_ if isinstance(id_, int | str) and not isinstance(id_, bool) else None
    return JSONRPCError(jsonrpc="2.0", id=known, error=ErrorData(code=code, message=message))


def _id_in(line: str) -> object:
    """Return the id a broken line shows before its first or after its last nested value, else None."""
    found = _ID_IN_FRONT.search(line) or _ID_AT_END.search(line)
    return None if found is None else json.loads(found[1])
