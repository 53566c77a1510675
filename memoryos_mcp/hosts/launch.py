"""
The command that a host starts: a path that is absolute and lasts, since a host has its own PATH and folder.

A package runner's environment (uvx) is thrown away one day: there the runner itself is the command.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from .. import __version__
from ..domain.errors import HostFileError

__all__ = ["COMMAND", "DISTRIBUTION", "Launch", "launch_here", "source_of"]

COMMAND = "memoryos-mcp"
DISTRIBUTION = "memoryos-mcp-server"

_RUNNER_CACHES = ("/archive-v0/", "/environments-v2/", "/.cache/pipx/", "/Caches/pipx/", "/pipx/.cache/")
"""What the path of an environment has in it when uv or pipx made it to run something once."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command, its arguments and the environment it needs."""

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """Return the three as the hosts' configurations have them; an empty environment is left out."""
        return {"command": self.command, "args": list(self.args), **({"env": dict(self.env)} if self.env else {})}


def launch_here(env: Mapping[str, str], *arguments: str) -> Launch:
    """
    Return how a host starts this installation with *env* and *arguments* (none: the server).

    Raises:
        HostFileError: This runs from a package runner that cannot be found again.
    """
    prefix = Path(sys.prefix)
    if _is_thrown_away(prefix):
        return Launch(_runner(), ("--from", _source(), COMMAND, *arguments), env)
    name = f"{COMMAND}.exe" if os.name == "nt" else COMMAND
    for folder in dict.fromkeys((Path(sys.executable).parent, prefix / ("Scripts" if os.name == "nt" else "bin"))):
        if (folder / name).is_file():
            return Launch(str((folder / name).absolute()), arguments, env)
    script = Path(__file__).parents[2] / "server.py"
    if script.is_file():  # a checkout that nobody installed
        return Launch(sys.executable, (str(script), *arguments), env)
    safe = ("-P",) if sys.version_info >= (3, 11) else ()  # the host's folder must not provide our modules
    return Launch(sys.executable, (*safe, "-m", "memoryos_mcp", *arguments), env)


def _is_thrown_away(prefix: Path) -> bool:
    return any(cache in f"{prefix.as_posix()}/" for cache in _RUNNER_CACHES)


def _runner() -> str:
    found = shutil.which("uvx")
    if found is None:
        raise HostFileError(
            f"{sys.prefix} is thrown away by the package runner one day, and uvx is not on PATH to be named instead; "
            f"install it to stay: uv tool install {DISTRIBUTION}, or pip install into an environment of your own"
        )
    return str(Path(found).absolute())


def _source() -> str:
    """Return what the package runner was given: a folder or address, else the release."""
    try:
        told = metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        told = None
    return source_of(told)


def source_of(direct_url: str | None) -> str:
    """Return what to hand a package runner for an installation's `direct_url.json` (None: it came from a registry)."""
    url = json.loads(direct_url) if direct_url else {}
    address = str(url.get("url", ""))
    if address.startswith("file:"):
        return url2pathname(urlparse(address).path)
    if "vcs_info" in url:
        commit = url["vcs_info"].get("commit_id", "")
        return f"{url['vcs_info']['vcs']}+{address}{'@' + commit if commit else ''}"
    return address or f"{DISTRIBUTION}=={__version__}"
