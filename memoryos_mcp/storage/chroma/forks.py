"""
Chroma does not live through a fork: its threads stay behind, and the child's first operation would never return.

The one place with state of the whole process, since Chroma's own runtime is one for the whole process too.
"""

import os

from ...domain.errors import ForkedError

__all__ = ["refuse_in_fork"]

_USED_IN: list[int] = []
"""The process that used Chroma first, once there is one; a fork finds its parent's number here."""


def refuse_in_fork() -> None:
    """Note that this process uses Chroma, or raise `ForkedError` when its parent did so before the fork."""
    if not _USED_IN:
        _USED_IN.append(os.getpid())
    if _USED_IN[0] != os.getpid():
        raise ForkedError(
            f"process {_USED_IN[0]} used a memory before process {os.getpid()} was forked from it, and the "
            "threads of Chroma are not here: start processes with `spawn`, or fork before the first memory is opened"
        )
