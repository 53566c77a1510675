"""The command `install`: our entry and rules in the configuration of hosts, put in, taken out, or only shown."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click

from ..domain.errors import HostFileError
from ..domain.settings import CONFIG_ENV, load_settings
from ..hosts import (
    HOSTS,
    NAME,
    RULES,
    Change,
    Host,
    Launch,
    Scope,
    UserFolders,
    add_entry,
    add_hooks,
    add_rules,
    entry_of,
    entry_text,
    has_hooks,
    hooks_file,
    hooks_remark,
    host_named,
    launch_here,
    printed_hooks,
    reads_rules,
    redirections,
    remove_entry,
    remove_hooks,
    remove_rules,
    rules_scope,
)
from . import output
from .host_environment import host_environment
from .options import Command

__all__ = ["install"]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for."""

    scope: Scope | None
    name: str
    rules: bool
    hooks: bool
    uninstall: bool
    dry_run: bool
    launch: Launch


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
    Put this server into the configuration of HOST; without HOST it lists those that are known and found.

    Nothing else in the file is touched, comments included, and a backup is kept beside it. Doing it again changes
    nothing. Settings given here (--data-dir, --user-id ...) or in the environment as MEMORYOS_... are written into the
    entry, since hosts do not read your shell's; a key only when --env OPENAI_API_KEY asks for it. --hooks is for
    Claude Code, Cursor, Codex and Gemini CLI: there every exchange is stored, whether or not the model thinks of it.
    """
    folders = UserFolders()
    chosen = [host_named(host) for host in hosts] or (_found(folders) if all_ else [])
    if not chosen:
        _list(folders, name)
        return 0
    launch = Launch("", (), {}) if uninstall else launch_here(host_environment(context, variables))
    wanted = _Wanted(cast("Scope | None", scope), name, rules, hooks, uninstall, dry_run, launch)
    if print_ or link:
        for host in chosen:
            output.raw(_link(host, wanted) if link else _to_paste(host, folders, wanted))
        return 0
    return max(_install_one(host, folders, wanted) for host in chosen)


def _found(folders: UserFolders) -> list[Host]:
    """Return the hosts on this machine whose files are known."""
    return [host for host in HOSTS if host.files and host.is_here(folders)]


def _install_one(host: Host, folders: UserFolders, wanted: _Wanted) -> int:
    """Do what is wanted for one host; a host that cannot be helped does not keep the others from it."""
    changed = False
    try:
        for change in _changes(host, folders, wanted):
            _tell(host, change, wanted)
            changed = changed or change.changes
    except HostFileError as exc:
        output.fail(f"{host.title}: {exc}")
        return 1
    if changed and not wanted.dry_run:
        output.raw(f"{host.title}: {host.restart}")
    if not wanted.uninstall:
        data_dir = load_settings(environ=wanted.launch.env).data_dir
        for what, remedy in redirections(folders, host.file(folders, wanted.scope or "user"), data_dir):
            output.note(f"{host.title}: {what}; {remedy}")
    return 0


def _changes(host: Host, folders: UserFolders, wanted: _Wanted) -> Iterable[Change]:
    scope = wanted.scope or "user"
    if wanted.uninstall:
        if not wanted.rules and not wanted.hooks:
            yield remove_entry(host, folders, scope, name=wanted.name, dry_run=wanted.dry_run)
        if has_hooks(host) and (wanted.hooks or not wanted.rules):
            yield remove_hooks(host, folders, scope, dry_run=wanted.dry_run)
        if reads_rules(host) and (wanted.rules or not wanted.hooks):
            yield remove_rules(host, folders, rules_scope(host, wanted.scope), dry_run=wanted.dry_run)
        return
    unheard = list(_unheard(host, folders, wanted))
    if wanted.rules and "rules" not in unheard:  # first what may be refused
        yield add_rules(host, folders, rules_scope(host, wanted.scope), dry_run=wanted.dry_run)
    if wanted.hooks and "hooks" not in unheard:
        yield add_hooks(host, folders, scope, _hook(wanted.launch), dry_run=wanted.dry_run)
        if remark := hooks_remark(host):
            output.note(remark)
    yield add_entry(host, folders, scope, wanted.launch, name=wanted.name, dry_run=wanted.dry_run)


def _unheard(host: Host, folders: UserFolders, wanted: _Wanted) -> Iterable[str]:
    """Yield which of rules and hooks this host has no place for here, and say what to do instead; the entry goes in."""
    if wanted.rules and not reads_rules(host):
        output.note(
            f"{host.title} reads no rules from a file; paste what `memoryos-mcp install {host.name} --rules --print` "
            "shows into its personal preferences or its system prompt"
        )
        yield "rules"
    elif (
        wanted.rules
        and wanted.scope is None
        and rules_scope(host, None) == "project"
        and folders.folder == folders.home
    ):
        output.note(f"{host.title} reads rules per project: run `install {host.name} --rules` in the project's folder")
        yield "rules"
    if wanted.hooks and not has_hooks(host):
        output.note(f"{host.title} has no hooks that are known here; there the model itself calls the tools")
        yield "hooks"


def _to_paste(host: Host, folders: UserFolders, wanted: _Wanted) -> str:
    if wanted.rules:
        return RULES
    if wanted.hooks:
        output.note(f"{host.title}: this goes into {hooks_file(host, folders, wanted.scope or 'user')}")
        return printed_hooks(host, _hook(wanted.launch))
    return entry_text(host, wanted.launch, name=wanted.name)


def _hook(launch: Launch) -> Launch:
    """Return how the host runs a hook of the same memory."""
    whose = {
        "--config": CONFIG_ENV,
        "--data-dir": "MEMORYOS_DATA_DIR",
        "--user-id": "MEMORYOS_USER_ID",
        "--project": "MEMORYOS_PROJECT",
    }
    given = [word for option, name in whose.items() if name in launch.env for word in (option, launch.env[name])]
    redacts = load_settings(environ=launch.env).redact_secrets
    return Launch(launch.command, (*launch.args, "hook", *given, *([] if redacts else ["--keep-secrets"])))


def _tell(host: Host, change: Change, wanted: _Wanted) -> None:
    if not change.changes:
        output.raw(f"{host.title}: {change.path} is as it should be")
    elif wanted.dry_run:
        output.raw(f"{host.title}: {change.path} would be {_verb(change)}")
        output.raw(_diff(change))
    else:
        kept = f"; before: {change.backup}" if change.backup else ""
        output.raw(f"{host.title}: {change.path} {_verb(change)}{kept}")


def _verb(change: Change) -> str:
    return "made" if change.before is None else "deleted" if change.after is None else "changed"


def _diff(change: Change) -> str:
    before, after = ((text or "").splitlines() for text in (change.before, change.after))
    lines = difflib.unified_diff(before, after, str(change.path), str(change.path), n=1, lineterm="")
    return "\n".join(lines)


def _link(host: Host, wanted: _Wanted) -> str:
    from ..hosts.links import cursor_link, vscode_link

    links: dict[str, Any] = {"cursor": cursor_link, "vscode": vscode_link}
    if host.name not in links:
        raise HostFileError(f"{host.title} has no links that install; leave --link out")
    return str(links[host.name](wanted.launch, wanted.name))


def _list(folders: UserFolders, name: str) -> None:
    for host in HOSTS:
        output.raw(f"{host.name:<15} {_state(host, folders, name)}")
    output.raw("memoryos-mcp install HOST puts the server in; --dry-run shows what would change")


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
    return f"found, not installed: {host.file(folders, 'user')}" if host.is_here(folders) else "not found"
