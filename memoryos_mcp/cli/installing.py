"""The command `install`: our entry and rules in the configuration of hosts, put in, taken out, or only shown."""

import sys
from pathlib import Path
from typing import Any, cast

import click

from ..domain.errors import HostFileError
from ..hosts import (
    HOSTS,
    NAME,
    RULES,
    Host,
    Launch,
    Scope,
    UserFolders,
    entry_of,
    entry_text,
    hooks_file,
    host_named,
    launch_here,
    printed_hooks,
)
from . import output
from .host_changes import Wanted, change_host, hook_launch
from .host_environment import host_environment
from .options import Command

__all__ = ["install"]

_NOT_INSTALLED = "found, not installed:"


@click.command(cls=Command, short_help="Put this server into a host's configuration (or take it out).")
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@click.option("--all", "all_", is_flag=True, help="Every host that is found on this machine.")
@click.option("--rules", is_flag=True, help="Also the short text that makes the host's model use memory by itself.")
@click.option("--hooks", is_flag=True, help="Also hooks that store every exchange and recall by themselves (4 hosts).")
@click.option(
    "--uninstall", is_flag=True, help="Take out what was put in (with --rules or --hooks: the text or the hooks alone)."
)
@click.option("--dry-run", is_flag=True, help="Show what would change, as a diff; write nothing.")
@click.option("--print", "print_", is_flag=True, help="Show what belongs in the file, ready to paste; look at no file.")
@click.option("--link", is_flag=True, help="Show a link that installs this server (cursor, vscode).")
@click.option("--scope", type=click.Choice(["user", "project"]), help="All your projects, or this folder's alone.")
@click.option("--name", default=NAME, show_default=True, help="What the host calls the server.")
@click.option("--env", "variables", multiple=True, metavar="NAME[=VALUE]", help="More for the server's environment.")
@click.pass_context
def install(
    context: click.Context,
    hosts: tuple[str, ...],
    all_: bool,
    rules: bool,
    hooks: bool,
    uninstall: bool,
    dry_run: bool,
    print_: bool,
    link: bool,
    scope: str | None,
    name: str,
    variables: tuple[str, ...],
) -> int:
    """
    Put this server into the configuration of HOST; without HOST it lists those that are known
    and found and, at a terminal, asks which.

    Nothing else in the file is touched, comments included, and a backup is kept beside it. Doing it again changes
    nothing. Settings given here (--data-dir, --user-id ...) or in the environment as MEMORYOS_... are written into the
    entry, since hosts do not read your shell's; a key only when --env OPENAI_API_KEY asks for it. --hooks is for
    Claude Code, Cursor, Codex and Gemini CLI: there every exchange is stored, whether or not the model thinks of it.
    """
    folders = UserFolders()
    chosen = [host_named(host) for host in hosts] or (_found(folders) if all_ else [])
    if not chosen:
        _list(folders, name)
        chosen = _asked_for(folders, name) if not (uninstall or print_ or link) else []
    if not chosen:
        return 0
    launch = Launch("", (), {}) if uninstall else launch_here(host_environment(context, variables))
    wanted = Wanted(cast("Scope | None", scope), name, rules, hooks, uninstall, dry_run, launch)
    if print_ or link:
        for host in chosen:
            output.raw(_link(host, wanted) if link else _to_paste(host, folders, wanted))
        return 0
    return max(change_host(host, folders, wanted) for host in chosen)


def _asked_for(folders: UserFolders, name: str) -> list[Host]:
    """Return the hosts that the user at a terminal chooses of those that are found and have no entry yet."""
    open_ = [host for host in _found(folders) if _state(host, folders, name).startswith(_NOT_INSTALLED)]
    if not (open_ and sys.stdin.isatty()):
        output.raw(
            "memoryos-mcp install HOST puts the server in, --all into every host that is found; --dry-run shows it"
        )
        return []
    for number, host in enumerate(open_, start=1):
        output.raw(f"{number:>3}  {host.title}")
    while True:
        answer = click.prompt("Install into which? Numbers, `all`, or nothing", default="", show_default=False)
        words = answer.replace(",", " ").split()
        if words == ["all"]:
            return open_
        if all(word.isdecimal() and 0 < int(word) <= len(open_) for word in words):
            return [open_[int(word) - 1] for word in dict.fromkeys(words)]
        output.raw(f"{answer!r} is none of 1 to {len(open_)}, `all`, or nothing")


def _found(folders: UserFolders) -> list[Host]:
    """Return the hosts on this machine whose files are known."""
    return [host for host in HOSTS if host.files and host.is_here(folders)]


def _to_paste(host: Host, folders: UserFolders, wanted: Wanted) -> str:
    if wanted.rules:
        return RULES
    if wanted.hooks:
        output.note(f"{host.title}: this goes into {hooks_file(host, folders, wanted.scope or 'user')}")
        return printed_hooks(host, hook_launch(wanted.launch))
    return entry_text(host, wanted.launch, name=wanted.name)


def _link(host: Host, wanted: Wanted) -> str:
    from ..hosts.links import cursor_link, vscode_link

    links: dict[str, Any] = {"cursor": cursor_link, "vscode": vscode_link}
    if host.name not in links:
        raise HostFileError(f"{host.title} has no links that install; leave --link out")
    return str(links[host.name](wanted.launch, wanted.name))


def _list(folders: UserFolders, name: str) -> None:
    for host in HOSTS:
        output.raw(f"{host.name:<15} {_state(host, folders, name)}")


def _state(host: Host, folders: UserFolders, name: str) -> str:
    if not host.files:
        return f"paste what `memoryos-mcp config {host.name}` shows: {host.restart}"
    found: dict[Path, str] = {}
    try:
        for scope in host.files:
            entry = entry_of(host, folders, scope, name=name)
            if entry is not None:
                found.setdefault(entry.file, f"installed ({scope}) in {entry.file}")
    except HostFileError as exc:
        return str(exc)
    if found:
        return ", ".join(found.values())
    return f"{_NOT_INSTALLED} {host.file(folders, 'user')}" if host.is_here(folders) else "not found"
