"""
A process that dies while it imports a history of anna's: run by `test_history`.

    python -m tests.dying_import FOLDER HISTORY STEP

Ends itself without any teardown, as `kill -9` would, just before it does STEP for the third time.
"""

import os
import sys
from itertools import count
from pathlib import Path
from typing import Any

from memoryos_mcp import Memoryos
from memoryos_mcp.api import history_import
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.tiers.mid_term import MidTermMemory
from memoryos_mcp.tiers.short_term import ShortTermMemory

__all__ = ["settings_of_import"]

STEPS: dict[str, Any] = {"put": ShortTermMemory, "put_segments": MidTermMemory, "remove": ShortTermMemory}


def settings_of_import(folder: Path) -> dict[str, Any]:
    """Return the settings of a memory with a queue shorter than the history."""
    return {"data_dir": folder, "user_id": "anna", "embedder": "bundled", "short_term_capacity": 2}


def die_at(owner: Any, step: str) -> None:
    """Replace a method of *owner* by one that ends the process when it is called for the third time."""
    times, method = count(1), getattr(owner, step)

    def last(*arguments: Any, **named: Any) -> Any:
        return os._exit(9) if next(times) == 3 else method(*arguments, **named)

    setattr(owner, step, last)


if __name__ == "__main__":
    memory = Memoryos(load_settings(settings_of_import(Path(sys.argv[1])), environ={}))
    history_import.AT_ONCE = 3
    die_at(STEPS[sys.argv[3]], sys.argv[3])
    memory.import_history(Path(sys.argv[2]))
