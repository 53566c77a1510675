"""The command `forget`: says what would go, and lets it go with `--yes`."""

import click

from . import output, show
from .as_json import as_json
from .opening import open_memory
from .options import Command

__all__ = ["forget"]


@click.command(cls=Command, short_help="Forget pages or facts everywhere; a dry run without --yes.")
@click.option("--page", "pages", multiple=True, metavar="ID", help="A page (may be repeated).")
@click.option("--fact", "facts", multiple=True, metavar="ID", help="A fact (may be repeated).")
@click.option(
    "--before", metavar="TIME", help="Every page said before this time (2025-12-24, 2025-12, yesterday, ISO 8601)."
)
@click.option("--everything", is_flag=True, help="All memory of the user.")
@click.option("--yes", is_flag=True, help="Really forget; without it nothing changes.")
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def forget(
    context: click.Context,
    pages: tuple[str, ...],
    facts: tuple[str, ...],
    before: str | None,
    everything: bool,
    yes: bool,
    json_: bool,
) -> None:
    """
    Forget pages or facts in every place they reached; a dry run unless --yes is given.

    All snapshots go with it. Backups and exports that you made lie elsewhere and keep what is in them; so does a
    damaged store that doctor --repair set aside, which is named.
    """
    if not (pages or facts or before or everything):
        raise click.UsageError("name what to forget: --page ID, --fact ID, --before TIME or --everything")
    with open_memory(context) as memory:
        receipt = memory.forget_memory(
            page_ids=pages, fact_ids=facts, before=before, everything=everything, dry_run=not yes
        )
    if json_:
        output.emit_json(as_json(receipt))
        return
    output.say(show.receipt(receipt))
    if receipt.dry_run:
        output.note("dry run: nothing was forgotten; repeat with --yes")
    elif any(receipt.places.values()):
        output.note("backups and exports made before still hold it")
