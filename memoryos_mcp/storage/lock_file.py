"""
One exclusive lock of the operating system on one file, and a note beside it that says who holds it.

The system releases the lock when its holder dies, however it dies. The file stays open between uses: that is what
makes the lock cost microseconds. Not reentrant and not for threads: `lock` has both.
"""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from ..domain.errors import StoreUnavailableError

__all__ = ["HolderNote", "LockFile"]

_NO_LOCKS = {getattr(errno, name, None) for name in ("ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP")}
_NOTE_BYTES = 256


class LockFile:
    """
    A lock file, made when missing.

    Args:
        path: The file; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def try_lock(self) -> bool:
        """
        Take the lock if nobody has it, and return whether it was taken.

        Raises:
            StoreUnavailableError: The file cannot be opened, or its file system has no locks.
        """
        from filelock import lock_descriptor

        with self._explain_errors():
            taken = lock_descriptor(self._descriptor_of_file(), blocking=False)
            if taken and os.name != "nt" and os.fstat(self._descriptor_of_file()).st_nlink == 0:
                self.close()  # somebody removed the file: others will lock a new one
                return False
            return taken

    def unlock(self) -> None:
        """Let go of the lock."""
        from filelock import unlock_descriptor

        if self._descriptor is not None:
            with self._explain_errors():
                unlock_descriptor(self._descriptor)

    def verify(self) -> None:
        """
        Make sure, with the lock held, that a second one is refused: on some network folders all are granted.

        Raises:
            StoreUnavailableError: It was granted.
        """
        second = LockFile(self.path)
        try:
            if second.try_lock():
                raise StoreUnavailableError(
                    f"the file system of {self.path} grants a lock twice, so processes would damage each other's "
                    "data; set MEMORYOS_DATA_DIR to a folder on a local disk"
                )
        finally:
            second.close()

    def close(self) -> None:
        """Close the file, which lets go of the lock too."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _descriptor_of_file(self) -> int:
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            self._descriptor = os.open(self.path, flags, 0o600)
        return self._descriptor

    @contextmanager
    def _explain_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            if exc.errno in _NO_LOCKS:
                raise StoreUnavailableError(
                    f"the file system of {self.path} does not support locks ({exc.strerror}); "
                    "set MEMORYOS_DATA_DIR to a folder on a local disk"
                ) from exc
            raise StoreUnavailableError(
                f"cannot lock {self.path}: {exc.strerror}; reading needs the lock too, so the folder has to be one "
                "you may write (MEMORYOS_DATA_DIR)"
            ) from exc


class HolderNote:
    """
    The words beside a lock: which process has held it, on which machine, since when.

    Written by each holder just after it took the lock, so while the lock is held the note is the holder's. It names
    the program but not its arguments, which may be words to be remembered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        program = Path(sys.argv[0] if sys.argv else sys.executable)
        self._program = (program.parent if program.name == "__main__.py" else program).name or "python"

    def write(self, doing: str = "") -> None:
        """Say that this process holds the lock from now on, for what; without room on the disk there is no note."""
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        text = f"{os.getpid()}\n{socket.gethostname()}\n{since}\n{self._program}\n{doing}"
        data = text.encode("utf-8", "replace")[: _NOTE_BYTES - 1].ljust(_NOTE_BYTES - 1) + b"\n"
        try:
            if self._descriptor is None:
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
                self._descriptor = os.open(self._path, flags, 0o600)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, data)
        except OSError:  # disk full, read-only: the lock works without it, only an error would name nobody
            self.close()

    def read(self) -> str:
        """Return who holds the lock, for a message; "another process" when no note tells of a live one."""
        try:
            pid, host, since, program, doing = self._path.read_text("utf-8", "replace").split("\n")[:5]
            moment = datetime.fromisoformat(since)
        except (OSError, ValueError):
            return "another process"
        if host == socket.gethostname() and not _lives(int(pid)):
            return "another process"
        there = "" if host == socket.gethostname() else f" on {host}"
        then = f", {doing.strip()}" if doing.strip() else ""
        return f"process {pid} ({program.strip()}{there}, since {moment:%H:%M:%S} UTC{then})"

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lives(pid: int) -> bool:
    """Whether a process of this machine is there; on Windows the question could end it, so it is not asked."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
