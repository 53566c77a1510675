"""The commands that only look: `status`, `recall` and `profile`."""

from datetime import datetime, timezone

import click

from ..domain.inputs import FEWEST_TOKENS, MAX_TOKENS, MOST_TOKENS
from . import output, show
from .as_json import as_json
from .opening import open_memory
from .options import Command

__all__ = ["profile", "recall", "status"]

_JSON = click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")


@click.command(cls=Command, short_help="What each tier holds and what is pending.")
@_JSON
@click.pass_context
def status(context: click.Context, json_: bool) -> None:
    """Say what each tier holds, what is pending, and who analyses and embeds."""
    with open_memory(context) as memory:
        found, segments, users = memory.status(), memory.segments(), memory.users()
        folder = memory.settings.data_dir
    if json_:
        output.emit_json({**as_json(found), "data_dir": str(folder), "users": users})
        return
    output.say(show.status(found, folder, users))
    if segments:
        output.blank()
        output.say(show.segments(segments))


@click.command(cls=Command, short_help="What memory holds on a question.")
@click.argument("query")
@click.option(
    "--max-tokens", default=MAX_TOKENS, show_default=True, help=f"Budget, {FEWEST_TOKENS} to {MOST_TOKENS} tokens."
)
@click.option("--since", help="Only pages from this time on (2025-12-24, 2025-12, yesterday, ISO 8601).")
@click.option("--until", help="Only pages up to the end of it, and facts as of then.")
@click.option("--archive", is_flag=True, help="Search evicted segments too.")
@click.option("--explain", is_flag=True, help="The score of each page and what it is made of, too.")
@click.option("--text", "as_text", is_flag=True, help="Exactly what a model would read.")
@_JSON
@click.pass_context
def recall(
    context: click.Context,
    query: str,
    max_tokens: int,
    since: str | None,
    until: str | None,
    archive: bool,
    explain: bool,
    as_text: bool,
    json_: bool,
) -> None:
    """Show what memory holds on QUERY: each page with its tier and date, the best first."""
    with open_memory(context) as memory:
        found = memory.retrieve_context(
            query, max_tokens=max_tokens, since=since, until=until, archive=archive, explain=explain
        )
    if json_:
        output.emit_json(as_json(found))
    elif as_text:
        output.raw(found.text)
    else:
        output.say(show.retrieval(found, explain=explain))


@click.command(cls=Command, short_help="Attributes, traits and facts with their sources.")
@click.option("--all", "everything", is_flag=True, help="Superseded facts too.")
@click.option("--text", "as_text", is_flag=True, help="Exactly what a model would read.")
@_JSON
@click.pass_context
def profile(context: click.Context, everything: bool, as_text: bool, json_: bool) -> None:
    """Show long-term memory: attributes, traits and facts, each with its source and date."""
    with open_memory(context) as memory:
        found = memory.get_user_profile()
    if json_:
        output.emit_json(as_json(found))
    elif as_text:
        from ..retrieval.profile_text import profile_text  # only here: it takes the engine with it

        output.raw(profile_text(found, now=datetime.now(timezone.utc), superseded=everything))
    else:
        output.say(show.profile(found, superseded=everything))
