"""What `install` and `uninstall` do to a host's files, one change after the other, and how each is told."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.errors import HostFileError
from ..domain.settings import CONFIG_ENV, load_settings
from ..hosts import (
    Change,
    Host,
    Launch,
    Scope,
    UserFolders,
    add_entry,
    add_hooks,
    add_rules,
    has_hooks,
    hooks_remark,
    reads_rules,
    redirections,
    remove_entry,
    remove_hooks,
    remove_rules,
    rules_scope,
)
from . import output

__all__ = ["Wanted", "change_host", "hook_launch", "tell_change"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: to put in, or with `uninstall` to take out."""

    scope: Scope | None
    name: str
    rules: bool
    hooks: bool
    uninstall: bool
    dry_run: bool
    launch: Launch


def change_host(host: Host, folders: UserFolders, wanted: Wanted) -> int:
    """Do what is wanted for one host; return the exit status. One that cannot be helped keeps no other from it."""
    changed = False
    try:
        for change in _changes(host, folders, wanted):
            tell_change(host, change, dry_run=wanted.dry_run)
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


def _changes(host: Host, folders: UserFolders, wanted: Wanted) -> Iterable[Change]:
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
        yield add_hooks(host, folders, scope, hook_launch(wanted.launch), dry_run=wanted.dry_run)
        if remark := hooks_remark(host):
            output.note(remark)
    yield add_entry(host, folders, scope, wanted.launch, name=wanted.name, dry_run=wanted.dry_run)


def _unheard(host: Host, folders: UserFolders, wanted: Wanted) -> Iterable[str]:
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


def hook_launch(launch: Launch) -> Launch:
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


def tell_change(host: Host, change: Change, *, dry_run: bool) -> None:
    """Say what was or would be done to a file of a host."""
    if not change.changes:
        output.raw(f"{host.title}: {change.path} is as it should be")
    elif dry_run:
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
