"""The command `config`: prints a settings file to start from, or what belongs in a host's file."""

from pathlib import Path

import click

from ..domain.errors import ConfigError
from ..hosts import UserFolders, entry_text, host_named, launch_here
from . import output
from .host_environment import host_environment
from .options import Command

__all__ = ["config"]

_INSTALLED = Path(__file__).with_name("memoryos.toml")
"""Put there when the package is built; a clone has the file in its folder `config`."""
_IN_A_CLONE = Path(__file__).parents[2] / "config" / "memoryos.toml"


@click.command(cls=Command, short_help="Show a settings file with every setting, or what belongs in a host's file.")
@click.argument("host", required=False)
@click.pass_context
def config(context: click.Context, host: str | None) -> None:
    """
    Show the documented settings file: every setting with its unit, bounds and default. With HOST: the entry that
    starts this server, ready to paste into the host's file; `install HOST` puts it there.

    Everything in it is commented out. Save it, take the "#" off a line to change a setting, and name the file with
    --config or MEMORYOS_CONFIG: memoryos-mcp config > memoryos.toml
    """
    if host is None:
        output.raw(_text().rstrip("\n"))
        return
    found = host_named(host)
    where = found.file(UserFolders(), "user") if found.files else found.restart
    output.note(f"{found.title}: this goes into {where}")
    output.raw(entry_text(found, launch_here(host_environment(context, ()))).rstrip("\n"))


def _text() -> str:
    found = next((path for path in (_INSTALLED, _IN_A_CLONE) if path.is_file()), None)
    if found is None:
        raise ConfigError(f"{_INSTALLED} is missing: install the package again")
    return found.read_text(encoding="utf-8")
