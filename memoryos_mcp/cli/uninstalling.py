"""The command `uninstall`: out of a host, or everything: entries, rules, hooks, backups, and the memory if told so."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import click

from ..domain.errors import HostFileError, InputError
from ..domain.settings import load_settings
from ..hosts import (
    HOSTS,
    NAME,
    Change,
    Host,
    Launch,
    Scope,
    UserFolders,
    entries_of,
    has_hooks,
    hooks_file,
    host_named,
    remove_entry,
    remove_hooks,
    remove_rules,
    rules_file,
)
from ..hosts.backups import backups_of
from ..hosts.hooks.endpoint_client import ask
from ..storage.folder import ours_in, remove_memory
from . import output
from .host_changes import Wanted, change_host, tell_change
from .options import Command, config_file, given_settings

__all__ = ["uninstall"]

_SCOPES: tuple[Scope, ...] = ("user", "project")
_ANSWER_S = 1.0


@click.command(cls=Command, short_help="Take this server out of a host, or with --everything out of this machine.")
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@click.option("--everything", is_flag=True, help="Out of every host: entries of any name, rules, hooks, backups.")
@click.option("--data", is_flag=True, help="With --everything: the data folder too. Nothing brings it back.")
@click.option("--rules", is_flag=True, help="The rules alone.")
@click.option("--hooks", is_flag=True, help="The hooks alone.")
@click.option("--scope", type=click.Choice(_SCOPES), help="All your projects, or this folder's alone.")
@click.option("--name", default=NAME, show_default=True, help="What the host calls the server.")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--yes", is_flag=True, help="With --everything: do not ask.")
@click.pass_context
def uninstall(
    context: click.Context,
    hosts: tuple[str, ...],
    everything: bool,
    data: bool,
    rules: bool,
    hooks: bool,
    scope: str | None,
    name: str,
    dry_run: bool,
    yes: bool,
) -> int:
    """
    Take this server, its rules and its hooks out of HOST (the same as `install HOST --uninstall`).

    With --everything it does so for every host, for you and for the project in this folder, removes the copies that
    were kept of the hosts' files, and with --data the memory. A file in which nothing else was changed since is given
    back to the byte. Other projects and plugins of hosts are left: `docs/upgrading-and-uninstalling.md` names them.
    """
    folders = UserFolders()
    if bool(hosts) is everything:
        raise click.UsageError("name a HOST, or say --everything")
    if (data or yes) and not everything:
        raise click.UsageError("--data and --yes belong to --everything")
    if hosts:
        wanted = Wanted(cast("Scope | None", scope), name, rules, hooks, True, dry_run, Launch("", (), {}))
        return max(change_host(host_named(host), folders, wanted) for host in hosts)
    settings = load_settings(given_settings(context), config_file=config_file(context))
    if data and not dry_run and ask(settings.data_dir, {"op": "here"}, _ANSWER_S) is not None:
        raise InputError(f"a server uses {settings.data_dir} now: close the hosts, then repeat this")
    if not (dry_run or yes) and not _agreed(settings.data_dir if data else None):
        output.raw("nothing was changed")
        return 1
    failed = [host for host in HOSTS if host.files and not _out_of(host, folders, dry_run=dry_run)]
    if data:
        _remove_data(settings.data_dir, dry_run=dry_run)
    if not dry_run:
        output.raw("the program itself is left: uv tool uninstall, pipx uninstall or pip uninstall memoryos-mcp-server")
    return 1 if failed else 0


def _agreed(data_dir: Path | None) -> bool:
    """Ask at a terminal; elsewhere --yes has to say it."""
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to be asked: say --yes, or --dry-run to see what would change")
    memory = f", and all memory in {data_dir}" if data_dir else ""
    return click.confirm(f"Take entries, rules, hooks and backups out of every host{memory}?")


def _out_of(host: Host, folders: UserFolders, *, dry_run: bool) -> bool:
    """Take everything of ours out of a host, and say what was done; return whether all of it could be."""
    steps = [step for scope in _SCOPES for step in _steps(host, folders, scope, dry_run=dry_run)]
    done = [_is_done(host, step, dry_run=dry_run) for step in steps]
    if all(done):
        _remove_backups(host, folders, dry_run=dry_run)
    return all(done)


def _steps(host: Host, folders: UserFolders, scope: Scope, *, dry_run: bool) -> Iterator[Callable[[], list[Change]]]:
    """Yield what takes something out, in one scope: what `install` put in last comes first."""
    if scope in host.files:
        yield lambda: [
            remove_entry(host, folders, scope, name=entry.name, dry_run=dry_run)
            for entry in entries_of(host, folders, scope)
        ]
    if has_hooks(host):
        yield lambda: [remove_hooks(host, folders, scope, dry_run=dry_run)]
    if rules_file(host, folders, scope) is not None:
        yield lambda: [remove_rules(host, folders, scope, dry_run=dry_run)]


def _is_done(host: Host, step: Callable[[], list[Change]], *, dry_run: bool) -> bool:
    try:
        changes = step()
    except HostFileError as exc:
        output.fail(f"{host.title}: {exc}")
        return False
    for change in changes:
        if change.changes:
            tell_change(host, change, dry_run=dry_run)
    return True


def _remove_backups(host: Host, folders: UserFolders, *, dry_run: bool) -> None:
    found = {backup for file in _files(host, folders) for backup in backups_of(file)}
    for backup in sorted(found):
        if not dry_run:
            backup.unlink(missing_ok=True)
        output.raw(f"{host.title}: {backup} {'would be ' if dry_run else ''}deleted")


def _files(host: Host, folders: UserFolders) -> Iterator[Path]:
    for scope in _SCOPES:
        if scope in host.files:
            yield host.file(folders, scope)
        if has_hooks(host):
            yield hooks_file(host, folders, scope)
        if (rules := rules_file(host, folders, scope)) is not None:
            yield rules


def _remove_data(folder: Path, *, dry_run: bool) -> None:
    """Remove the memory, and say what else is in its folder and stays."""
    if dry_run:
        output.raw("\n".join(f"memory: {path} would be deleted" for path in ours_in(folder)) or "memory: there is none")
        return
    left = remove_memory(folder)
    stays = f"; what is not ours stays: {', '.join(path.name for path in left)}" if left else ""
    output.raw(f"memory: {folder} deleted{stays}" if not left else f"memory: deleted from {folder}{stays}")
