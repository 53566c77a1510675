"""
The default data folder of each platform, and how a path in the settings is read.

Apart from `settings`, for commands that have no time to load those.
"""

import os
import re
from pathlib import Path

from .errors import ConfigError

__all__ = ["default_data_dir", "is_set", "whole_path"]

_TEMPLATE = re.compile(r"\$\{[^}]*\}")
_VARIABLE = re.compile(r"\$\w+|\$\{[^}/\\]*\}|%\w+%")


def default_data_dir() -> Path:
    """Return the platform's folder for this user's application data; nothing is created."""
    from platformdirs import user_data_path

    return user_data_path("memoryos-mcp", appauthor=False)


def is_set(value: str) -> bool:
    """Whether a variable was filled in: hosts hand in what the user left open as "" or as the template itself."""
    return bool(value.strip()) and _TEMPLATE.fullmatch(value.strip()) is None


def whole_path(path: Path) -> Path:
    """
    Return *path* absolute, with `~` and variables of the environment ("$HOME/x") replaced.

    Hosts start programs in any folder and without a shell, so that nobody else does it.

    Raises:
        ConfigError: It names a variable that is not set, or a home that is not known.
    """
    expanded = os.path.expandvars(path)
    left = _VARIABLE.search(expanded)
    if left is not None:
        raise ConfigError(f"{path} names the variable {left[0]}, which is not set here; write the path out")
    try:
        return Path(expanded).expanduser().absolute()
    except RuntimeError as exc:
        raise ConfigError(f"{path} names a home folder that is not known here: {exc}; write the path out") from exc
