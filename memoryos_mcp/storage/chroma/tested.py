"""
Which Chroma this release was tested with. What we read of its files by ourselves is read of that one alone.

`pyproject.toml` keeps the next minor version out; a folder or an environment that has another one all the same is left
alone: unknown is not damaged.
"""

from functools import cache
from importlib.metadata import version

__all__ = ["TESTED_CHROMA", "unknown_chroma"]

TESTED_CHROMA = "1.5"


@cache
def unknown_chroma() -> str:
    """Return why Chroma's files are not to be judged; empty when the installed Chroma is the tested one."""
    installed = version("chromadb")
    if installed.split(".")[:2] == TESTED_CHROMA.split("."):
        return ""
    return f"chromadb {installed} is installed, and this release knows the files of {TESTED_CHROMA}"
