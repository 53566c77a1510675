"""
Our hooks in a host's settings: put beside those of others, and taken out again without them.

Claude Code, Codex and Gemini CLI have groups of hooks by event, Cursor a list by event. Ours are told by their command,
so that an update replaces what an earlier version wrote.
"""

import os
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..domain.errors import HostFileError
from . import jsonc
from .backups import earlier_texts, undone
from .files import Change, change, plan, read_text
from .launch import Launch
from .table import Host, Scope
from .user_folders import UserFolders

__all__ = [
    "add_hooks",
    "has_hooks",
    "hook_command",
    "hooks_file",
    "hooks_remark",
    "installed_hooks",
    "plugin_hooks",
    "printed_hooks",
    "remove_hooks",
]

_PROGRAM = r"(?:^|[\s\"'/\\])(?:memoryos[-_]mcp(?:\.exe)?|server\.py)[\"']?"
_OPTION = r"--(?:config|data-dir|user-id|max-tokens|project|keep-secrets)\b"
_OURS = re.compile(rf"{_PROGRAM}(?:\s+{_OPTION}.*)?\s+[\"']?hook[\"']?(?:\s+[\"']?{_OPTION}.*)?\s*$")
"""A command of ours, earlier ones too; another's that only has such words in a path, or other options, is not."""

_SECONDS = 5
_CALLS, _STORES = ("PostToolUse", "AfterTool"), ".*add_memory"


@dataclass(frozen=True, slots=True)
class _Hooks:
    """
    Where a host's hooks stand, the events of ours, and what one looks like.

    `head` is what a new file begins with, `remark` what the user has to know or to do.
    """

    file: Mapping[Scope, Callable[[UserFolders], Path]]
    events: tuple[str, ...]
    item: Callable[[str, str], dict[str, Any]]
    head: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""


def _group(event: str, command: str, timeout: int = _SECONDS) -> dict[str, Any]:
    """Return a group with one hook; of calls of tools only ours is of interest."""
    calls = {"matcher": _STORES} if event in _CALLS else {}
    return {**calls, "hooks": [{"type": "command", "command": command, "timeout": timeout}]}


_HOOKS: dict[str, _Hooks] = {
    "claude-code": _Hooks(
        {
            "user": lambda folders: folders.variable("CLAUDE_CONFIG_DIR", folders.home / ".claude") / "settings.json",
            "project": lambda folders: folders.folder / ".claude" / "settings.json",
        },
        ("UserPromptSubmit", "Stop"),
        _group,
    ),
    "codex": _Hooks(
        {
            "user": lambda folders: folders.variable("CODEX_HOME", folders.home / ".codex") / "hooks.json",
            "project": lambda folders: folders.folder / ".codex" / "hooks.json",
        },
        ("UserPromptSubmit", "PostToolUse", "Stop"),
        _group,
        remark="Codex runs a new hook only once you have trusted it: type /hooks there",
    ),
    "gemini-cli": _Hooks(
        {
            "user": lambda folders: folders.variable("GEMINI_CLI_HOME", folders.home) / ".gemini" / "settings.json",
            "project": lambda folders: folders.folder / ".gemini" / "settings.json",
        },
        ("BeforeAgent", "AfterTool", "AfterAgent"),
        lambda event, command: _group(event, command, _SECONDS * 1000),  # in ms there
    ),
    "cursor": _Hooks(
        {
            "user": lambda folders: folders.home / ".cursor" / "hooks.json",
            "project": lambda folders: folders.folder / ".cursor" / "hooks.json",
        },
        ("sessionStart", "beforeSubmitPrompt", "afterAgentResponse", "afterMCPExecution", "stop"),
        lambda event, command: {"command": command},
        {"version": 1},
    ),
}


def has_hooks(host: Host) -> bool:
    """Return whether the host runs commands at its events, in a way that is known here."""
    return host.name in _HOOKS


def hooks_remark(host: Host) -> str:
    """Return what the user has to do or to know once the host's hooks are in; "" for nothing."""
    return _hooks_of(host).remark


def hooks_file(host: Host, folders: UserFolders, scope: Scope) -> Path:
    """Return the file in which the hooks stand or would stand; HostFileError for a host without."""
    return _hooks_of(host).file[scope](folders)


def hook_command(launch: Launch, *, windows: bool = os.name == "nt") -> str:
    """Return *launch* as one line for the host's shell; on *windows* that is cmd or a bash."""
    words = [launch.command, *launch.args]
    return " ".join(map(_in_quotes, words)) if windows else shlex.join(words)


def printed_hooks(host: Host, launch: Launch) -> str:
    """Return our hooks as they stand in a file of their own, ready to paste; HostFileError for a host without."""
    return _with_hooks("", _hooks_of(host), hook_command(launch))


def installed_hooks(host: Host, folders: UserFolders, scope: Scope) -> tuple[list[str], list[str]]:
    """
    Return the commands of ours in the host's settings, each once, and the events that should have one and have not.

    Raises:
        HostFileError: The file cannot be read.
    """
    hooks, file = _hooks_of(host), hooks_file(host, folders, scope)
    text = read_text(file)
    try:
        document = jsonc.read(text or "")
    except HostFileError as exc:
        raise HostFileError(f"{file} {exc}") from exc
    commands = dict.fromkeys(
        command for item in _of_ours_in(document) for command in _commands(item) if _OURS.search(command)
    )
    missing = [event for event in hooks.events if not _of_ours(jsonc.get(document, ("hooks", event)))]
    return list(commands), missing if commands else []


def plugin_hooks(launch: Launch) -> dict[str, Any]:
    """Return our hooks as a plugin has them that Claude Code and Codex read alike."""
    command = hook_command(launch, windows=False)
    return {"hooks": {event: [_group(event, command)] for event in _HOOKS["codex"].events}}


def add_hooks(host: Host, folders: UserFolders, scope: Scope, launch: Launch, *, dry_run: bool = False) -> Change:
    """
    Put our hooks into the host's settings, in the place of those that are there.

    Raises:
        HostFileError: The file cannot be read, changed or written; it is as it was.
    """
    file, hooks, command = hooks_file(host, folders, scope), _hooks_of(host), hook_command(launch)
    return (plan if dry_run else change)(file, lambda text: _with_hooks(text, hooks, command))


def remove_hooks(host: Host, folders: UserFolders, scope: Scope, *, dry_run: bool = False) -> Change:
    """
    Take our hooks out; a file that held nothing else is deleted.

    Raises:
        HostFileError: The file cannot be read, changed or written; it is as it was.
    """
    file, hooks = hooks_file(host, folders, scope), _HOOKS[host.name]

    def edit(text: str) -> str | None:
        commands = _commands_of_ours(text) if text.strip() else []
        if not commands:
            return text
        return undone(
            file,
            text,
            redo=lambda earlier: _with_hooks(earlier, hooks, commands[0]),
            holds_ours=lambda earlier: bool(_commands_of_ours(earlier)),
            otherwise=lambda: _without_all(file, text, hooks),
        )

    return (plan if dry_run else change)(file, edit)


def _without_all(file: Path, text: str, hooks: _Hooks) -> str | None:
    """Return *text* without our hooks, and without the empty lists around them that only we can have made."""
    earlier = [document for each in earlier_texts(file) if (document := _document(each)) is not None]
    without_ours = [document for document in earlier if not _of_ours_in(document)]
    for event in _events(jsonc.read(text)):
        text = _without(text, event)
    for path in [*(("hooks", event) for event in hooks.events), ("hooks",)]:
        there_before = any(jsonc.get(document, path) is not None for document in without_ours)
        if jsonc.get(jsonc.read(text), path) in ([], {}) and not there_before:
            text = jsonc.remove(text, path)
    return None if not earlier and jsonc.read(text) == dict(hooks.head) else text


def _document(text: str) -> Any:
    try:
        return jsonc.read(text)
    except HostFileError:
        return None


def _events(document: Any) -> list[str]:
    found = jsonc.get(document, ("hooks",))
    return list(found) if isinstance(found, dict) else []


def _of_ours_in(document: Any) -> list[Any]:
    return [item for event in _events(document) for item in _of_ours(jsonc.get(document, ("hooks", event)))]


def _commands_of_ours(text: str) -> list[str]:
    """Return every command of ours in *text*."""
    items = _of_ours_in(jsonc.read(text))
    return [command for item in items for command in _commands(item) if _OURS.search(command)]


def _hooks_of(host: Host) -> _Hooks:
    if host.name not in _HOOKS:
        raise HostFileError(f"{host.title} has no hooks that are known here; {', '.join(_HOOKS)} have")
    return _HOOKS[host.name]


def _in_quotes(word: str) -> str:
    """Return a word between double quotes, where cmd and bash both leave backslashes alone; it may need none."""
    if re.fullmatch(r"[\w./:=@+-]+", word):
        return word
    inner = word.replace('"', '\\"')
    return f'"{inner}{chr(92) * (len(inner) - len(inner.rstrip(chr(92))))}"'


def _with_hooks(text: str, hooks: _Hooks, command: str) -> str:
    for key, value in hooks.head.items():
        if jsonc.get(jsonc.read(text), (key,)) is None:
            text = jsonc.set_value(text, (key,), value)
    for event in hooks.events:
        there = jsonc.get(jsonc.read(text), ("hooks", event))
        item = hooks.item(event, command)
        if _of_ours(there) != [item]:
            text = jsonc.append(_without(text, event), ("hooks", event), item)
    return text


def _of_ours(items: Any) -> list[Any]:
    """Return the items of an event, or groups of them, in which a command of ours stands."""
    return [item for item in items if any(map(_OURS.search, _commands(item)))] if isinstance(items, list) else []


def _commands(item: Any) -> list[str]:
    if not isinstance(item, dict):
        return []
    inner = item.get("hooks")
    nested = [command for each in inner for command in _commands(each)] if isinstance(inner, list) else []
    return nested + [command for command in [item.get("command")] if isinstance(command, str)]


def _without(text: str, event: str) -> str:
    """Return *text* without the commands of ours at *event*; a group in which others stand too stays."""
    items = jsonc.get(jsonc.read(text), ("hooks", event))
    for place in reversed(range(len(items) if isinstance(items, list) else 0)):
        if not _of_ours([items[place]]):
            continue
        inner = items[place].get("hooks")
        mixed = isinstance(inner, list) and len(_of_ours(inner)) < len(inner)
        if not mixed:
            text = jsonc.remove(text, ("hooks", event, place))
            continue
        for within in reversed(range(len(inner))):
            if _of_ours([inner[within]]):
                text = jsonc.remove(text, ("hooks", event, place, "hooks", within))
    return text
