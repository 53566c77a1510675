"""The commands `token create`, `list` and `revoke`: who may reach the memory over HTTP."""

import re
from datetime import datetime, timedelta

import click

from ..domain.clock import now
from ..domain.errors import InputError
from ..domain.inputs import parse_timestamp
from ..domain.settings import load_settings
from ..storage.token_file import SCOPES, Scope, TokenFile
from . import output
from .as_json import as_json
from .options import Command, config_file, given_settings

__all__ = ["token"]

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST_DAYS = 36_500


@click.group(short_help="Who may reach the memory over HTTP: create, list and revoke tokens.")
def token() -> None:
    """
    Create, list and revoke the tokens of `memoryos-mcp serve --http`.

    A token names a user: whoever has it reaches that user's memory and no other. Servers that run take notice at once.
    """


@token.command(cls=Command)
@click.argument("user")
@click.option("--name", default="", help="What it is for, such as the machine it goes to.")
@click.option("--expires", metavar="WHEN", help="From when it counts no more: 12h, 90d, 4w or a date. Default: never.")
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default="write",
    show_default=True,
    help="read: recall only; write: store and forget too; admin: the server's metrics too.",
)
@click.pass_context
def create(context: click.Context, user: str, name: str, expires: str | None, scope: Scope) -> None:
    """Make a token of USER and print it, on the last line by itself. It is shown this once."""
    expires_at = None if expires is None else _expiry(expires)
    made, text = _file(context).create(user, name=name, scope=scope, expires_at=expires_at)
    until = "does not expire" if expires_at is None else f"expires {expires_at:%Y-%m-%d %H:%M} UTC"
    output.note(f"token {made.token_id} of user {made.user_id!r}, scope {made.scope}, {until}; shown this once:")
    output.raw(text)


@token.command("list", cls=Command)
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def list_(context: click.Context, json_: bool) -> None:
    """Show every token's id, user, scope, name and end; never the token."""
    found = _file(context).tokens()
    if json_:
        output.emit_json([{k: v for k, v in as_json(each).items() if k != "digest"} for each in found])
        return
    for each in found:
        end = "no end" if each.expires_at is None else f"{each.expires_at:%Y-%m-%d %H:%M} UTC"
        ended = "" if each.holds(now()) else " (expired)"
        named = f"  {each.name}" if each.name else ""
        output.raw(f"{each.token_id}  {each.scope:5}  {end}{ended}  {each.user_id}{named}")
    if not found:
        output.note("no tokens; `memoryos-mcp token create USER` makes one")


@token.command(cls=Command)
@click.argument("token_id", metavar="ID")
@click.pass_context
def revoke(context: click.Context, token_id: str) -> None:
    """Take the token ID away, by what `token list` shows or how that begins."""
    gone = _file(context).revoke(token_id)
    output.raw(f"revoked token {gone.token_id} of user {gone.user_id!r}")


def _file(context: click.Context) -> TokenFile:
    return TokenFile(load_settings(given_settings(context), config_file=config_file(context)).token_path)


def _expiry(text: str) -> datetime:
    """Return when a token ends: a number of hours, days or weeks from now, or a date."""
    found = re.fullmatch(r"(\d{1,6})([hdw])", text.strip().lower())
    if found is None:
        return parse_timestamp("--expires", text)
    span = int(found[1]) * _UNITS[found[2]]
    if span > timedelta(days=_LONGEST_DAYS):
        raise InputError(f"--expires is at most {_LONGEST_DAYS:,} days, got {text!r}; leave it out for no end")
    return now() + span
