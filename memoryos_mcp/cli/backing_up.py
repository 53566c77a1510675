"""The command `backup`: a copy of the data folder that can take its place."""

from pathlib import Path

import click

from ..domain.counting import counted
from ..domain.settings import load_settings
from . import output
from .options import Command, config_file, given_settings

__all__ = ["backup"]

_BACK = """\b
To go back to it: close the hosts, put FOLDER in the place of the data folder (or set MEMORYOS_DATA_DIR to a
copy of it), and start them. `memoryos-mcp export` makes one file instead, for taking memory elsewhere."""

_MB = 1 << 20


@click.command(cls=Command, short_help="Copy all memory into a folder, also while hosts use it.", epilog=_BACK)
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_context
def backup(context: click.Context, folder: Path) -> None:
    """
    Copy the data folder, everybody's memory, into FOLDER, which must not be there yet or be empty.

    The copy is of one moment, and is opened and counted before FOLDER appears.
    """
    from ..transfer.portable import back_up

    settings = load_settings(given_settings(context), config_file=config_file(context))
    with output.progress("copying (files)") as advance:
        made = back_up(settings, folder, advance)
    copied = f"{counted(made.pages, 'page')} of {counted(made.users, 'user')}"
    output.raw(f"{copied}, {made.size / _MB:,.1f} MB in {made.folder}")
