"""The environment that a host is to give the server: what was set here, since hosts do not read the user's shell."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from ..domain.data_dir import is_set, whole_path
from ..domain.settings import CONFIG_ENV, Settings, default_data_dir, environment_name, load_settings
from .options import SECRETS, config_file, given_settings

__all__ = ["host_environment"]

_MOVES_DATA = "XDG_DATA_HOME"
"""A shell may set it and a host started from the desktop not: the two would then use two memories."""


def host_environment(context: click.Context, variables: Iterable[str]) -> dict[str, str]:
    """
    Return names and values: the settings of this shell, those on the command line, then *variables*.

    Secrets are left out unless *variables* names them: what is written stands in a file in plain text. The settings
    are checked here, so that no host is left with a server that does not start.

    Raises:
        ConfigError: A setting has a value that would keep the server from starting.
    """
    load_settings(given_settings(context), config_file=config_file(context))
    found = {**_of_the_shell(os.environ), **_given(given_settings(context), config_file(context))}
    for variable in variables:
        name, given, value = variable.partition("=")
        if not name or (not given and name not in os.environ):
            raise click.UsageError(f"--env {variable}: give NAME=VALUE, or the NAME of a variable that is set here")
        found[name] = value if given else os.environ[name]
    return found


def _of_the_shell(environ: Mapping[str, str]) -> dict[str, str]:
    fields = [name for name in Settings.model_fields if name not in SECRETS]
    names = [CONFIG_ENV, *map(environment_name, fields)]
    found = {name: environ[name] for name in names if is_set(environ.get(name, ""))}
    for name in (CONFIG_ENV, environment_name("data_dir")):
        if name in found:
            found[name] = _absolute(Path(found[name]))
    if environ.get(_MOVES_DATA):
        found.setdefault(environment_name("data_dir"), _absolute(default_data_dir()))
    return found


def _given(settings: Mapping[str, Any], config: Path | None) -> dict[str, str]:
    found = {
        environment_name(name): _absolute(value) if isinstance(value, Path) else str(value)
        for name, value in settings.items()
    }
    return found if config is None else {**found, CONFIG_ENV: _absolute(config)}


def _absolute(path: Path) -> str:
    return str(whole_path(path))
