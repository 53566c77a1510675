"""
Writing the bundle: a folder that `mcpb validate` and `mcpb pack` take, and the same as one `.mcpb` file.

It holds the package's own files and a project file with what the package depends on, so that it can be made from a
checkout and from an installed package alike.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ... import __version__
from ...domain.errors import InputError
from ...hosts import toml
from ...hosts.launch import COMMAND, DISTRIBUTION
from .manifest import DESCRIPTION, ENTRY_POINT, manifest

__all__ = ["write_bundle"]

_PACKAGE = Path(__file__).parents[2]
_SERVER = f"""\
\"\"\"What a host starts: the server, from the folder beside this file.\"\"\"

import sys

from {_PACKAGE.name}.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the archive: the same sources give the same bytes."""


def write_bundle(folder: Path) -> Path:
    """
    Write the bundle into *folder*, which is made, and return the path of the `.mcpb` file beside its files.

    Raises:
        InputError: The folder holds something already, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is not an empty folder; name one that is, or that is not there yet")
    content = folder / COMMAND
    try:
        shutil.copytree(_PACKAGE, content / _PACKAGE.name, ignore=_LEFT_OUT)
        (content / "manifest.json").write_text(_json(manifest()), encoding="utf-8", newline="\n")
        (content / "pyproject.toml").write_text(_project(), encoding="utf-8", newline="\n")
        (content / ENTRY_POINT).write_text(_SERVER, encoding="utf-8", newline="\n")
        archive = folder / f"{COMMAND}-{__version__}.mcpb"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(_files(content)):
                entry = zipfile.ZipInfo(path.relative_to(content).as_posix(), _EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                packed.writestr(entry, path.read_bytes())
    except OSError as exc:
        raise InputError(f"the bundle cannot be written: {exc}") from exc
    return archive


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _project() -> str:
    """Return the project file: what the package depends on, and that there is nothing to build."""
    import tomlkit

    python, needed = _requirements()
    return tomlkit.dumps(
        {
            "project": {
                "name": f"{DISTRIBUTION}-bundle",
                "version": __version__,
                "description": DESCRIPTION,
                "requires-python": python,
                "dependencies": needed,
            },
            "tool": {"uv": {"package": False}},
        }
    )


def _requirements() -> tuple[str, list[str]]:
    """Return the Python and the packages needed: as a checkout says, else as they were when it was installed."""
    checkout = _PACKAGE.parent / "pyproject.toml"
    if checkout.is_file():
        project = toml.read(checkout.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == DISTRIBUTION:
            return project["requires-python"], project["dependencies"]
    try:
        told = metadata.metadata(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise InputError(f"{DISTRIBUTION} is not installed here, so what it needs is unknown; pip install it") from None
    return told["Requires-Python"], [line for line in told.get_all("Requires-Dist") or [] if "extra ==" not in line]
