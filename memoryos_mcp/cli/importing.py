"""The command `import`: a history from other programs, or an export of this one."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from ..domain.counting import counted
from ..domain.errors import InputError
from ..hosts.histories import history_folders
from ..hosts.user_folders import UserFolders
from ..transfer.history import AUTO, FORMATS, OWN, UNREADABLE, Summary, documents, format_of
from ..transfer.portable import preview
from . import output
from .as_json import as_json
from .opening import open_memory
from .options import Command
from .waiting import settle

if TYPE_CHECKING:
    from ..api.memoryos import Memoryos
    from ..transfer.history import Document

__all__ = ["import_"]

_WAIT_S = 30.0
_SAMPLE_CHARS = 100

_FORMATS = """\b
chatgpt        conversations.json of ChatGPT's export, or its .zip
claude         conversations.json of Claude's export, or its .zip
claude-code    transcripts: ~/.claude/projects
claude-memories, claude-projects  memories.json and projects.json of Claude's export
codex          sessions: ~/.codex/sessions
copilot        VS Code: chatSessions of a workspace, chat.json of "Export Chat"
cursor         transcripts: ~/.cursor/projects, chats exported as Markdown, its database state.vscdb
gemini         MyActivity.json of Takeout
gemini-cli     sessions: ~/.gemini/tmp
memory-server  the JSON lines of the official memory server
memoryos       mid_term.json, long_term_user.json, long_term_assistant.json, metadata_*.json (short_term.json is plain)
mem0           exports of mem0 and OpenMemory
sharegpt       conversations with from, value
specstory      Markdown: .specstory/history
plain          JSON (lines or array): user_input, agent_response, timestamp; or role, content"""


@click.command("import", cls=Command, short_help="Bring a history from other programs.", epilog=_FORMATS)
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path), metavar="[FILE|FOLDER]")
@click.option(
    "--format",
    "format_",
    type=click.Choice([AUTO, *FORMATS]),
    default=AUTO,
    help="Read as this, whatever it looks like. Default: by content.",
)
@click.option("--since", help="Only what was said from this time on (2025-12-24, 2025-12, yesterday, ISO 8601).")
@click.option("--until", help="Only what was said up to the end of it.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and show ten samples.")
@click.option("--all-hosts", is_flag=True, help="What the hosts on this machine keep: show what was found, then ask.")
@click.option("--yes", is_flag=True, help="With --all-hosts: do not ask.")
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def import_(
    context: click.Context,
    path: Path | None,
    format_: str,
    since: str | None,
    until: str | None,
    dry_run: bool,
    all_hosts: bool,
    yes: bool,
    json_: bool,
) -> None:
    """
    Bring the exchanges and facts of FILE, an archive or a FOLDER, with the dates they were said.

    Twice is the same as once, so an import that was interrupted is simply started again. No model is asked: `reanalyze
    --all` has one read what came in. An export of memoryos-mcp is recognised and restored.
    """
    if (path is None) is not all_hosts:
        raise click.UsageError("name a file or folder, or say --all-hosts")
    if path is None:
        with open_memory(context) as memory:
            _import_from_hosts(memory, {"format": format_, "since": since, "until": until}, asks=not yes, dry=dry_run)
        return
    own = _export_of_ours(path) if format_ == AUTO else None
    if own is not None:
        if since or until:
            raise InputError("an export of memoryos-mcp is restored whole: leave --since and --until out")
        if dry_run:
            _tell(_preview_of(own), json_, dry_run=True)
            return
    with open_memory(context) as memory:
        if own is not None:
            _restore(memory, own, json_)
            return
        with output.progress("importing") as advance:
            summary = memory.import_history(
                path, format=format_, since=since, until=until, dry_run=dry_run, progress=advance
            )
        settle(memory, lambda pending: None, deadline_s=_WAIT_S)
    _tell(summary, json_, dry_run=dry_run)
    if not summary.exchanges and not summary.facts:
        why = max(summary.skipped, key=summary.skipped.__getitem__, default="the files hold no messages")
        raise InputError(f"nothing was found to import: {why}")


def _import_from_hosts(memory: "Memoryos", chosen: dict[str, Any], *, asks: bool, dry: bool) -> None:
    """Show what every host on this machine keeps, and bring it when the user agrees."""
    found = list[Path]()
    for name, path in history_folders(UserFolders()):
        try:
            summary = memory.import_history(path, dry_run=True, **chosen)
        except InputError:  # a folder without conversations
            continue
        output.raw(f"{name}: {path}")
        _show(summary, dry_run=True)
        found += [path] if summary.exchanges or summary.facts else []
    if not found:
        raise InputError("nothing was found to import: no host on this machine keeps conversations that are known here")
    if dry or (asks and not click.confirm("Bring all of it?")):
        output.raw("nothing was stored")
        return
    for path in found:
        with output.progress("importing") as advance:
            _show(memory.import_history(path, progress=advance, **chosen), dry_run=False)
    settle(memory, lambda pending: None, deadline_s=_WAIT_S)


def _export_of_ours(path: Path) -> "Document | None":
    """Return the document of a file that is an export of this program."""
    found = None if path.is_dir() else next(documents(path), None)
    try:
        known = None if found is None else format_of(found)
    except UNREADABLE:  # the import says so
        return None
    return found if known is not None and known[0] == OWN else None


def _lines(file: IO[str]) -> Iterator[str]:
    """Yield the lines of an export as far as it can be read."""
    try:
        yield from file
    except UNREADABLE as exc:
        output.note(f"the file cannot be read any further: {exc}")


def _preview_of(document: "Document") -> Summary:
    with (
        io.TextIOWrapper(document.open(), encoding="utf-8", errors="replace", newline="\n") as file,
        output.progress("reading (lines)") as advance,
    ):
        return preview(_lines(file), advance)


def _restore(memory: "Memoryos", document: "Document", json_: bool) -> None:
    with (
        io.TextIOWrapper(document.open(), encoding="utf-8", errors="replace", newline="\n") as file,
        output.progress("restoring (lines)") as advance,
    ):
        done = memory.restore(_lines(file), advance)
    settle(memory, lambda pending: None, deadline_s=_WAIT_S)
    if json_:
        output.emit_json(as_json(done))
        return
    added: dict[str, Any] = {kind: count for kind, count in done.added.items() if count}
    output.raw("restored: " + (", ".join(f"{count:,} {kind}" for kind, count in added.items()) or "nothing new"))
    output.raw(f"{sum(done.known.values()):,} known already, {counted(done.skipped, 'line')} skipped")
    if barred := sum(done.barred.values()):
        output.raw(f"left out, since forgotten here by id: {counted(barred, 'line')} of the profile")
    for reason in done.reasons:
        output.raw(f"  {reason}")
    if not done.complete:
        output.note("the export ends without its end line: it may have been cut short")


def _tell(summary: Summary, json_: bool, *, dry_run: bool) -> None:
    if json_:
        output.emit_json(as_json(summary))
    else:
        _show(summary, dry_run=dry_run)


def _show(summary: Summary, *, dry_run: bool) -> None:
    read = ", ".join(f"{count:,} {name}" for name, count in sorted(summary.files.items()))
    output.raw(f"files read: {read}" + (f"; of no known format: {len(summary.unknown):,}" if summary.unknown else ""))
    if summary.earliest and summary.latest:
        output.raw(f"said from {summary.earliest:%Y-%m-%d} to {summary.latest:%Y-%m-%d}")
    if dry_run:
        found = f"{counted(summary.exchanges, 'exchange')}, {counted(summary.facts, 'fact')}"
        output.raw(f"found: {found}; nothing was stored")
    else:
        output.raw(f"exchanges: {summary.stored:,} stored, {summary.known:,} known already")
        output.raw(f"facts: {summary.stored_facts:,} stored, {summary.known_facts:,} known already")
    for asked, answered in summary.samples if dry_run else ():
        output.raw(f"  > {_first_words(asked)}")
        output.raw(f"    {_first_words(answered)}")
    if summary.facts_over_capacity:
        output.raw(
            f"  {summary.facts_over_capacity:,} more have no room, the oldest: "
            "raise MEMORYOS_KNOWLEDGE_CAPACITY and import again to keep them"
        )
    if summary.undated:
        undated = counted(summary.undated, "exchange has", "exchanges have")
        output.raw(f"  {undated} no date in the file and got the file's own")
    if summary.skipped:
        output.raw(f"skipped: {sum(summary.skipped.values()):,}")
    for reason, count in summary.skipped.most_common():
        output.raw(f"  {count:,} {reason} ({'; '.join(summary.examples[reason])})")


def _first_words(text: str) -> str:
    return text if len(text) <= _SAMPLE_CHARS else f"{text[:_SAMPLE_CHARS]}…"
