"""Exports of mem0 and OpenMemory: memories in an array, under "results" or "memories", or a line each: facts."""

from collections.abc import Iterator
from typing import IO, Any

from .items import Items, Knowledge, Skip, moment
from .json_parts import objects

__all__ = ["is_mem0", "read_mem0"]

_GONE = ("deleted",)
_OF_MEM0 = {"state", "app_id", "app_name", "user_id", "agent_id", "run_id", "categories", "metadata_"}
"""Keys that tell a memory's content from the content of a task, a note or a post."""


def is_mem0(value: dict[str, Any]) -> bool:
    """Whether *value* is a memory of this format."""
    if "role" in value or not {"id", "created_at", "user_id"} & set(value):
        return False
    told = isinstance(value.get("content"), str) and bool(_OF_MEM0 & set(value))
    return isinstance(value.get("memory"), str) or told


def read_mem0(file: IO[bytes], prefix: str = "") -> Items:
    """Yield the memories of a file as facts."""
    yield from _facts(objects(file, prefix))


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
