"""
The settings as command-line options, generated from the fields of `Settings` so that none can be forgotten.

They are taken before and after the command's name; what is given after wins. The key of the openai analyzer is no
option: a command line can be read by every process of the machine.
"""

import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from ..domain.settings import CONFIG_ENV, Settings, environment_name

__all__ = ["SECRETS", "Command", "Group", "config_file", "given_settings", "settings_options"]

SECRETS = frozenset({"openai_api_key"})

_METAVARS: dict[Any, str] = {int: "N", float: "X"}
_META = "memoryos_mcp.domain.settings"
_CONFIG_META = "memoryos_mcp.config"


def given_settings(context: click.Context) -> dict[str, Any]:
    """Return the settings given on the command line, by field name."""
    return dict(context.meta.get(_META, {}))


def config_file(context: click.Context) -> Path | None:
    """Return the file of `--config`, or None."""
    found: Path | None = context.meta.get(_CONFIG_META)
    return found


def settings_options(*, hidden: bool) -> list[click.Option]:
    """Return `--config` and an option for every setting but the secrets; *hidden* keeps them out of the help."""
    config = click.Option(
        ["--config"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=f"Settings file (TOML).  [{CONFIG_ENV}]",
        hidden=hidden,
        expose_value=False,
        callback=_keep_config,
    )
    fields = {name: field for name, field in Settings.model_fields.items() if name not in SECRETS}
    return [config, *(_option(name, field, hidden=hidden) for name, field in fields.items())]


class Command(click.Command):
    """A command that takes the settings too, without listing them in its help."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("epilog", "The settings of `memoryos-mcp --help` may be given here too.")
        super().__init__(*args, **kwargs)
        self.params.extend(settings_options(hidden=True))


class Group(click.Group):
    """The group at the top: its help lists the settings in a section of their own."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._settings = settings_options(hidden=False)
        self.params.extend(self._settings)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order they were added: the usual ones first."""
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write commands, options and settings, in this order."""
        self.format_commands(ctx, formatter)
        sections: dict[str, Sequence[click.Parameter]] = {
            "Options": [param for param in self.get_params(ctx) if param not in self._settings],
            "Settings (then environment, settings file, default)": self._settings,
        }
        for title, params in sections.items():
            with formatter.section(title):
                formatter.write_dl([record for param in params if (record := param.get_help_record(ctx))])


def _keep_config(context: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_CONFIG_META] = value


def _keep_setting(context: click.Context, param: click.Parameter, value: Any) -> None:
    if value is not None and param.name is not None:
        context.meta.setdefault(_META, {})[param.name] = value


def _option(name: str, field: FieldInfo, *, hidden: bool) -> click.Option:
    default = "the platform's user data folder" if field.default_factory else field.default
    shown = "empty" if default in ("", None) else default
    return click.Option(
        [f"--{name.replace('_', '-')}", name],
        type=_type(field),
        metavar=_METAVARS.get(_without_none(field.annotation)),
        help=f"{field.description}  [{environment_name(name)}; default: {shown}]",
        hidden=hidden,
        expose_value=False,
        callback=_keep_setting,
    )


def _type(field: FieldInfo) -> "click.ParamType[Any]":
    kind = _without_none(field.annotation)
    if get_origin(kind) is Literal:
        return click.Choice(get_args(kind))
    if kind is Path:
        return click.Path(path_type=Path)
    if kind in (int, float):
        bounds = dict(_bounds(field))
        return click.IntRange(**bounds) if kind is int else click.FloatRange(**bounds)
    return click.STRING


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _bounds(field: FieldInfo) -> Iterator[tuple[str, Any]]:
    for mark in field.metadata:
        if (least := getattr(mark, "ge", None)) is not None:
            yield "min", least
        if (above := getattr(mark, "gt", None)) is not None:
            yield from (("min", above), ("min_open", True))
        if (most := getattr(mark, "le", None)) is not None:
            yield "max", most
