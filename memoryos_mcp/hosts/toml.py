"""
Changing one table of a TOML text that people write by hand: comments, order and spacing stay.

tomlkit keeps the text; a second parser (the standard library's) proves that nothing else changed.
"""

import copy
import sys
from collections.abc import Callable, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from ..domain.errors import HostFileError
from .jsonc import Step

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

__all__ = ["read", "remove", "set_value"]


def read(text: str) -> dict[str, Any]:
    """
    Return what a TOML text says.

    Raises:
        HostFileError: It is not TOML; the message has line and column.
    """
    try:
        return tomllib.loads(text.lstrip("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        raise HostFileError(f"is not TOML: {exc}") from exc


def set_value(text: str, path: Sequence[str], value: Any) -> str:
    """
    Return *text* with *value* at *path*; tables that are missing on the way are made.

    A table of a new name is written behind everything else, so that no line that was there moves.

    Raises:
        HostFileError: The text cannot be read, or something that is no table is in the way.
    """
    before = read(text)
    there = _way(before, path)
    if there == len(path) and _at(before, path) == value:
        return text
    expected = copy.deepcopy(before)
    _put(expected, path, value)
    if isinstance(value, dict) and there < len(path):
        at_the_end = _behind(text, path, value)
        if _says(at_the_end, expected):
            return at_the_end
    return _checked_edit(text, expected, lambda document: _put(document, path, value))


def remove(text: str, path: Sequence[Step]) -> str:
    """
    Return *text* without what stands at *path*; unchanged when nothing does.

    Raises:
        HostFileError: The text cannot be read.
    """
    keys = [str(step) for step in path]
    before = read(text)
    if _way(before, keys) < len(keys):
        return text
    expected = copy.deepcopy(before)
    _drop(expected, keys)
    changed = _checked_edit(text, expected, lambda document: _drop(document, keys))
    newline = "\r\n" if "\r\n" in text else "\n"
    if changed.endswith(newline * 2) and not text.endswith(newline * 2):  # the line that set our table apart
        changed = changed.removesuffix(newline)
    return changed


def _way(document: Any, path: Sequence[str]) -> int:
    """Return how many steps of *path* there are; HostFileError when something that is no table is in the way."""
    for place, key in enumerate(path):
        if not isinstance(document, MutableMapping):
            raise HostFileError(f"has {'.'.join(path[:place])}, but it is no table")
        if key not in document:
            return place
        document = document[key]
    return len(path)


def _at(document: Any, path: Sequence[str]) -> Any:
    for key in path:
        document = document[key]
    return document


def _put(document: Any, path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        document = document.setdefault(key, {})
    document[path[-1]] = value


def _drop(document: Any, path: Sequence[str]) -> None:
    del _at(document, path[:-1])[path[-1]]
    if len(path) > 1 and not _at(document, path[:-1]):  # a table that is only a name has no place in the text
        _drop(document, path[:-1])


def _behind(text: str, path: Sequence[str], value: dict[str, Any]) -> str:
    import tomlkit

    newline = "\r\n" if "\r\n" in text else "\n"
    document: dict[str, Any] = {}
    _put(document, path, value)
    block = "\n".join(line for line in tomlkit.dumps(document).splitlines() if line != f"[{'.'.join(path[:-1])}]")
    gap = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
    return f"{text}{gap}{block.strip()}\n".replace("\r\n", "\n").replace("\n", newline)


def _checked_edit(text: str, expected: dict[str, Any], edit: Callable[["TOMLDocument"], None]) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        edit(document)
        changed = tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError, ValueError) as exc:
        raise HostFileError(f"is written in a way that cannot be changed safely ({exc}): change it by hand") from exc
    if not _says(changed, expected):
        raise HostFileError("is written in a way that cannot be changed safely: change it by hand")
    return changed


def _says(text: str, expected: dict[str, Any]) -> bool:
    try:
        return read(text) == expected
    except HostFileError:
        return False
