"""
A process that dies at a chosen write: run by `test_crash`, killed by itself.

    python -m tests.crashing FOLDER WRITE

Adds pages, then runs the updater and ends the process without any teardown just before store write number WRITE
(0 = the first), as `kill -9` would. Prints each page id once it is acknowledged.
"""

import os
import sys
from pathlib import Path
from typing import Any

from .world import World

__all__ = ["TEXTS"]

TEXTS = [*(f"tea {number}" for number in range(6)), "car one", "car two", "I am a nurse", "x", "y"]


def main(folder: Path, fatal: int) -> None:
    """Add, then step until the fatal write."""
    world = World(folder, segments=1)
    for page in world.say(*TEXTS):
        sys.stdout.write(f"{page.page_id}\n")
    sys.stdout.flush()
    count = 0

    def dying(original: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            if count == fatal:
                os._exit(9)
            count += 1
            return original(*arguments, **options)

        return call

    for name in ("put", "delete", "drop"):
        setattr(world.store, name, dying(getattr(world.store, name)))
    for name in ("add_rows", "put_vectors", "remove"):
        setattr(world.memory.index, name, dying(getattr(world.memory.index, name)))
    world.settle()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
