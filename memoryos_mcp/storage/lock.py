"""
One exclusive lock over a data folder, across threads and processes.

Several processes on one embedded Chroma path damage its index unless every operation, reads included, is exclusive;
this lock is what `ChromaStore` holds around each. Reentrant per thread; released by the system if the process dies.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import StoreUnavailableError

__all__ = ["FolderLock"]

WAIT_S = 30.0
POLL_S = 0.002


class FolderLock:
    """
    The lock file `store.lock` of a data folder.

    Args:
        path: The lock file; its folder must exist.
        wait_s: Longest wait for another holder, in seconds, before `StoreUnavailableError`.
    """

    def __init__(self, path: Path, wait_s: float = WAIT_S) -> None:
        self._path = path
        self._wait_s = wait_s
        self._threads = threading.RLock()
        self._depth = 0
        self._file = FileLock(path, thread_local=False, mode=0o600)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """
        Hold the lock.

        Raises:
            StoreUnavailableError: Another process held it for longer than the wait, or the folder cannot be locked.
        """
        with self._threads:
            outermost = self._depth == 0
            if outermost:
                self._acquire()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if outermost:
                    self._file.release()

    def _acquire(self) -> None:
        try:
            self._file.acquire(timeout=self._wait_s, poll_interval=POLL_S)
        except Timeout as exc:
            raise StoreUnavailableError(
                f"another process has held {self._path} for {self._wait_s:g} s; end it, or try again"
            ) from exc
        except OSError as exc:
            raise StoreUnavailableError(f"cannot lock {self._path}: {exc}") from exc
