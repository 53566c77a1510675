"""
The one file that says what is being forgotten, while it is: a process that dies in the midst leaves it, and the next
one that opens the memory finishes the work. It holds ids, never a text; once they are forgotten and only bytes are
left to clear it is empty, so that what is stored after that is not forgotten with them; it is gone when the bytes are.
"""

import json
import logging
import os
from pathlib import Path

from ...domain.errors import InputError, StoreUnavailableError
from .selection import Selection

__all__ = ["Unfinished"]

logger = logging.getLogger(__name__)


class Unfinished:
    """The file at *path*. Every call comes with the store's lock held."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __bool__(self) -> bool:
        return self._path.exists()

    def begin(self, user_id: str, selection: Selection) -> None:
        """Write down what is about to be forgotten; durable on return."""
        draft = self._path.with_name(f"{self._path.name}.new")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump({"user_id": user_id, **selection.as_dict()}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as exc:
            raise StoreUnavailableError(f"cannot write {self._path}: {exc}; nothing was forgotten") from exc

    def carried_out(self) -> None:
        """Say that only the files are left to clear; that takes no room on a disk that is full."""
        try:
            with self._path.open("r+b") as file:
                file.truncate()
                os.fsync(file.fileno())
        except OSError as exc:
            raise StoreUnavailableError(f"cannot write {self._path}: {exc}") from exc

    def read(self) -> tuple[str, Selection] | None:
        """Return whose memory is to be forgotten and what of it; None when nothing is, or it cannot be read."""
        try:
            text = self._path.read_text(encoding="utf-8")
            if not text:
                return None
            data = json.loads(text)
            return str(data["user_id"]), Selection.from_dict(data)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, InputError):  # not ours, or damaged: the files are cleared
            logger.warning("%s cannot be read: what it named is not known", self._path)
            return None

    def end(self) -> None:
        """Say that all is done."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as exc:
            raise StoreUnavailableError(f"cannot remove {self._path}: {exc}") from exc
