"""Each host on this machine: is this server in its configuration, and are entry, rules and hooks as they should be?"""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from ...domain.errors import ConfigError, HostFileError
from ...domain.settings import Settings, load_settings
from ...hosts import (
    HOSTS,
    Entry,
    Host,
    Scope,
    UserFolders,
    entries_of,
    has_hooks,
    hooks_file,
    redirections,
    rules_file,
)
from ...hosts.hook_entries import installed_hooks
from ...hosts.rules import are_current, installed_rules
from .finding import Finding, error, ok, warning

__all__ = ["found_entries", "hosts"]

_CHECK = "hosts"
_SCOPES: tuple[Scope, ...] = ("user", "project")


def hosts(settings: Settings, folders: UserFolders | None = None) -> Iterator[Finding]:
    """Look at the configuration of every host that is found, of the user and of this folder; start nothing."""
    folders = folders or UserFolders()
    here = [host for host in HOSTS if host.files and host.is_here(folders)]
    if not here:
        yield ok(_CHECK, "no host is found on this machine")
    for host in here:
        try:
            entries = found_entries(host, folders)
        except HostFileError as exc:
            yield warning(_CHECK, f"{host.title}: {exc}", f"correct the file, then memoryos-mcp install {host.name}")
            continue
        if not entries:
            yield ok(_CHECK, f"{host.title}: found, this server is not in it (memoryos-mcp install {host.name})")
        for entry in entries:
            yield from _entry(host, entry, settings, folders)
        for scope in _SCOPES if folders.folder != folders.home else _SCOPES[:1]:
            yield from _beside(host, folders, scope)


def found_entries(host: Host, folders: UserFolders) -> list[Entry]:
    """Return our entries in the configurations of *host*, each file once; HostFileError when one cannot be read."""
    files: dict[Path, list[Entry]] = {}
    for scope in host.files:
        files.setdefault(host.file(folders, scope), entries_of(host, folders, scope))
    return [entry for entries in files.values() for entry in entries]


def _beside(host: Host, folders: UserFolders, scope: Scope) -> Iterator[Finding]:
    """Look at the rules and hooks that stand in files of their own; who has none wants none."""
    try:
        rules = installed_rules(host, folders, scope)
        commands, missing = installed_hooks(host, folders, scope) if has_hooks(host) else ([], [])
    except HostFileError as exc:
        yield warning(_CHECK, f"{host.title}: {exc}", "correct the file: the host cannot read it either")
        return
    again = f"memoryos-mcp install {host.name}{' --scope project' if scope == 'project' else ''}"
    if rules is not None:
        where = f"{host.title}: rules in {rules_file(host, folders, scope)}"
        yield (
            ok(_CHECK, where)
            if are_current(rules)
            else warning(_CHECK, f"{where} are those of another version", f"{again} --rules")
        )
    if commands:
        where = f"{host.title}: hooks in {hooks_file(host, folders, scope)}"
        problems = [
            f"{where} run {word!r}, {problem}"
            for word in map(_first_word, commands)
            if (problem := _command_problem(word))
        ]
        problems += [f"{where} lack {', '.join(missing)}"] if missing else []
        yield from (error(_CHECK, problem, f"{again} --hooks") for problem in problems)
        if not problems:
            yield ok(_CHECK, where)


def _first_word(command: str) -> str:
    """Return the program that a line for a shell starts."""
    try:
        return shlex.split(command)[0]
    except (ValueError, IndexError):  # quotes that do not end
        return command


def _entry(host: Host, entry: Entry, settings: Settings, folders: UserFolders) -> Iterator[Finding]:
    where = f"{host.title}: {entry.name} in {entry.file}"
    again = f"memoryos-mcp install {host.name}{'' if entry.name == 'memoryos' else f' --name {entry.name}'}"
    if problem := _command_problem(entry.command):
        yield error(_CHECK, f"{where} starts {entry.command!r}, {problem}", again)
        return
    try:
        theirs = load_settings(environ=entry.env)
    except ConfigError as exc:
        yield error(_CHECK, f"{where}: {exc}", "correct the value in its env")
        return
    for what, remedy in redirections(folders, entry.file, theirs.data_dir):
        yield warning(_CHECK, f"{where}: {what}", remedy)
    if theirs.data_dir != settings.data_dir:
        yield warning(
            _CHECK,
            f"{where} uses another memory than this command: {theirs.data_dir}, not {settings.data_dir}",
            f"if that is not meant: {again} --data-dir '{settings.data_dir}'",
        )
    elif theirs.user_id != settings.user_id:
        yield ok(_CHECK, f"{where}, for the user {theirs.user_id!r}")
    else:
        yield ok(_CHECK, where)


def _command_problem(command: str) -> str:
    """Return what keeps a host from starting *command*; empty when nothing does."""
    path = Path(command)
    if not path.is_absolute():
        return "which is found only where PATH is as in your shell: hosts have a minimal one"
    if not path.is_file():
        return "which is not there"
    return "" if os.access(path, os.X_OK) else "which may not be executed"
