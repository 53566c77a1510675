"""
A tool's arguments against its schema, before any of them reaches the memory.

The published JSON schema is the one source: what it says is what is checked. Values themselves (blank texts, dates,
sizes) are the facade's to judge. Messages say what was wrong, the value, and what to do.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..domain.errors import InputError
from ..domain.settings import Settings

__all__ = ["check_arguments", "check_user", "shown_value"]

Schema = Mapping[str, Any]

_KINDS: dict[type, str] = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}


def check_arguments(tool: str, schema: Schema, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return *arguments* as the tool takes them: null counts as not given, JSON text as the list or object it holds.

    Raises:
        InputError: An argument is unknown, missing, of a wrong type or out of range.
    """
    properties: Mapping[str, Schema] = schema["properties"]
    takes = f"{tool} takes {', '.join(properties)}"
    unknown = [name for name in arguments if name not in properties]
    if unknown:
        raise InputError(f"unknown argument {', '.join(map(shown_value, unknown))}; {takes}")
    given = {name: value for name, value in arguments.items() if value is not None}
    missing = [name for name in schema.get("required", ()) if name not in given]
    if missing:
        raise InputError(f"{tool} needs {' and '.join(missing)}, which was not given; {takes}")
    return {name: _CHECKS[properties[name]["type"]](name, properties[name], value) for name, value in given.items()}


def check_user(settings: Settings, user_id: str | None) -> None:
    """
    Let no call reach another user's memory where the setting pins the user.

    Raises:
        InputError: *user_id* names another.
    """
    if settings.pin_user and user_id is not None and user_id != settings.user_id:
        raise InputError(f"this server serves one user only, got user_id {shown_value(user_id)}; leave user_id out")


def shown_value(value: object) -> str:
    """Return *value* as a message shows it: one line, at most 60 characters, never a raw surrogate."""
    text = repr(value[:80] if isinstance(value, str) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _refuse(name: str, wanted: str, value: object) -> InputError:
    kind = _KINDS.get(type(value), "an object")
    return InputError(f"{name} must be {wanted}, got {kind}: {shown_value(value)}")


def _text(name: str, schema: Schema, value: object) -> str:
    if not isinstance(value, str):
        raise _refuse(name, "text", value)
    choices = schema.get("enum")
    if choices and value not in choices:
        raise InputError(f"{name} must be {' or '.join(map(repr, choices))}, got {shown_value(value)}")
    return value


def _integer(name: str, schema: Schema, value: object) -> int:
    low, high = schema["minimum"], schema["maximum"]
    wanted = f"a whole number from {low:,} to {high:,}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refuse(name, wanted, value)
    if not low <= value <= high:
        raise InputError(f"{name} must be {wanted}, got {shown_value(value)}")
    return value


def _boolean(name: str, schema: Schema, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refuse(name, "true or false", value)
    return value


def _list(name: str, schema: Schema, value: object) -> list[str]:
    """Some hosts send a list as JSON text; the ids in it are text each."""
    value = _unwrap(value)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _refuse(name, "a list of ids, each a text", value)
    return value


def _object(name: str, schema: Schema, value: object) -> dict[str, Any]:
    """Some hosts send an object as JSON text."""
    value = _unwrap(value)
    if not isinstance(value, dict):
        raise _refuse(name, "a JSON object", value)
    return value


def _unwrap(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


_CHECKS: dict[str, Callable[[str, Schema, object], Any]] = {
    "string": _text,
    "integer": _integer,
    "boolean": _boolean,
    "array": _list,
    "object": _object,
}
