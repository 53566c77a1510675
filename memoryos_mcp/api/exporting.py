"""Taking memory elsewhere and bringing it back; what the files look like is in `portable.lines`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..transfer.portable import Restored, export_lines, restore
from .core import Core

__all__ = ["Carrying"]

_LOCK_WAIT_S = 60.0


class Carrying(Core):
    """Export and restore."""

    def export(
        self, users: Sequence[str] | None = None, progress: Callable[[int, int], None] = lambda done, pages: None
    ) -> Iterator[str]:
        """
        Yield the lines of an export, a batch of pages at a time; others may write meanwhile.

        Args:
            users: Whose memory; default the setting's user. A user without memory gives no lines.
            progress: Called with pages written and pages in all, of the user at hand.
        """
        names = [self.settings.user_id] if users is None else [self._user(name) for name in users]
        return export_lines(self._memory, names, progress)

    def restore(self, lines: Iterable[str], progress: Callable[[int], None] = lambda lines: None) -> Restored:
        """
        Put the lines of an export into this memory, empty or not; doing it twice is the same as once.

        The word index and the vectors of what is new are made in the background afterwards; `settle` waits for that.

        Args:
            lines: Of the file, read as they are needed.
            progress: Called with the lines read so far.

        Raises:
            InputError: This is no export, or one of a newer version; nothing was stored.
        """
        done = restore(self._memory, lines, hold=self._held, progress=progress)
        for user_id in done.users:
            for what in ("short_term", "mid_term", "long_term"):
                self._notify(user_id, what)
            self._worker.repair_again(user_id)
        return done

    @contextmanager
    def _held(self, user_id: str) -> Iterator[None]:
        """Keep background work off a user to whom something is restored."""
        with self._worker.exclusively(user_id, _LOCK_WAIT_S):
            with self._adding(user_id):
                pass  # what a process that died had begun to forget goes before, not with what comes
            yield
