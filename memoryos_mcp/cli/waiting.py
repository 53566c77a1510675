"""Waiting for the background work, with progress: what a command started should be done when it ends."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..api.memoryos import Memoryos

__all__ = ["settle"]

_LOOK_AGAIN_S = 0.25
_STAND_IN_S = 10.0
"""After a failure: how long the `local` analyzer, which then stands in for a model, is given."""


def settle(memory: "Memoryos", shown: Callable[[int], None], *, deadline_s: float = float("inf")) -> bool:
    """
    Wait until consolidation and promotion have nothing left to do, calling *shown* with the pages still pending.

    Returns:
        False when work was still pending after *deadline_s*, or has failed (`Status.last_error` says how).
    """
    ends = time.monotonic() + deadline_s
    while not memory.settle(_LOOK_AGAIN_S):
        status = memory.status()
        shown(status.pending)
        if time.monotonic() > ends or (status.last_error is not None and not memory.settle(_STAND_IN_S)):
            return False
    shown(0)
    return True
