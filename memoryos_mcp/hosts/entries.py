"""
Our entry in a host's configuration: putting it in, taking it out, and reading it back.

An entry that is there keeps what we do not write: a host's own keys, and settings that were not given this time.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..domain.errors import HostFileError
from . import jsonc, toml, yaml
from .backups import earlier_texts, undone
from .files import Change, change, plan, read_text
from .launch import Launch
from .table import Host, Scope
from .user_folders import UserFolders

__all__ = ["NAME", "Entry", "add_entry", "entries_of", "entry_of", "entry_text", "remove_entry"]

NAME = "memoryos"

_OURS = re.compile(
    r"(^|[/\\])(memoryos-mcp(\.exe)?|memoryos-mcp-server([@=].*)?|memoryos_mcp[/\\]server\.py)$|^memoryos_mcp$"
)
"""A command or an argument that starts this server: a script of ours, a release, the module, a checkout's file."""


class _Language(Protocol):
    """What `jsonc`, `toml` and `yaml` all do."""

    def read(self, text: str) -> Any: ...
    def set_value(self, text: str, path: Sequence[str], value: Any) -> str: ...
    def remove(self, text: str, path: Sequence[str]) -> str: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """What a host's configuration starts for us."""

    file: Path
    name: str
    command: str
    args: tuple[str, ...]
    env: Mapping[str, str]


def add_entry(
    host: Host, folders: UserFolders, scope: Scope, launch: Launch, *, name: str = NAME, dry_run: bool = False
) -> Change:
    """
    Put our entry into the host's configuration, or see what that would do.

    Raises:
        HostFileError: The file cannot be read, changed or written; it is as it was.
    """
    path = (*host.path, name)
    wanted = host.entry(launch, name)

    def edit(text: str) -> str:
        there = jsonc.get(_language(host).read(text), path)
        if there is None:
            return _language(host).set_value(text, path, wanted)
        if not isinstance(there, dict) or "url" in there or "serverUrl" in there or not _starts_us(there):
            raise HostFileError(_another(name))
        return _with_keys(host, text, path, there, wanted)

    return (plan if dry_run else change)(host.file(folders, scope), edit)


def remove_entry(host: Host, folders: UserFolders, scope: Scope, *, name: str = NAME, dry_run: bool = False) -> Change:
    """
    Take our entry out of the host's configuration, or see what that would do; what does not start us stays.

    When nothing else was changed since it went in, the file is what it was before, to the byte.

    Raises:
        HostFileError: The file cannot be read, changed or written; it is as it was.
    """
    file, path, language = host.file(folders, scope), (*host.path, name), _language(host)

    def edit(text: str) -> str | None:
        there = jsonc.get(language.read(text), path) if text.strip() else None
        if not _starts_us(there):
            return text
        return undone(
            file,
            text,
            redo=lambda earlier: language.set_value(earlier, path, there),
            holds_ours=lambda earlier: _starts_us(jsonc.get(language.read(earlier), path)),
            otherwise=lambda: _without(host, file, text, path),
        )

    return (plan if dry_run else change)(file, edit)


def _without(host: Host, file: Path, text: str, path: Sequence[str]) -> str | None:
    """Return *text* without our entry, and without the table of servers that only we can have made."""
    language, earlier = _language(host), earlier_texts(file)
    left = language.remove(text, path)
    if jsonc.get(language.read(left), host.path) == {} and not any(_had_table(host, each, path) for each in earlier):
        left = language.remove(left, host.path)
    return left if earlier or left.strip() not in ("", "{}") else None


def _had_table(host: Host, text: str, path: Sequence[str]) -> bool:
    """Return whether a text from before ours has the host's table of servers; one that cannot be read may have it."""
    try:
        document = _language(host).read(text)
    except HostFileError:
        return True
    return jsonc.get(document, host.path) is not None and not _starts_us(jsonc.get(document, path))


def entry_of(host: Host, folders: UserFolders, scope: Scope, *, name: str = NAME) -> Entry | None:
    """
    Return our entry as the host would read it, or None when there is none of that name.

    Raises:
        HostFileError: The file cannot be read, or the server of that name is another.
    """
    file = host.file(folders, scope)
    found = _servers(host, file).get(name)
    if found is None:
        return None
    if not _starts_us(found):
        raise HostFileError(f"{file} {_another(name)}")
    return _entry(host, file, name, found)


def entries_of(host: Host, folders: UserFolders, scope: Scope) -> list[Entry]:
    """
    Return every entry that starts this server, also those that people made under names of their own.

    Raises:
        HostFileError: The file cannot be read, or such an entry cannot be started.
    """
    file = host.file(folders, scope)
    return [_entry(host, file, name, found) for name, found in _servers(host, file).items() if _starts_us(found)]


def _another(name: str) -> str:
    return f"has a server called {name} that is none of ours; choose another name with --name"


def _servers(host: Host, file: Path) -> dict[str, Any]:
    text = read_text(file)
    try:
        found = None if text is None else jsonc.get(_language(host).read(text), host.path)
    except HostFileError as exc:
        raise HostFileError(f"{file} {exc}") from exc
    return found if isinstance(found, dict) else {}


def _starts_us(found: Any) -> bool:
    """Whether an entry, in whichever host's words, starts this server."""
    if not isinstance(found, dict):
        return False
    words = [word for key in ("command", "cmd", "args") for word in _listed(found.get(key))]
    return any(isinstance(word, str) and (_OURS.search(word) or _is_checkout(word)) for word in words)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_checkout(word: str) -> bool:
    """Whether *word* is the server.py of a checkout, whatever its folder is called."""
    return re.split(r"[/\\]", word)[-1] == "server.py" and Path(word).with_name("memoryos_mcp").is_dir()


def _entry(host: Host, file: Path, name: str, found: dict[str, Any]) -> Entry:
    keys = host.keys
    words, args, env = (found.get(key) for key in (keys.command, keys.args, keys.env))
    command, *first = _listed(words)
    args, env = [*first, *(args or [])] if isinstance(args or [], list) else None, env or {}
    if not isinstance(command, str) or args is None or not isinstance(env, dict):
        raise HostFileError(f"{file}: {name} is no entry that starts a program")
    return Entry(file, name, command, tuple(map(str, args)), {str(key): str(value) for key, value in env.items()})


def entry_text(host: Host, launch: Launch, *, name: str = NAME) -> str:
    """Return the entry as it stands in a file of its own, ready to paste."""
    return _language(host).set_value("", (*host.path, name), host.entry(launch, name))


def _with_keys(host: Host, text: str, path: Sequence[str], there: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Return the text with the keys of ours set one by one: what else stands in the entry stays, comments too."""
    keys = host.keys
    for key, value in wanted.items():
        if key == keys.env and isinstance(there.get(key), dict):
            for variable, setting in value.items():
                text = _language(host).set_value(text, (*path, key, variable), setting)
        elif key in (keys.command, keys.args, keys.env) or key not in there:
            text = _language(host).set_value(text, (*path, key), value)
    return text


def _language(host: Host) -> _Language:
    return _LANGUAGES[host.format]


_LANGUAGES: Mapping[str, _Language] = {"json": jsonc, "toml": toml, "yaml": yaml}
