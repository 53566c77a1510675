"""
The only module that prints: results on stdout, everything else on stderr.

Text from memory is never read as markup and cannot move the cursor. Progress bars appear at a terminal; elsewhere
a line now and then says the same.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Advance", "blank", "document", "emit_json", "fail", "note", "prepare", "progress", "raw", "say"]

_PLAIN_WIDTH = 120
_PLAIN_STEPS = 4


class Advance(Protocol):
    """Called with the steps done so far, and with the steps in all where they were not known beforehand."""

    def __call__(self, done: int, steps: int | None = ..., /) -> None: ...


def prepare() -> None:
    """Let a terminal that cannot show a character show its code instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def say(what: RenderableType) -> None:
    """Show a result on stdout; elsewhere than at a terminal without the blanks that fill a line."""
    console = _console(stderr=False)
    if console.is_terminal:
        console.print(what)
        return
    with console.capture() as shown:
        console.print(what)
    raw("\n".join(line.rstrip() for line in shown.get().rstrip("\n").split("\n")))


def blank() -> None:
    """Leave a line free on stdout."""
    raw("")


def raw(text: str) -> None:
    """Write *text* and a line break on stdout, unwrapped, at once: a reader that has gone (`| head`) shows here."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def emit_json(value: Any) -> None:
    """Write *value* as one JSON document on stdout."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    raw(json.dumps(value, ensure_ascii=not utf8, indent=2 if sys.stdout.isatty() else None))


def document(value: Any) -> None:
    """Write *value* on stdout as the JSON file it is to become."""
    raw(json.dumps(value, indent=2))


def note(text: str) -> None:
    """Say something beside the result, on stderr."""
    sys.stderr.write(f"{text}\n")


def fail(text: str) -> None:
    """Say on stderr what went wrong."""
    sys.stderr.write(f"error: {text}\n")


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Advance]:
    """
    Show progress on stderr while the block runs.

    Args:
        label: What is being done.
        total: Steps there are, if that is known beforehand.
    """
    console = _console(stderr=True)
    if not console.is_terminal:
        yield _plain_progress(label, total)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done, steps=total: bar.update(task, completed=done, total=steps)


def _plain_progress(label: str, total: int | None) -> Advance:
    said = {-1}

    def advance(done: int, steps: int | None = total) -> None:
        quarter = done * _PLAIN_STEPS // steps if steps else _PLAIN_STEPS
        if quarter not in said and steps != 0:
            said.add(quarter)
            note(f"{label}: {done} of {steps or done}")

    return advance


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
