"""
A host's file as text, and putting a changed one in its place: whole or not at all, and with a backup.

Byte order mark, line breaks, permissions and a link to elsewhere stay. A file that somebody else changed meanwhile is
not written over: hosts write their own files while they run.
"""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..domain.errors import HostFileError
from .backups import back_up, drop_old_backups

__all__ = ["Change", "change", "plan", "read_text"]

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TRIES = 5
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Change:
    """
    What was or would be done to a file: its text before and after.

    `before` is None for a file that was not there, `after` None for one that is taken away; `backup` is where the
    text from before was kept.
    """

    path: Path
    before: str | None
    after: str | None
    backup: Path | None = None

    @property
    def changes(self) -> bool:
        """Whether anything differs."""
        return self.before != self.after


def read_text(path: Path) -> str | None:
    """
    Return a file's text, line breaks as they are and without a byte order mark; None when there is no file.

    Raises:
        HostFileError: It cannot be read, or is not UTF-8.
    """
    found = _bytes(path)
    return None if found is None else _text_of(path, found)


def plan(path: Path, edit: Callable[[str], str | None]) -> Change:
    """
    Return what *edit* makes of the file's text ("" when there is none), and write nothing.

    Raises:
        HostFileError: The file cannot be read or changed; the message names it.
    """
    return _change_of(path, read_text(path), edit)


def change(path: Path, edit: Callable[[str], str | None]) -> Change:
    """
    Do what `plan` says: back the file up (three of our backups are kept), then put the new text in its place at once.

    A file that is taken away held nothing but what we wrote, and needs no backup.

    Raises:
        HostFileError: The file cannot be read, changed or written; it is as it was.
    """
    for _ in range(_TRIES):
        found = _bytes(path)
        planned = _change_of(path, None if found is None else _text_of(path, found), edit)
        if not planned.changes:
            return planned
        try:
            backup = None if found is None or planned.after is None else back_up(path)
            if _put(path, found, planned.after):
                drop_old_backups(path)
                return Change(path, planned.before, planned.after, backup)
            if backup is not None:
                backup.unlink()
        except OSError as exc:
            raise HostFileError(f"{path} cannot be written: {exc}; nothing was changed. Is the host running?") from exc
    raise HostFileError(f"{path} is being written by its host all the time; close the host and try again")


def _change_of(path: Path, before: str | None, edit: Callable[[str], str | None]) -> Change:
    try:
        after = edit(before or "")
    except HostFileError as exc:
        raise HostFileError(f"{path} {exc}; it was left as it is") from exc
    return Change(path, before, before if before is None and not after else after)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            raise HostFileError(f"{path} is a link to {path.readlink()}, which is not there") from None
        return None
    except OSError as exc:
        raise HostFileError(f"{path} cannot be read: {exc}") from exc


def _text_of(path: Path, found: bytes) -> str:
    if found.startswith(_UTF16):
        raise HostFileError(f"{path} is UTF-16, which hosts cannot read either; save it as UTF-8. It was left as it is")
    try:
        return found.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as exc:
        raise HostFileError(f"{path} is not UTF-8 ({exc}); it was left as it is") from exc


def _put(path: Path, found: bytes | None, after: str | None) -> bool:
    """Return False when the file is no longer what was *found*: whoever changed it must not lose that."""
    real = path.resolve()
    if after is None:
        if _bytes(path) != found:
            return False
        path.unlink()
        return True
    real.parent.mkdir(parents=True, exist_ok=True)
    new = (_BOM if (found or b"").startswith(_BOM) else b"") + after.encode("utf-8")
    mode = _PRIVATE if found is None else stat.S_IMODE(real.stat().st_mode)
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".memoryos-new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        if _bytes(path) != found:
            return False
        os.replace(name, real)  # noqa: PTH105 - the path is a str here
        return True
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
