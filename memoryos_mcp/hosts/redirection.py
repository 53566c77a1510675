"""
Where Windows keeps the files of store apps (MSIX): what such a program writes into AppData goes to a copy of its own.

A host from the store, and every server it starts, then sees another data folder than everybody else under the same
name; a Python from the store writes a host's configuration where the host never looks.
"""

import sys
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from .user_folders import UserFolders

__all__ = ["redirections"]

_STORE_PYTHON = ("\\windowsapps\\", "\\pythonsoftwarefoundation.python")


def redirections(
    folders: UserFolders, file: Path, data_dir: Path, python: str = sys.base_prefix
) -> Iterator[tuple[str, str]]:
    """Yield what is in the way, and what to do, for a host's configuration *file* and the memory in *data_dir*."""
    if folders.platform != "win32":
        return
    own = [folders.variable("LOCALAPPDATA", folders.home / "AppData" / "Local"), folders.applications]
    if _within(file, [own[0] / "Packages"]) and _within(data_dir, own):
        yield (
            f"this host comes from Microsoft's store: what its servers write to {data_dir} only they will see",
            "give every host the same --data-dir outside of AppData, in your own folder for instance",
        )
    if any(mark in f"{PureWindowsPath(python)}\\".lower() for mark in _STORE_PYTHON) and _within(file, own):
        yield (
            f"this Python comes from Microsoft's store: what it writes to {file} the host may never see",
            "use a Python from python.org or uv, or paste what --print shows into the file",
        )


def _within(path: Path, folders: list[Path]) -> bool:
    return any(folder in path.parents for folder in folders)
