"""Taking memory elsewhere, bringing it back, and bringing a history of other programs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from ..domain.clock import now
from ..tiers.memory import Memory
from ..transfer.history import AUTO, Summary, read_history
from ..transfer.portable import Restored, export_lines, restore
from ..updating.worker import Worker
from .admission import Admission
from .defaults import Defaults
from .history_import import HistoryImport
from .listeners import Listeners

__all__ = ["Transfer"]

_LOCK_WAIT_S = 60.0

Progress = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Show no progress."""


class Transfer:
    """
    Import, export and restore.

    Args:
        tiers: What is carried.
        admission: Finishes forgetting before anything is added.
        history: Stores what other programs kept.
        worker: Kept off a user to whom something is brought, and told of it afterwards.
        defaults: What a call leaves out.
        listeners: Hear of what came.
    """

    def __init__(
        self,
        tiers: Memory,
        admission: Admission,
        history: HistoryImport,
        worker: Worker,
        defaults: Defaults,
        listeners: Listeners,
    ) -> None:
        self._tiers = tiers
        self._admission = admission
        self._history = history
        self._worker = worker
        self._defaults = defaults
        self._listeners = listeners

    def import_history(
        self,
        path: Path | str,
        *,
        format: str = AUTO,
        since: datetime | date | str | None = None,
        until: datetime | date | str | None = None,
        dry_run: bool = False,
        progress: Progress = _silent,
        user_id: str | None = None,
    ) -> Summary:
        """
        Store the exchanges and facts of a file, an archive or a folder, oldest conversation first.

        What is stored already is known by its texts and dates, so an import that was interrupted is simply started
        again. The local analyzer consolidates what comes in, whatever the setting: a model reads it again on
        `reanalyze(everything=True)`.

        Args:
            path: What other programs exported or keep.
            format: One of `history.FORMATS`, or "auto": by content.
            since: Only exchanges and facts from this time on: as `retrieve_context` takes it.
            until: Only exchanges and facts up to the end of this time.
            dry_run: Only count.
            progress: Called with exchanges done and exchanges in all.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: The path or the format cannot be used; nothing was stored.
        """
        user = self._defaults.user(user_id)
        first, last = self._defaults.bounds(since, until)
        zone = self._defaults.settings.zone
        with read_history(Path(path), format, since=first, until=last, zone=zone, clock=now()) as history:
            if not dry_run:
                with self._worker.exclusively(user, _LOCK_WAIT_S):
                    self._history.store(user, history, progress)
                self._worker.wake(user)
                self._listeners.notify_all(user)
            return history.summary

    def export(self, users: Sequence[str] | None = None, progress: Progress = _silent) -> Iterator[str]:
        """
        Yield the lines of an export, a batch of pages at a time; others may write meanwhile.

        Args:
            users: Whose memory; default the setting's user. A user without memory gives no lines.
            progress: Called with pages written and pages in all, of the user at hand.
        """
        names = [self._defaults.settings.user_id] if users is None else [self._defaults.user(name) for name in users]
        return export_lines(self._tiers, names, progress)

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
        done = restore(self._tiers, lines, hold=self._without_background_work, progress=progress)
        for user_id in done.users:
            self._listeners.notify_all(user_id)
            self._worker.repair_again(user_id)
        return done

    @contextmanager
    def _without_background_work(self, user_id: str) -> Iterator[None]:
        """Keep background work off a user to whom something is restored."""
        with self._worker.exclusively(user_id, _LOCK_WAIT_S):
            with self._admission.lock_to_add(user_id):
                pass  # what a process that died had begun to forget goes before, not with what comes
            yield
