"""The command `export`: memory as JSON lines, into a file or on stdout."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from ..domain.counting import counted
from ..domain.errors import InputError
from . import output
from .opening import open_memory
from .options import Command

__all__ = ["export"]

_FORMAT = """\b
One JSON object a line: a header, then by kind segments, pages (tier short_term, mid_term or archive), facts,
attributes, traits and usage with all their fields, sources and dates; an end line last. The vectors and the
word index are not in it: they are made anew. `memoryos-mcp import FILE` puts it into any memory, empty or
not, as often as you like."""


@click.command(cls=Command, short_help="Write memory as JSON lines, to keep or to take elsewhere.", epilog=_FORMAT)
@click.argument("file", default="-", metavar="[FILE|-]")
@click.option("--all-users", is_flag=True, help="Everybody's memory; without it that of --user-id.")
@click.option("--force", is_flag=True, help="Replace FILE when it is there already.")
@click.pass_context
def export(context: click.Context, file: str, all_users: bool, force: bool) -> None:
    """Write everything that is stored to FILE (or stdout), also while hosts use the memory."""
    if file != "-" and not force and Path(file).exists():
        raise InputError(f"{file} is there already; name another file, or give --force to replace it")
    with open_memory(context) as memory:
        stored = memory.users()
        users = stored if all_users else [memory.settings.user_id]
        if others := len(set(stored) - set(users)):
            left_out = counted(others, "more user has", "more users have")
            output.note(f"only {users[0]!r}; {left_out} memory here: --all-users")
        with output.progress("exporting (pages)") as advance, _opened(file) as target:
            count = 0
            for line in memory.export(users, lambda done, pages: advance(done, pages)):
                target.write(f"{line}\n")
                count += 1
    output.note(f"{counted(count, 'line')} of {counted(len(users), 'user')}" + ("" if file == "-" else f" in {file}"))


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    """Yield where to write: stdout, or a file that appears whole, for this user alone."""
    if file == "-":
        reconfigure = getattr(sys.stdout, "reconfigure", None)
        if reconfigure is not None:  # the format is UTF-8 wherever it is written
            reconfigure(encoding="utf-8", newline="\n")
        yield sys.stdout
        sys.stdout.flush()
        return
    path = Path(file)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as exc:
        raise InputError(f"cannot write {path}: {exc.strerror}; name a file in a folder you may write") from exc
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as target:
            yield target
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
