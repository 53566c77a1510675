"""Exports of mem0 and OpenMemory: memories in an array, under "results" or "memories", or a line each: facts."""

from collections.abc import Callable, Iterator
from typing import IO, Any

from .items import Items, Knowledge, Skip, moment
from .json_parts import elements, objects

__all__ = ["is_mem0", "reader_of_mem0"]

_GONE = ("deleted",)


def is_mem0(value: dict[str, Any]) -> bool:
    """Whether *value* is a memory of this format."""
    told = isinstance(value.get("memory"), str) or isinstance(value.get("content"), str)
    return told and "role" not in value and bool({"id", "created_at", "user_id"} & set(value))


def reader_of_mem0(key: str = "") -> Callable[[IO[bytes]], Items]:
    """Return a reader of the memories under *key*; "" when they are the file's array or lines."""

    def read(file: IO[bytes]) -> Items:
        return _facts(elements(file, f"{key}.item") if key else objects(file))

    return read


def _facts(parts: Iterator[tuple[str, Any]]) -> Items:
    for where, value in parts:
        if isinstance(value, Skip):
            yield value
        elif not isinstance(value, dict):
            yield Skip("no memory", where)
        elif value.get("state") in _GONE or value.get("deleted_at"):
            yield Skip("deleted there", where)
        else:
            text = value.get("memory") or value.get("content") or value.get("data")
            said_at = moment(value.get("updated_at")) or moment(value.get("created_at"))
            known = isinstance(text, str) and text.strip()
            yield Knowledge(str(text), "user", said_at, "mem0", where) if known else Skip("no memory", where)
