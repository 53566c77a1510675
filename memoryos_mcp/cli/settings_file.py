"""The command `config`: every setting with its unit, bounds and default, as a file to begin one's own with."""

from pathlib import Path

import click

from ..domain.errors import ConfigError
from . import output

__all__ = ["config"]

_INSTALLED = Path(__file__).with_name("memoryos.toml")
"""Put there when the package is built; a clone has the file in its folder `config`."""
_IN_A_CLONE = Path(__file__).parents[2] / "config" / "memoryos.toml"


@click.command(short_help="Show a settings file with every setting, to begin your own with.")
def config() -> None:
    """
    Show the documented settings file: every setting with its unit, bounds and default.

    Everything in it is commented out. Save it, take the "#" off a line to change a setting, and name the file with
    --config or MEMORYOS_CONFIG: memoryos-mcp config > memoryos.toml
    """
    output.raw(_text().rstrip("\n"))


def _text() -> str:
    found = next((path for path in (_INSTALLED, _IN_A_CLONE) if path.is_file()), None)
    if found is None:
        raise ConfigError(f"{_INSTALLED} is missing: install the package again")
    return found.read_text(encoding="utf-8")
