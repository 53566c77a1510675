"""The commands `bench ...`: skins over `bench`, which measures; each shows a table or one JSON document."""

from itertools import count
from pathlib import Path

import click

from ..domain.errors import InputError
from ..domain.inputs import MAX_TOKENS
from ..domain.settings import load_settings
from . import output
from .as_json import as_json
from .options import Command, config_file, given_settings
from .stopping import sigterm_as_interrupt

__all__ = ["bench"]

_JSON = click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
_EMBEDDERS = ("bundled", "minilm")


class _Benches(click.Group):
    """Commands that take the settings too; the group itself lists none."""

    command_class = Command


@click.group(cls=_Benches, short_help="Measure this installation.")
def bench() -> None:
    """Measure this installation: what replies hold, a model's answers, speed, start-up, many processes, crashes."""


@bench.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@click.option("--budget", "budgets", multiple=True, type=click.IntRange(min=100), help="Tokens (may be repeated).")
@click.option("--chats", type=click.IntRange(min=1), help="Conversations of a file at most.")
@click.option("--questions", type=click.IntRange(min=1), help="Questions of a conversation at most.")
@click.option(
    "--offtopic",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Prompts that have nothing to do with any conversation, one a line.",
)
@click.option("--leave-one-out", "leave_out", is_flag=True, help="Measure again without each ingredient.")
@click.option("--misses", type=click.IntRange(min=0), default=0, help="List so many questions that lack evidence.")
@_JSON
@click.pass_context
def recall(
    context: click.Context,
    files: tuple[Path, ...],
    budgets: tuple[int, ...],
    chats: int | None,
    questions: int | None,
    offtopic: Path | None,
    leave_out: bool,
    misses: int,
    json_: bool,
) -> None:
    """
    Measure how much of what questions need is in the reply, and what the reply costs, beside simpler ways.

    FILE is LoCoMo's JSON, a folder of BEAM's chats (or one chat's), or pages with questions (JSON, gzip or not). Takes
    --embedder bundled (the default) or minilm; no model is asked and your own memory is not touched.
    """
    from .bench.recall import BUDGETS, Plan, render, run, to_json

    prompts = tuple(offtopic.read_text(encoding="utf-8").splitlines()) if offtopic else ()
    plan = Plan(_embedder(context), budgets or BUDGETS, chats or 0, questions or 0, prompts, leave_out)
    with output.progress("telling and asking") as advance:
        reports = run(files, plan, advance)
    if json_:
        output.emit_json([to_json(report) for report in reports])
    else:
        output.raw("\n\n".join(render(report, misses) for report in reports))


@bench.command(cls=click.Command)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, path_type=Path))
@click.option("--mix/--no-mix", default=True, show_default=True, help="Also memories of one conversation of each file.")
def fit(files: tuple[Path, ...], mix: bool) -> None:
    """
    Fit the weights of ranking to the questions of FILE... and print them, with what they find by cross-validation.

    Files are of any kind that `bench recall` takes. The weights in force are where it starts; nothing is changed.
    """
    from .bench.fit import render, run

    asked = count(1)
    with output.progress("questions asked") as advance:
        found = run(files, mix=mix, step=lambda: advance(next(asked)))
    output.raw(render(found))


@bench.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--max-tokens", default=MAX_TOKENS, show_default=True, help="Budget of what is recalled for a question.")
@click.option("--limit", type=click.IntRange(min=1), help="Questions per conversation at most.")
@_JSON
@click.pass_context
def qa(context: click.Context, file: Path, max_tokens: int, limit: int | None, json_: bool) -> None:
    """
    Have the configured model answer the questions of FILE from what is recalled: F1 and BLEU-1.

    FILE is of any kind that `bench recall` takes. Rules read the pages, so that the model is free for the questions;
    --analyzer openai has it read them first. Stopped early (Ctrl-C, SIGTERM), it shows what it has.
    """
    from .bench.qa import render, run, to_json

    settings = load_settings(given_settings(context), config_file=config_file(context))
    with output.progress("answering") as advance, sigterm_as_interrupt():
        report = run(file, settings, max_tokens=max_tokens, limit=limit, progress=advance)
    if json_:
        output.emit_json(to_json(report))
    else:
        output.raw(render(report))


@bench.command()
@click.option("--size", "sizes", multiple=True, type=click.IntRange(min=1), help="Pages (may be repeated, growing).")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Conversations whose pages are told over and over, of any kind that `bench recall` takes (may be repeated).",
)
@_JSON
@click.pass_context
def scale(context: click.Context, sizes: tuple[int, ...], files: tuple[Path, ...], json_: bool) -> None:
    """
    Measure adding and retrieving from 1,000 to 100,000 pages, beside raw Chroma.

    Retrieval is asked of a server over stdio, as a host does it. The whole takes about 20 minutes.
    """
    from .bench.scale import SIZES, render, run, to_json

    with output.progress("writing pages") as advance:
        try:
            report = run(sizes or SIZES, files=files, embedder=_embedder(context), progress=advance)
        except ValueError as exc:
            raise InputError(str(exc)) from exc
    if json_:
        output.emit_json(to_json(report))
    else:
        output.raw(render(report))


@bench.command(cls=click.Command)
@click.option("--processes", default=4, show_default=True, type=click.IntRange(min=1), help="At work at once.")
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(min=1), help="How long they work.")
@click.option("--kills/--no-kills", default=True, show_default=True, help="Kill one every three seconds or so.")
@_JSON
def stress(processes: int, seconds: int, kills: bool, json_: bool) -> int:
    """
    Let several processes use one memory while some are killed, then examine it; exit status 1 if anything is wrong.

    The memory is a temporary one; your own is not touched.
    """
    from .bench.stress import render, run, to_json

    with output.progress("working, in seconds", seconds) as advance:
        report = run(processes, seconds, kills=kills, progress=advance)
    if json_:
        output.emit_json(to_json(report))
    else:
        output.raw(render(report))
    return 1 if report.wrong else 0


@bench.command(cls=click.Command)
@click.option("--runs", default=11, show_default=True, type=click.IntRange(min=1), help="Starts of each server.")
@_JSON
def startup(runs: int, json_: bool) -> None:
    """Compare the wait for `initialize` with that of a bare MCP server."""
    from .bench.startup import measure

    found = measure(runs)
    if json_:
        output.emit_json({**as_json(found), "ratio": found.ratio})
    else:
        output.raw(f"initialize, median of {found.runs}: {found.ours_ms:.0f} ms; a bare server {found.bare_ms:.0f} ms")
        output.raw(f"ratio {found.ratio:.2f}")


def _embedder(context: click.Context) -> str:
    chosen = str(given_settings(context).get("embedder", _EMBEDDERS[0]))
    if chosen not in _EMBEDDERS:
        raise click.UsageError(f"this measures --embedder {' or '.join(_EMBEDDERS)}, not {chosen}")
    return chosen
