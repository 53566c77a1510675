"""The settings: can they be read, and does anything look like a setting that is none?"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ...domain.errors import ConfigError
from ...domain.settings import CONFIG_ENV, Settings, environment_name
from .finding import Finding, error, ok, warning

__all__ = ["settings"]

_PREFIX = "MEMORYOS_"
_LIKE = 0.8


def settings(environ: Mapping[str, str], load: Callable[[], Settings]) -> Iterator[Finding]:
    """Look at the settings that *load* returns, and at the environment's names."""
    try:
        found = load()
    except ConfigError as exc:
        yield error("settings", str(exc), "correct the value where it was given")
    else:
        changed = sorted(found.model_fields_set)
        yield ok("settings", f"set: {', '.join(changed) if changed else 'nothing, all defaults'}")
    if environ.get(CONFIG_ENV) and Path(environ[CONFIG_ENV]).expanduser().is_file():
        yield ok("settings", f"file {environ[CONFIG_ENV]}")
    known = {CONFIG_ENV, *map(environment_name, Settings.model_fields)}
    for name in sorted(name for name in environ if name.upper().startswith(_PREFIX) and name not in known):
        near = difflib.get_close_matches(name.upper(), known, 1, _LIKE)
        hint = f"did you mean {near[0]}?" if near else "memoryos-mcp --help lists the settings"
        yield warning("settings", f"{name} is in the environment, but there is no such setting", hint)
