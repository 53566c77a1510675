"""The command `add`: one exchange from options, or many as JSON lines from stdin."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from ..domain.errors import InputError
from ..domain.records import AddResult, Exchange
from . import output
from .as_json import as_json
from .opening import open_memory
from .options import Command
from .waiting import settle

if TYPE_CHECKING:
    from ..api.memoryos import Memoryos

__all__ = ["add"]

_KEYS = frozenset(field.name for field in fields(Exchange))

_WORTH_A_CALL = 10

_Entries = dict[int, dict[str, Any]]
"""What is to be stored, by its line on stdin (0: it came from options)."""


@click.command(cls=Command)
@click.option("--user-input", help="What the user said.")
@click.option("--agent-response", help="What the assistant answered.")
@click.option("--timestamp", help="When (ISO 8601 or YYYY-MM-DD HH:MM:SS; default now).")
@click.option("--metadata", metavar="JSON", help="A JSON object that comes back unchanged.")
@click.option("--no-wait", is_flag=True, help="Leave consolidation to whoever opens the memory next.")
@click.option("--json", "json_", is_flag=True, help="One JSON line per page on stdout, for programs.")
@click.pass_context
def add(
    context: click.Context,
    user_input: str | None,
    agent_response: str | None,
    timestamp: str | None,
    metadata: str | None,
    no_wait: bool,
    json_: bool,
) -> None:
    """
    Store an exchange, or many from stdin.

    On stdin each line is a JSON object with user_input and agent_response, and timestamp, metadata and project
    if you like. A page is on disk when its line is reported; interrupting the wait that follows loses nothing. Lines
    with a timestamp may be sent twice: they are stored once.
    """
    if user_input is None and agent_response is None:
        entries = _from_stdin()
    elif user_input is None or agent_response is None:
        raise click.UsageError("--user-input and --agent-response belong together")
    else:
        given = {"user_input": user_input, "agent_response": agent_response, "timestamp": timestamp}
        entries = {0: {**given, "metadata": None if metadata is None else _object("--metadata", metadata)}}
    with open_memory(context) as memory:
        results = list(_store(memory, entries, json_))
        if not no_wait:
            _consolidate(memory)
        pending = memory.status().pending
    if not json_:
        stored = sum(result.status == "stored" for result in results)
        output.raw(f"{stored} stored, {len(results) - stored} known already, {pending} pending")
        for result in results if len(results) == 1 else ():
            output.raw(f"page {result.page_id}")


def _store(memory: "Memoryos", entries: _Entries, json_: bool) -> Iterator[AddResult]:
    for result in _with_progress(_add_all(memory, entries), len(entries)):
        if json_:
            output.raw(json.dumps(as_json(result)))
        yield result


def _add_all(memory: "Memoryos", entries: _Entries) -> Iterator[AddResult]:
    for done, (line, entry) in enumerate(entries.items()):
        yield _add_entry(memory, entry, line, done)


def _add_entry(memory: "Memoryos", entry: dict[str, Any], line: int, done: int) -> AddResult:
    try:
        return memory.add(Exchange(**entry))
    except InputError as exc:
        if not line:
            raise
        raise InputError(f"line {line}: {exc}; the {done} before it are stored") from exc


def _consolidate(memory: "Memoryos") -> None:
    waiting, analyzer = memory.status().pending, memory.settings.resolved_analyzer
    if not waiting or analyzer == "host":  # a host's model answers when it is asked to
        return
    if analyzer == "openai" and waiting < _WORTH_A_CALL:  # to wait is to ask now, and to ask of few pages is dear
        return
    with output.progress("consolidating", waiting) as advance:
        if not settle(memory, lambda pending: advance(max(0, waiting - pending))):
            output.note(f"left for later: {memory.status().last_error}")


def _with_progress(results: Iterable[AddResult], total: int) -> Iterator[AddResult]:
    if total < 2:
        yield from results
        return
    with output.progress("adding", total) as advance:
        for done, result in enumerate(results, start=1):
            advance(done)
            yield result


def _from_stdin() -> _Entries:
    if sys.stdin.isatty():
        raise click.UsageError("give --user-input and --agent-response, or JSON lines on stdin")
    lines = enumerate(_stdin_lines(), start=1)
    return {number: _entry(number, line) for number, line in lines if line.strip()}


def _stdin_lines() -> list[str]:
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as exc:
        raise InputError(f"stdin is not UTF-8: {exc}; nothing was stored") from exc


def _entry(number: int, line: str) -> dict[str, Any]:
    entry = _object(f"line {number}", line)
    if missing := {"user_input", "agent_response"} - set(entry):
        raise InputError(f"line {number} lacks {', '.join(sorted(missing))}; nothing was stored")
    if unknown := set(entry) - _KEYS:
        raise InputError(
            f"line {number} has unknown keys {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}"
        )
    return entry


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"{name} is not JSON: {exc}; nothing was stored") from exc
    if not isinstance(value, dict):
        raise InputError(f"{name} must be a JSON object, got {type(value).__name__}; nothing was stored")
    return value
