"""
Changing one entry of a YAML text that people write by hand: comments, order, spacing and quotes stay.

The parser only says where things stand; the change is made in the text and then proven: what is read before and after
must differ by this change alone.
"""

import copy
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..domain.errors import HostFileError
from .jsonc import Step

if TYPE_CHECKING:
    from yaml import Node

__all__ = ["read", "remove", "set_value"]

_PLAIN = re.compile(r"[A-Za-z_][\w-]*")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|$)")


def read(text: str) -> dict[str, Any]:
    """
    Return what a YAML text says; an empty one is an empty mapping.

    Raises:
        HostFileError: It is not YAML, or no mapping; the message has line and column.
    """
    import yaml

    try:
        found = yaml.safe_load(text.lstrip("\ufeff"))
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        raise HostFileError(f"is not YAML: {' '.join(str(exc).split())}") from exc
    if found is not None and not isinstance(found, dict):
        raise HostFileError("holds no mapping of names to values")
    return found or {}


def set_value(text: str, path: Sequence[str], value: Any) -> str:
    """
    Return *text* with *value* at *path*; mappings that are missing on the way are made.

    Raises:
        HostFileError: The text cannot be read, or something that is no mapping is in the way.
    """
    before = read(text)
    _check_way(before, path[:-1])
    if _at(before, path) == value:
        return text
    expected = copy.deepcopy(before)
    inside = expected
    for key in path[:-1]:
        if inside.get(key) is None:
            inside[key] = {}
        inside = inside[key]
    inside[path[-1]] = value
    return _checked(_set(text, _compose(text), path, value), expected)


def remove(text: str, path: Sequence[Step]) -> str:
    """
    Return *text* without what stands at *path*; unchanged when nothing does. A mapping around it may stay, empty.

    Raises:
        HostFileError: The text cannot be read.
    """
    keys = [str(step) for step in path]
    expected = copy.deepcopy(read(text))
    holder = _at(expected, keys[:-1])
    if not isinstance(holder, dict) or keys[-1] not in holder:
        return text
    del holder[keys[-1]]
    return _checked(_cut(text, _compose(text), keys), expected)


def _at(document: Any, path: Sequence[str]) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _check_way(document: dict[str, Any], path: Sequence[str]) -> None:
    for depth in range(1, len(path) + 1):
        found = _at(document, path[:depth])
        if found is not None and not isinstance(found, dict):
            raise HostFileError(f"has {'.'.join(path[:depth])}, but it is no mapping")


def _compose(text: str) -> "Node | None":
    import yaml

    return yaml.compose(text)


def _checked(changed: str, expected: dict[str, Any]) -> str:
    try:
        if read(changed) == expected:
            return changed
    except HostFileError:
        pass
    raise HostFileError("is written in a way that cannot be changed safely: change it by hand")


def _set(text: str, root: "Node | None", path: Sequence[str], value: Any) -> str:
    if root is None:  # nothing, or comments alone
        return text + _break_after(text) + _block(_nest(path, value), 0, _newline(text))
    node = root
    for depth, key in enumerate(path):
        found = _member(node, key)
        if found is None:
            return _insert(text, node, _nest(path[depth:], value))
        key_node, child = found
        if depth < len(path) - 1 and not getattr(child, "value", None):  # null or {} stands where ours belongs
            value, path = _nest(path[depth + 1 :], value), path[: depth + 1]
        if depth == len(path) - 1:
            return _replace(text, key_node, child, value)
        node = child
    raise AssertionError("a path has a last step")


def _insert(text: str, node: "Node", members: dict[str, Any]) -> str:
    """Return *text* with *members* after the last of a mapping."""
    if node.flow_style:
        end = _content_end(node.value[-1][1]) if node.value else node.end_mark.index - 1
        shown = json.dumps(members, ensure_ascii=False)[1:-1]
        return f"{text[:end]}{', ' if node.value else ''}{shown}{text[end:]}"
    spot = _line_end(text, _content_end(node))
    indent = node.value[0][0].start_mark.column
    return f"{text[:spot]}{_break_after(text[:spot])}{_block(members, indent, _newline(text))}{text[spot:]}"


def _replace(text: str, key: "Node", child: "Node", value: Any) -> str:
    """Return *text* with another value behind a key: a mapping as a block, all else in the key's line."""
    colon = text.index(":", key.end_mark.index) + 1
    end = max(_content_end(child), colon)
    begins = _line_end(text, colon) <= child.start_mark.index  # a block below; a comment may stand behind the key
    rest = text[colon if begins else end : _line_end(text, colon if begins else end)].rstrip("\r\n")
    after = text[end if begins else end + len(rest) :]
    if isinstance(value, dict) and value:
        block = _newline(text) + _block(value, key.start_mark.column + _unit(text), _newline(text))
        return f"{text[:colon]}{rest}{block.rstrip()}{after}"
    return f"{text[:colon]} {json.dumps(value, ensure_ascii=False)}{rest}{after}"


def _cut(text: str, node: "Node | None", path: Sequence[str]) -> str:
    around = None
    for key in path[:-1]:
        around = _member(node, key)
        node = around[1] if around else None
    found = _member(node, path[-1])
    if node is None or found is None:  # a key that is text only when it is read, such as a number
        raise HostFileError("is written in a way that cannot be changed safely: change it by hand")
    members, key = node.value, found[0]
    start, end = key.start_mark.index, max(_content_end(found[1]), key.end_mark.index + 1)
    place = next(place for place, (name, _) in enumerate(members) if name is key)
    if node.flow_style:
        if place:
            return text[: _content_end(members[place - 1][1])] + text[end:]
        return text[:start] + text[members[1][0].start_mark.index if len(members) > 1 else end :]
    if around is not None and len(members) == 1:
        return _replace(text, *around, {})
    return text[: text.rfind("\n", 0, start) + 1] + text[_line_end(text, end) :]


def _member(node: "Node | None", key: str) -> "tuple[Node, Node] | None":
    members = node.value if node is not None and node.id == "mapping" else []
    return next(((name, child) for name, child in reversed(members) if name.value == key), None)


def _content_end(node: "Node") -> int:
    """Return where the last word of a node ends; the parser's own mark of a block is behind the blanks after it."""
    if node.id == "scalar" or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    if not isinstance(last, tuple):
        return _content_end(last)
    return max(_content_end(last[1]), int(last[0].end_mark.index) + 1)  # an alias is read as its anchor, further up


def _line_end(text: str, place: int) -> int:
    """Return the end of the line that *place* is in, its break included; *place* when a line begins there."""
    if place and text[place - 1] == "\n":
        return place
    found = _LINE.match(text, place)
    return found.end() if found else len(text)


def _break_after(text: str) -> str:
    return "" if not text or text.endswith("\n") else _newline(text)


def _nest(path: Sequence[str], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return dict(value)


def _block(members: dict[str, Any], indent: int, newline: str) -> str:
    """Return a mapping as lines, each with its break; lists and empty mappings stand in one line."""
    lines = ""
    for key, value in members.items():
        head = f"{' ' * indent}{_key(key)}:"
        if isinstance(value, dict) and value:
            lines += f"{head}{newline}{_block(value, indent + 2, newline)}"
        else:
            lines += f"{head} {json.dumps(value, ensure_ascii=False)}{newline}"
    return lines


def _key(key: str) -> str:
    import yaml

    return key if _PLAIN.fullmatch(key) and yaml.safe_load(key) == key else json.dumps(key, ensure_ascii=False)


def _unit(text: str) -> int:
    found = re.search(r"^( +)[^\s#-]", text, re.MULTILINE)
    return len(found[1]) if found else 2


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
