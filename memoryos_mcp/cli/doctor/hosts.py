"""Each host on this machine: is this server in its configuration, and is what stands there right?"""

import os
from collections.abc import Iterator
from pathlib import Path

from ...domain.errors import ConfigError, HostFileError
from ...domain.settings import Settings, load_settings
from ...hosts import HOSTS, Entry, Host, UserFolders, entries_of, redirections
from .finding import Finding, error, ok, warning

__all__ = ["found_entries", "hosts"]

_CHECK = "hosts"


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


def found_entries(host: Host, folders: UserFolders) -> list[Entry]:
    """Return our entries in the configurations of *host*, each file once; HostFileError when one cannot be read."""
    files: dict[Path, list[Entry]] = {}
    for scope in host.files:
        files.setdefault(host.file(folders, scope), entries_of(host, folders, scope))
    return [entry for entries in files.values() for entry in entries]


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
