"""The command `redact`: says which secrets are stored, and takes them out with `--yes`."""

import click

from . import output
from .as_json import as_json
from .opening import open_memory
from .options import Command

__all__ = ["redact"]


@click.command(cls=Command, short_help="Take secrets out of what is stored; a dry run without --yes.")
@click.option("--yes", is_flag=True, help="Really take them out; without it nothing changes.")
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def redact(context: click.Context, yes: bool, json_: bool) -> None:
    """
    Replace keys, tokens, passwords and card numbers that are stored already by marks; a dry run unless --yes is given.

    Texts that are stored now are freed of them beforehand (MEMORYOS_REDACT_SECRETS). Backups and exports keep theirs.
    """
    with open_memory(context) as memory:
        found = memory.redact_secrets(dry_run=not yes)
    if json_:
        output.emit_json({**as_json(found), "dry_run": not yes})
        return
    if not found.kinds:
        output.say("no secret of a known shape is stored")
        return
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.kinds.items()))
    places = ", ".join(f"{count} in {place.replace('_', ' ')}" for place, count in found.places.items())
    output.say(f"{kinds} ({places}){f'; files: {found.files}' if found.files else ''}")
    output.note("backups and exports made before still hold them" if yes else "dry run: repeat with --yes")
