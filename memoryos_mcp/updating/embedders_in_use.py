"""
Which embedders the processes on a data folder use, so that only vectors that nobody uses are deleted.

Each process holds the lock of a file named after its embedder; the file stays when the process ends, and its time says
when that was. An embedder counts as used for a week after that: somebody who alternates between two hosts should not
pay for all vectors at each change.
"""

import os
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from ..storage.lock_file import LockFile

__all__ = ["KEPT", "EmbedderUse"]

KEPT = timedelta(days=7)
"""How long an embedder's vectors are kept after the last process that used it."""


class EmbedderUse:
    """
    One process's use of one embedder, from `begin` to `end`.

    Args:
        folder: Where the files are; it must exist.
        embedder: The embedder's name, which has no dots.
    """

    def __init__(self, folder: Path, embedder: str) -> None:
        self._folder = folder
        self._embedder = embedder
        self._lock_file = LockFile(folder / f"embedder.{embedder}.{os.getpid()}-{secrets.token_hex(4)}.lock")

    def begin(self) -> None:
        """Say that the embedder is in use, in place of the processes that used it and have ended."""
        self._lock_file.try_lock()
        for path in self._files_of_ended(self._embedder):
            _remove_file(path)

    def end(self) -> None:
        """Say that it was in use until now."""
        self._lock_file.close()
        if self._lock_file.path.exists():
            self._lock_file.path.touch()

    def is_live(self, embedder: str) -> bool:
        """Whether a process uses *embedder* now."""
        return len(self._files_of_ended(embedder)) < len(list(self._files(embedder)))

    def is_kept(self, embedder: str) -> bool:
        """Whether a process uses *embedder* now, or has used it within `KEPT`."""
        since = time.time() - KEPT.total_seconds()
        return self.is_live(embedder) or any(path.stat().st_mtime > since for path in self._files_of_ended(embedder))

    def _files(self, embedder: str) -> Iterator[Path]:
        return self._folder.glob(f"embedder.{embedder}.*.lock")

    def _files_of_ended(self, embedder: str) -> list[Path]:
        """Return the files of processes that have ended."""
        found = []
        for path in self._files(embedder):
            lock_file = LockFile(path)
            if path != self._lock_file.path and lock_file.try_lock():
                found.append(path)
            lock_file.close()
        return found


def _remove_file(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:  # Windows: another process looks at it just now; it goes the next time
        return
