"""Opening the memory that the command line, environment and settings file name; closing it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..domain.settings import load_settings
from .options import config_file, given_settings

if TYPE_CHECKING:
    from ..api.memoryos import Memoryos

__all__ = ["open_memory"]


@contextmanager
def open_memory(context: click.Context) -> Iterator["Memoryos"]:
    """Yield the memory; chromadb is imported here and not before, so that `--help` stays quick."""
    settings = load_settings(given_settings(context), config_file=config_file(context))
    from ..api.memoryos import Memoryos

    with Memoryos(settings) as memory:
        yield memory
