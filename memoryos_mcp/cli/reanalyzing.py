"""The command `reanalyze`: the model reads again what the local analyzer read in its place."""

import click

from ..domain.counting import counted
from . import output
from .opening import open_memory
from .options import Command

__all__ = ["reanalyze"]


@click.command(cls=Command, short_help="Have the model read again what was read in its place.")
@click.option("--all", "everything", is_flag=True, help="Also what was read before a model was set up.")
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def reanalyze(context: click.Context, everything: bool, json_: bool) -> None:
    """
    Have the configured model read again the pages that the local analyzer read while the model did not answer.

    A server does this by itself once the model answers again; this does it now, and shows how far it is. When the
    model fails on the way, what was read again stays, and the rest keeps its mark.
    """
    with open_memory(context) as memory:
        with output.progress("reading again") as advance:
            pages = memory.reanalyze(everything=everything, progress=advance)
        found = memory.status()
    if json_:
        output.emit_json({"pages": pages, "stand_ins": found.stand_ins, "usage": found.usage})
        return
    spent = found.usage["since_start"]
    cost = f"{counted(spent['calls'], 'call')}, {counted(spent['prompt_tokens'], 'prompt token')}"
    output.raw(f"{counted(pages, 'page')} read again in {cost}")
