"""
A process that dies while it forgets a page of anna's: run by `test_erasure`.

    python -m tests.dying_forgetting FOLDER PAGE_ID STEP

Ends itself without any teardown, as `kill -9` would, just before STEP.
"""

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from memoryos_mcp import Memoryos
from memoryos_mcp.storage.chroma import clients
from memoryos_mcp.tiers.long_term import LongTermMemory
from memoryos_mcp.tiers.mid_term import MidTermMemory
from memoryos_mcp.updating.forgetting.unfinished import Unfinished

__all__: list[str] = []

STEPS: dict[str, Any] = {
    "bar": LongTermMemory,
    "remove_pages": MidTermMemory,
    "erase_deleted": clients,
    "end": Unfinished,
}


def die(*_: object, **__: object) -> NoReturn:
    """End the process at once."""
    os._exit(9)


if __name__ == "__main__":
    memory = Memoryos(data_dir=Path(sys.argv[1]))
    setattr(STEPS[sys.argv[3]], sys.argv[3], die)
    memory.forget_memory(page_ids=[sys.argv[2]], dry_run=False, user_id="anna")
