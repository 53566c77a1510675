"""Forgetting, as a caller asks for it: a dry run unless told otherwise, and everywhere at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from ..domain import inputs
from ..domain.errors import StoreUnavailableError
from ..domain.identity import whole_id
from ..domain.records import ForgetReceipt
from ..generation.usage_ledger import UsageLedger
from ..storage import hook_inbox
from ..storage.folder import set_aside
from ..tiers.memory import Memory
from ..updating.forgetting import Forgetter, Selection
from ..updating.secret_removal import SecretRemoval, StoredSecrets
from ..updating.worker import Worker
from .defaults import Defaults
from .listeners import Listeners
from .page_lookup import PageLookup

__all__ = ["Forgetting"]

_LOCK_WAIT_S = 60.0


class Forgetting:
    """
    Forgets pages, facts, or everything of a user.

    Args:
        tiers: What is forgotten from.
        forgetter: Plans and carries out.
        lookup: Finds pages by the beginning of their ids.
        take_in_hook_inbox: Stores what hooks left: it may be what is meant.
        worker: Drops what it holds of a user who is forgotten.
        ledger: Likewise.
        secrets: Takes secrets out of what is stored.
        defaults: What a call leaves out.
        listeners: Hear of what went.
    """

    def __init__(
        self,
        tiers: Memory,
        forgetter: Forgetter,
        lookup: PageLookup,
        take_in_hook_inbox: Callable[[], int],
        worker: Worker,
        ledger: UsageLedger,
        secrets: SecretRemoval,
        defaults: Defaults,
        listeners: Listeners,
    ) -> None:
        self._tiers = tiers
        self._forgetter = forgetter
        self._lookup = lookup
        self._take_in_hook_inbox = take_in_hook_inbox
        self._worker = worker
        self._ledger = ledger
        self._secrets = secrets
        self._defaults = defaults
        self._listeners = listeners

    def forget_memory(
        self,
        *,
        page_ids: Sequence[str] = (),
        fact_ids: Sequence[str] = (),
        before: datetime | date | str | None = None,
        everything: bool = False,
        dry_run: bool = True,
        user_id: str | None = None,
    ) -> ForgetReceipt:
        """
        Forget pages, facts, all before a time, or everything of a user; by default only say what would go.

        On return the bytes are gone from the files of the data folder (`files` of the receipt: "cleared").

        Raises:
            InputError: Nothing was named, or an id names nothing.
            StoreUnavailableError: The files could not be cleared; that is done at the next start.
        """
        user = self._defaults.user(user_id)
        moment = None if before is None else self._defaults.first_moment("before", before)
        ids = inputs.check_ids("page_ids", page_ids), inputs.check_ids("fact_ids", fact_ids)
        self._take_in_hook_inbox()
        with self._tiers.store.exclusive(user) if dry_run else self._forgetter.holding(user):
            pages = tuple(self._lookup.full_id(user, page_id) for page_id in ids[0])
            known = self._tiers.long_term.facts(user)
            facts = tuple(whole_id("fact", fact_id, known) for fact_id in ids[1])
            selection = Selection(pages, facts, moment, everything)
            forget = self._forgetter.would_forget if dry_run else self._forgetter.forget
            receipt = self._with_files(user, selection, forget(user, selection))
        if dry_run:
            return receipt
        if everything:
            self._worker.forget(user)
            self._ledger.forget(user)
        self._listeners.notify_all(user)
        return receipt

    def redact_secrets(self, *, dry_run: bool = True, user_id: str | None = None) -> StoredSecrets:
        """
        Replace the secrets that are stored already by marks; by default only say which there are.

        On return the bytes are gone from the files of the data folder. Pages keep their ids, dates and places.

        Raises:
            BusyError: Another process is at work on this user's memory.
            StoreUnavailableError: The marks are in place, but the files could not be cleared.
        """
        user = self._defaults.user(user_id)
        if dry_run:
            return self._secrets.find(user)
        with self._worker.exclusively(user, _LOCK_WAIT_S):
            found = self._secrets.remove(user)
        self._worker.wake(user)
        self._listeners.notify_all(user)
        return found

    def _with_files(self, user: str, selection: Selection, receipt: ForgetReceipt) -> ForgetReceipt:
        """
        Forget what waits in the hook inbox too, and return the receipt with that and with what is out of reach.

        Under the lock: another process may be about to take it in.
        """
        folder = self._defaults.settings.data_dir
        waiting, files = 0, receipt.files
        if selection.everything or selection.before is not None:
            kept = hook_inbox.kept_of(folder, user, selection.before)
            try:
                waiting = len(kept) if receipt.dry_run else hook_inbox.drop(kept)
            except OSError as exc:
                raise StoreUnavailableError(f"what hooks left cannot be removed: {exc}; forget again") from exc
        if aside := ", ".join(str(path) for path in set_aside(folder)):
            beyond = f"not in {aside}, set aside by doctor --repair: delete that when nothing in it is missed"
            files = f"{files}, but {beyond}" if files else beyond
        return replace(receipt, places={**receipt.places, "spool": waiting}, files=files)
