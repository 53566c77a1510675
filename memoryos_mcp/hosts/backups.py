"""
The copies of a host's file that are kept beside it, and what they are for: giving the file back to the byte.

Kept are the first, which is the file before we ever touched it, and the newest.
"""

import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from ..domain.errors import HostFileError

__all__ = ["back_up", "backups_of", "drop_old_backups", "earlier_texts", "undone"]

_SUFFIX = ".memoryos-backup"
_NEWEST_KEPT = 2
_BOM = b"\xef\xbb\xbf"


def backups_of(path: Path) -> list[Path]:
    """Return the copies of *path* that are kept, the oldest first."""
    if not path.parent.is_dir():
        return []
    return sorted(
        found for found in path.parent.iterdir() if found.name.startswith(f"{path.name}.") and found.suffix == _SUFFIX
    )


def back_up(path: Path) -> Path:
    """Copy *path* beside itself, and return the copy."""
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
    backup = path.with_name(f"{path.name}.{stamp}{_SUFFIX}")
    shutil.copy2(path, backup)
    return backup


def drop_old_backups(path: Path) -> None:
    """Remove all copies but the first and the newest two."""
    for old in backups_of(path)[1:-_NEWEST_KEPT]:
        old.unlink(missing_ok=True)


def earlier_texts(path: Path) -> list[str]:
    """Return the texts of the copies that can be read, the oldest first."""
    return [text for backup in backups_of(path) if (text := _text_in(backup)) is not None]


def _text_in(backup: Path) -> str | None:
    try:
        return backup.read_bytes().removeprefix(_BOM).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def undone(
    path: Path,
    text: str,
    redo: Callable[[str], str],
    holds_ours: Callable[[str], bool],
    otherwise: Callable[[], str | None],
) -> str | None:
    """
    Return the text from before ours went in, when nothing else was changed since; None when there was no file.

    Args:
        path: The file; its copies tell what it was.
        text: What it is now.
        redo: Puts what *text* holds of ours into another text.
        holds_ours: Whether a text holds it already.
        otherwise: Takes ours out of *text*, when something else was changed as well.
    """

    def leads_here(earlier: str) -> bool:
        try:
            return redo(earlier) == text
        except HostFileError:
            return False

    before = [earlier for earlier in earlier_texts(path) if not _holds(holds_ours, earlier)]
    found = next(filter(leads_here, before), None)
    if found is not None:
        return found
    return None if not before and leads_here("") else otherwise()


def _holds(holds_ours: Callable[[str], bool], text: str) -> bool:
    try:
        return holds_ours(text)
    except HostFileError:
        return True  # what cannot be read is no file to go back to
