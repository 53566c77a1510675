"""
Changing one part of a JSON text that people write by hand: comments, order, spacing and trailing commas stay.

A change is made in the text, at the spot that `syntax` finds, and then proven: a JSON parser reads the text before
and after, and what it reads must differ by this change alone. A text that is strict JSON stays strict.
"""

import copy
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from ..domain.errors import HostFileError
from .syntax import Node, parse, without_comments

__all__ = ["Step", "append", "get", "read", "remove", "set_value"]

Step = str | int
"""A key of an object or an index of an array; a sequence of them leads to a place."""

_SAME_LINE = re.compile(r"(?:[^\S\r\n]*(?:/\*[^\r\n]*?\*/))*[^\S\r\n]*(?://[^\r\n]*)?")
_BLANKS = re.compile(r"[\s\ufeff]*")


def read(text: str) -> Any:
    """
    Return what a JSON text says, comments and trailing commas allowed; an empty one is an empty object.

    Raises:
        HostFileError: It is not JSON; the message has the line.
    """
    if not text.strip("\ufeff \t\r\n"):
        return {}
    if (strict := _strict(text)) is not None:
        return strict[0]
    try:
        parse(text)  # what it cannot read cannot be changed, and its lines are those of the text
        return json.loads(without_comments(text))
    except (ValueError, RecursionError) as exc:
        raise HostFileError(f"is not JSON: {exc}") from exc


def get(document: Any, path: Sequence[Step]) -> Any:
    """Return what a document holds at *path*, or None when there is nothing."""
    for step in path:
        if isinstance(step, str) and isinstance(document, dict):
            document = document.get(step)
        elif isinstance(step, int) and isinstance(document, list) and 0 <= step < len(document):
            document = document[step]
        else:
            return None
    return document


def set_value(text: str, path: Sequence[str], value: Any) -> str:
    """
    Return *text* with *value* at *path*; objects that are missing on the way are made.

    Raises:
        HostFileError: The text cannot be read, or something that is no object is in the way.
    """

    def expected(document: Any) -> Any:
        for key in path[:-1]:
            document = document.setdefault(key, {})
        document[path[-1]] = value

    before = read(text)
    _check_way(before, path[:-1])
    if path[-1] in (get(before, path[:-1]) or {}) and get(before, path) == value:
        return text
    return _checked_edit(text, expected, lambda tree: _set(text, tree, path, value))


def append(text: str, path: Sequence[str], value: Any) -> str:
    """
    Return *text* with *value* as the last of the array at *path*, which is made when missing.

    Raises:
        HostFileError: The text cannot be read, or what stands at *path* is no array.
    """
    before = read(text)
    found = get(before, path)
    if found is None:
        return set_value(text, path, [value])
    if not isinstance(found, list):
        raise HostFileError(f"has {'.'.join(path)}, but it is no list")
    return _checked_edit(
        text,
        lambda document: get(document, path).append(value),
        lambda tree: _insert(text, _node_at(tree, path), None, value),
    )


def remove(text: str, path: Sequence[Step]) -> str:
    """
    Return *text* without what stands at *path*; unchanged when nothing does.

    Raises:
        HostFileError: The text cannot be read.
    """
    holder, last = path[:-1], path[-1]
    inside = get(read(text), holder)
    if not (isinstance(inside, dict) and last in inside) and get(inside, [last]) is None:
        return text
    return _checked_edit(
        text,
        lambda document: get(document, holder).pop(last),
        lambda tree: _cut(text, _node_at(tree, holder), last),
    )


def _strict(text: str) -> tuple[Any] | None:
    try:
        return (json.loads(text.lstrip("\ufeff")),)
    except (ValueError, RecursionError):
        return None


def _check_way(document: Any, path: Sequence[str]) -> None:
    for position in range(len(path) + 1):
        found = get(document, path[:position])
        if found is None and position and path[position - 1] not in get(document, path[: position - 1]):
            return
        if not isinstance(found, dict):
            raise HostFileError(f"has {'.'.join(path[:position]) or 'a value'}, but it is no object")


def _checked_edit(text: str, change: Callable[[Any], Any], edit: Callable[[Node], str]) -> str:
    expected = copy.deepcopy(read(text))
    change(expected)
    changed = edit(parse(text)) if text.strip("\ufeff \t\r\n") else edit(Node("{", 0))
    strict = _strict(text) is None or _strict(changed) is not None
    if not strict or read(changed) != expected:
        raise HostFileError("is written in a way that cannot be changed safely: change it by hand")
    return changed


def _node_at(node: Node, path: Sequence[Step]) -> Node:
    for step in path:
        child = node.members[step] if isinstance(step, int) else _member(node, step)
        if child is None:
            raise AssertionError(f"{step} was read a moment ago")
        node = child
    return node


def _member(node: Node, key: str) -> Node | None:
    """Return the last member of that key: of several, the last is what counts."""
    return next((child for child in reversed(node.members) if _key_text(child.key) == key), None)


def _key_text(key: str | None) -> str | None:
    return None if key is None else str(json.loads(key))


def _set(text: str, node: Node, path: Sequence[str], value: Any) -> str:
    if not node.end:  # an empty file
        return _render(_nest(path, value), "", _style(text)) + _style(text)[1]
    for depth, key in enumerate(path):
        child = _member(node, key)
        if child is None:
            return _insert(text, node, key, _nest(path[depth + 1 :], value))
        node = child
    return text[: node.start] + _render(value, _indent_at(text, node.first), _style(text)) + text[node.end :]


def _nest(path: Sequence[str], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _insert(text: str, node: Node, key: str | None, value: Any) -> str:
    """Return *text* with a member after the last of *node*."""
    unit, newline = _style(text)
    label = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
    inside = text[node.start : node.end]
    if "\n" not in inside and (node.members or "\n" not in text.strip()) and text.strip() != "{}":
        member = label + json.dumps(value, ensure_ascii=False)
        spot = node.members[-1].end if node.members else node.start + 1
        return f"{text[:spot]}{', ' if node.members else ''}{member}{text[spot:]}"
    outer = _indent_at(text, node.first)
    own = next(
        (_indent_at(text, child.first) for child in node.members if _begins_line(text, child.first)), outer + unit
    )
    member = newline + own + label + _render(value, own, (unit, newline))
    if not node.members:
        return _into_empty(text, node, member, newline + outer)
    last = node.members[-1]
    comma = last.end if last.comma is None else last.comma + 1
    spot = _line_rest(text, comma)
    end = text[spot:]
    if end.startswith((" ", "}", "]")) and not _BLANKS.match(end).group().count("\n"):  # type: ignore[union-attr]
        end = newline + outer + end.lstrip(" ")
    if last.comma is None:
        return f"{text[: last.end]},{text[last.end : spot]}{member}{end}"
    return f"{text[:spot]}{member},{end}"


def _into_empty(text: str, node: Node, member: str, closing: str) -> str:
    spot = _line_rest(text, node.start + 1)
    rest = text[spot : node.end - 1]
    if rest.strip():  # comments stand in it: the member comes before those on lines of their own
        return f"{text[:spot]}{member}{text[spot:]}"
    return f"{text[:spot].rstrip(' ')}{member}{closing}{text[node.end - 1 :]}"


def _cut(text: str, node: Node, last: Step) -> str:
    position = last if isinstance(last, int) else node.members.index(_node_at(node, [last]))
    member = node.members[position]
    end = member.end if member.comma is None else member.comma + 1
    start = member.first
    while start and text[start - 1] in " \t\r\n":
        start -= 1
    line_end = _line_rest(text, end)
    if member.noted and not text[end:].lstrip(" \t").startswith(("\r", "\n")):  # what follows would join the comment
        start = member.first
    if len(node.members) == 1 and not _rest(text, node, start, end).strip():
        return f"{text[: node.start + 1]}{text[node.end - 1 :]}"
    before = node.members[position - 1] if position else None
    if member.comma is None and before is not None and before.comma is not None:
        return f"{text[: before.comma]}{text[before.comma + 1 : start]}{text[end:]}"
    if line_end > end and text[end:line_end].strip() and start != member.first:
        start = member.first  # a comment beside it keeps its line
    return text[:start] + text[end:]


def _rest(text: str, node: Node, start: int, end: int) -> str:
    return text[node.start + 1 : start] + text[end : node.end - 1]


def _line_rest(text: str, position: int) -> int:
    """Return the end of the comments that stand behind *position* in its line, or *position* when there are none."""
    found = _SAME_LINE.match(text, position)
    return found.end() if found and found.group().strip() else position


def _render(value: Any, indent: str, style: tuple[str, str]) -> str:
    unit, newline = style
    return json.dumps(value, ensure_ascii=False, indent=unit).replace("\n", newline + indent)


def _style(text: str) -> tuple[str, str]:
    """Return one step of indentation and the line break, as the text has them."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else "  ", "\r\n" if "\r\n" in text else "\n"


def _indent_at(text: str, position: int) -> str:
    line = text[text.rfind("\n", 0, position) + 1 : position]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _begins_line(text: str, position: int) -> bool:
    return not text[text.rfind("\n", 0, position) + 1 : position].strip()
