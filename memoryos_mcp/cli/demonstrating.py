"""
The command `demo`: an invented conversation goes through the tiers, then questions show what is remembered and why.

It never touches the user's own memory: a temporary folder by default, or a new folder named by `--keep`.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from ..domain.errors import InputError
from ..domain.settings import Settings, load_settings
from . import output, show
from .as_json import as_json
from .options import Command, config_file, given_settings
from .waiting import settle

if TYPE_CHECKING:
    from ..api.memoryos import Memoryos
    from .demo.run import Answer

__all__ = ["demo"]

EMBEDDER = "bundled"
"""Part of the package, so that the demonstration shows the same everywhere."""

_SETTLE_S = 120.0
_OWN_FOLDER = ("data_dir", "chroma")


@click.command(cls=Command, short_help="See what is remembered of an invented conversation, and why.")
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep the memory in this new folder.")
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def demo(context: click.Context, keep: Path | None, json_: bool) -> int:
    """
    Run a conversation through the tiers and ask what is remembered.

    No key, no download, and your own memory is not touched. The exit status is 1 when an answer does not come back.
    """
    if taken := [name for name in _OWN_FOLDER if name in given_settings(context)]:
        option = f"--{taken[0].replace('_', '-')}"
        raise click.UsageError(f"demo has a folder of its own: --keep DIR keeps it, {option} does not apply")
    with _folder(keep) as folder:
        complete = _demonstrate(_settings(context, folder), json_)
    if keep is not None and not json_:
        output.note(f"kept: memoryos-mcp --data-dir {keep} --embedder {EMBEDDER} status")
    return 0 if complete else 1


def _settings(context: click.Context, folder: Path) -> Settings:
    """Only what is given for this run counts, so that it shows the same everywhere; a key may come from outside."""
    environ = {name: value for name, value in os.environ.items() if name.startswith("OPENAI_")}
    fixed = {"analyzer": "local", "embedder": EMBEDDER}
    own = {"data_dir": folder, "chroma": ""}
    return load_settings({**fixed, **given_settings(context), **own}, config_file=config_file(context), environ=environ)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="memoryos-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise InputError(f"{keep} is not an empty folder; the demo would mix with what is there: name a new one")
    yield keep


def _demonstrate(settings: Settings, json_: bool) -> bool:
    from ..api.memoryos import Memoryos
    from .demo.run import ask, feed
    from .demo.script import conversation, questions

    exchanges = conversation()
    with Memoryos(settings) as memory:
        with output.progress("adding pages", len(exchanges)) as advance:
            seconds = feed(memory, exchanges, advance)
        with output.progress("consolidating", len(exchanges)) as advance:
            settled = settle(memory, lambda pending: advance(max(0, len(exchanges) - pending)), deadline_s=_SETTLE_S)
        answers = [ask(memory, question) for question in questions()]
        settle(memory, lambda _: None, deadline_s=_SETTLE_S)  # asking warms segments, and a hot one is promoted
        if json_:
            output.emit_json(_json_document(memory, answers))
        else:
            _show(memory, answers, seconds)
    if not settled:
        output.fail("consolidation did not finish; memoryos-mcp status shows the last error")
    return settled and all(answer.ok for answer in answers)


def _json_document(memory: "Memoryos", answers: "list[Answer]") -> dict[str, Any]:
    return {
        "status": as_json(memory.status()),
        "answers": [{**as_json(answer), "ok": answer.ok} for answer in answers],
        "profile": as_json(memory.get_user_profile()),
        "segments": as_json(memory.segments()),
    }


def _show(memory: "Memoryos", answers: "list[Answer]", seconds: list[float]) -> None:
    for number, answer in enumerate(answers, start=1):
        output.say(_answer(number, answer))
    output.say(show.profile(memory.get_user_profile(), superseded=True))
    output.blank()
    output.say(show.heading("Mid-term memory: segments by heat"))
    output.say(show.segments(memory.segments()))
    output.blank()
    output.say(show.status(memory.status(), memory.settings.data_dir, memory.users()))
    output.blank()
    right = sum(answer.ok for answer in answers)
    asked = median(answer.seconds for answer in answers)
    output.raw(
        f"{right} of {len(answers)} questions brought back what they need; "
        f"medians: add {1000 * median(seconds):.0f} ms, retrieve {1000 * asked:.0f} ms"
    )


def _answer(number: int, answer: "Answer") -> Group:
    question, retrieval = answer.question, answer.retrieval
    title = Text.assemble((f"{number}. {question.question}", "bold"), f"  [{question.kind}]")
    words = [word.casefold() for word in question.words]
    lines: list[Any] = [Text(f"expected: {question.answer}")]
    lines += [
        show.hit(found.rank, f"{found.tier}, {found.label}", found.hit, words, explain=True) for found in answer.found
    ]
    held = [fact for fact in (*retrieval.user_knowledge, *retrieval.assistant_knowledge) if _names(fact.fact, answer)]
    lines += [Text(f"long-term: {fact.fact} (said {show.day(fact.said_at)})") for fact in held]
    missing = [*(f"page {label}" for label in answer.missing_pages), *(f"{word!r}" for word in answer.missing_words)]
    pages = len(retrieval.short_term) + len(retrieval.mid_term)
    budget = f"{pages} pages, {retrieval.token_count} of {retrieval.max_tokens} tokens"
    lines.append(
        Text(f"NOT FOUND: {', '.join(missing)} ({budget})", style="bold red")
        if missing
        else Text(f"found ({budget})", style="green")
    )
    return Group(title, Padding(Group(*lines), (0, 0, 1, 3), expand=False))


def _names(fact: str, answer: "Answer") -> bool:
    return any(word.casefold() in fact.casefold() for word in answer.question.words)
