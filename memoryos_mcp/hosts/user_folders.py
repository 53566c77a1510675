"""
Where programs keep their files on this machine: one frozen value, so that every platform can be looked at from any.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["UserFolders"]


@dataclass(frozen=True, slots=True)
class UserFolders:
    """
    The user's folders as `home`, `environ` and `platform` (as `sys.platform` has it) make them.

    `folder` is the project that a project's configuration belongs to.
    """

    home: Path = field(default_factory=Path.home)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    platform: str = sys.platform
    folder: Path = field(default_factory=Path.cwd)

    @property
    def applications(self) -> Path:
        """The folder in which a program of the user's keeps its configuration, under the program's name."""
        if self.platform == "win32":
            return self.variable("APPDATA", self.home / "AppData" / "Roaming")
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support"
        return self.variable("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def dot_config(self) -> Path:
        """The folder of programs that keep to `~/.config` on every platform."""
        return self.variable("XDG_CONFIG_HOME", self.home / ".config")

    def variable(self, name: str, default: Path) -> Path:
        """Return the folder that an environment variable names, or *default*."""
        value = self.environ.get(name, "").strip()
        return Path(value) if value else default

    def store_app_folders(self, program: str) -> list[Path]:
        """
        Return the folders that Windows gives instead of `applications` to a *program* from its store (MSIX).

        Such a program asks for its usual folder and silently gets one of its package's; the newest comes first.
        """
        if self.platform != "win32":
            return []
        local = self.variable("LOCALAPPDATA", self.home / "AppData" / "Local")
        caches = local.glob(f"Packages/{program}_*/LocalCache")
        return [cache / "Roaming" for cache in sorted(caches, key=lambda path: path.stat().st_mtime, reverse=True)]
