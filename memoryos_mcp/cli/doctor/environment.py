"""Python and the packages: are they what the project was made for?"""

import platform
import sys
from collections.abc import Iterator
from importlib import metadata

from ... import __version__
from .finding import Finding, error, ok, warning

__all__ = ["packages", "python"]

_DISTRIBUTION = "memoryos-mcp-server"
_OLDEST = (3, 10)


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Iterator[Finding]:
    """Look at the interpreter's *version*."""
    shown = f"Python {'.'.join(map(str, version))} ({platform.system()}, {platform.machine()}), {sys.executable}"
    if version < _OLDEST:
        yield error("python", f"{shown}: too old", "install Python 3.10 or newer and memoryos-mcp-server into it")
    else:
        yield ok("python", shown)


def packages(distribution: str = _DISTRIBUTION) -> Iterator[Finding]:
    """Look at every package that *distribution* asks for: is it there, in a version that will do?"""
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(line) for line in metadata.requires(distribution) or []]
    except metadata.PackageNotFoundError:
        yield warning(
            "packages",
            f"{distribution} is not installed, only its files are here",
            "pip install it, as the README says",
        )
        return
    right: list[str] = []
    for requirement in wanted:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield error("packages", f"{requirement.name} is not installed", _install(requirement))
            continue
        if requirement.specifier.contains(found, prereleases=True):
            right.append(f"{requirement.name} {found}")
        else:
            yield error(
                "packages", f"{requirement.name} is {found}, not {requirement.specifier}", _install(requirement)
            )
    yield ok("packages", f"memoryos_mcp {__version__}; {', '.join(right)}")


def _install(requirement: object) -> str:
    return f"{sys.executable} -m pip install '{requirement}'"
