"""
Claude's export besides conversations: memories.json, what Claude remembers, and projects.json; both become facts.

A memory is one Markdown text: each of its paragraphs and list entries is a fact, under its heading. Of a project name,
description and instructions are taken; its documents were read, not said.
"""

import re
from collections.abc import Iterator
from typing import IO, Any

from ...domain.inputs import MAX_FACT_CHARS
from .items import Items, Knowledge, Skip, moment
from .json_parts import objects

__all__ = ["is_claude_memories", "is_claude_project", "read_claude_memories", "read_claude_projects"]

_SOURCE = "claude"
_HEADING = re.compile(r"#{1,6} (.{1,200})|\*\*([^*\n]{1,200})\*\*:?")
_BULLET = re.compile(r"^[-*\u2022] ")


def is_claude_memories(value: dict[str, Any]) -> bool:
    """Whether *value* is what Claude remembers of an account."""
    return isinstance(value.get("conversations_memory"), str) or isinstance(value.get("project_memories"), dict)


def is_claude_project(value: dict[str, Any]) -> bool:
    """Whether *value* is a project of Claude's."""
    return {"uuid", "name", "prompt_template"} <= set(value)


def read_claude_memories(file: IO[bytes], prefix: str = "") -> Items:
    """Yield a fact for each statement."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip) or not isinstance(value, dict) or not is_claude_memories(value):
            yield value if isinstance(value, Skip) else Skip("no memory of Claude", where)
            continue
        projects = value.get("project_memories")
        texts = [value.get("conversations_memory"), *(projects.values() if isinstance(projects, dict) else [])]
        for text in texts:
            if isinstance(text, str):
                yield from (Knowledge(fact, "user", None, _SOURCE, where) for fact in _statements(text))


def read_claude_projects(file: IO[bytes], prefix: str = "") -> Items:
    """Yield a fact for each project."""
    for where, value in objects(file, prefix):
        if isinstance(value, Skip) or not isinstance(value, dict) or not is_claude_project(value):
            yield value if isinstance(value, Skip) else Skip("no project of Claude", where)
        elif value.get("is_starter_project") or not str(value["name"]).strip():
            yield Skip("a project that nobody made", where)
        else:
            told = [value.get("description"), value.get("prompt_template")]
            texts = [" ".join(text.split()) for text in told if isinstance(text, str) and text.strip()]
            for text in texts or [""]:
                fact = f"Project {str(value['name']).strip()}{': ' * bool(text)}{text}"
                yield Knowledge(fact, "user", moment(value.get("updated_at")), _SOURCE, where)


def _statements(text: str) -> Iterator[str]:
    """Yield the paragraphs and list entries of a Markdown text, each behind its heading."""
    heading = ""
    for line in (" ".join(line.split()) for line in text.splitlines()):
        if found := _HEADING.fullmatch(line):
            heading = (found[1] or found[2]).strip(" :*")
        elif bare := _BULLET.sub("", line):
            yield from _pieces(f"{heading}: {bare}" if heading else bare)


def _pieces(text: str) -> Iterator[str]:
    """Yield a text that is longer than a fact in pieces, cut between sentences where there are any."""
    while len(text) > MAX_FACT_CHARS:
        cut = text.rfind(". ", 0, MAX_FACT_CHARS) + 1 or MAX_FACT_CHARS
        yield text[:cut].strip()
        text = text[cut:].strip()
    yield text
