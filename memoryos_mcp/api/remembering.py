"""Storing: exchanges as they are said, many at once, facts as they are told, and what hosts' hooks left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast, get_args

from ..domain import inputs
from ..domain.errors import InputError
from ..domain.projects import project_label
from ..domain.records import About, AddResult, Exchange, Fact, Page
from ..storage import hook_inbox
from ..tiers.arrivals import Arrivals
from ..tiers.memory import Memory
from ..updating.updater import Updater
from ..updating.worker import Worker
from .admission import Admission
from .defaults import Defaults
from .listeners import Listeners
from .told_twice import told_already

__all__ = ["Remembering"]


class Remembering:
    """
    Puts what is handed in on disk, and has the worker look at it.

    Args:
        tiers: Where it goes.
        admission: Checks what is handed in.
        arrivals: Gives pages their place in the order of arrival.
        updater: Counts what is pending.
        worker: Moves pages on in the background.
        defaults: What a call leaves out.
        listeners: Hear of what was stored.
    """

    def __init__(
        self,
        tiers: Memory,
        admission: Admission,
        arrivals: Arrivals,
        updater: Updater,
        worker: Worker,
        defaults: Defaults,
        listeners: Listeners,
    ) -> None:
        self._tiers = tiers
        self._admission = admission
        self._arrivals = arrivals
        self._updater = updater
        self._worker = worker
        self._defaults = defaults
        self._listeners = listeners

    def add_memory(
        self,
        user_input: str,
        agent_response: str,
        timestamp: datetime | str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        meta_data: Mapping[str, Any] | None = None,
        project: str | None = None,
        user_id: str | None = None,
    ) -> AddResult:
        """
        Store one exchange; it is on disk on return. No model and no network on this path.

        Args:
            user_input: What the user said, 1 to 100,000 characters.
            agent_response: What the assistant answered, likewise.
            timestamp: When, ISO 8601 or `YYYY-MM-DD HH:MM:SS` (in the setting `timezone` without an offset); default
                now. Its offset is kept: it says which day it was for the user.
            metadata: A JSON object that comes back unchanged, but for secrets in it.
            meta_data: The same by the MemoryOS package's name.
            project: Label of the work it was said in, a name or a folder; default the setting's.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: A value is unusable, or the user has as many pages as allowed; nothing was stored.
        """
        given = meta_data if metadata is None else metadata
        return self.add(Exchange(user_input, agent_response, timestamp, given, project), user_id=user_id)

    def add(self, exchange: Exchange, *, user_id: str | None = None) -> AddResult:
        """Store one exchange as `add_memory` does, with the same errors."""
        user = self._defaults.user(user_id)
        page, removed = self._admission.page_of(exchange)
        with self._admission.lock_to_add(user):
            page, known = self._admission.with_id(user, page)
            if not known and hook_inbox.in_use(self._defaults.settings.data_dir):
                told = told_already(page, self._tiers.short_term.pages(user))
                page, known = (told, True) if told is not None else (page, False)
            if not known:
                self._admission.refuse_too_many(user, 1)
                page = replace(page, sequence=self._arrivals.take(user, 1).start)
                self._tiers.short_term.put(user, [page])
            pending = self._updater.pending_work(user)
        if not known:
            self._announce(user)
        return AddResult(page.page_id, "duplicate" if known else "stored", pending, removed)

    def add_many(self, exchanges: Sequence[Exchange], *, user_id: str | None = None) -> list[AddResult]:
        """
        Store many exchanges at once, in the order given; all are on disk on return. For bringing history.

        They wait in short-term memory until consolidation moves them on: hand in some hundreds, then `settle`.

        Raises:
            InputError: A value is unusable; the message has the exchange's place, nothing was stored.
        """
        user = self._defaults.user(user_id)
        checked = [self._page(place, exchange) for place, exchange in enumerate(exchanges)]
        with self._admission.lock_to_add(user):
            found = self._admission.all_identified(user, [page for page, _ in checked])
            new = {page.page_id: page for page, known in found if not known}
            self._admission.refuse_too_many(user, len(new))
            places = self._arrivals.take(user, len(new))
            stored = [replace(page, sequence=place) for place, page in zip(places, new.values(), strict=True)]
            self._tiers.short_term.put(user, stored)
            pending = self._updater.pending_work(user)
        if stored:
            self._announce(user)
        unseen = set(new)
        return [
            replace(_result(page.page_id, unseen, pending), redacted=removed)
            for (page, _), (_, removed) in zip(found, checked, strict=True)
        ]

    def take_in_hook_inbox(self) -> int:
        """Store the exchanges that hosts' hooks left in the data folder, of every user; return how many."""
        return hook_inbox.take_in(self._defaults.settings.data_dir, self._add_noted, self._tiers.store.exclusive)

    def remember_fact(
        self,
        fact: str,
        about: str,
        *,
        supersedes: str | None = None,
        pinned: bool = False,
        project: str | None = None,
        user_id: str | None = None,
    ) -> tuple[Fact, tuple[str, ...]]:
        """
        Store one line of knowledge as told, but for secrets in it, and return it with the ids of facts it superseded.

        Args:
            fact: One line, at most 2,000 characters.
            about: "user" or "assistant".
            supersedes: The id of a fact that no longer holds.
            pinned: Keep it whatever the capacity.
            project: Label of the work that it is about, a name or a folder; default none: it holds everywhere.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: A value is unusable, or *supersedes* names no fact.
        """
        user = self._defaults.user(user_id)
        text = " ".join(inputs.check_text("fact", fact, longest=inputs.MAX_FACT_CHARS).split())
        (text,), _, _ = self._admission.without_secrets([text], {})
        if about not in get_args(About):
            raise InputError(f"about must be 'user' or 'assistant', got {about!r}")
        with self._admission.lock_to_add(user):
            remembered = self._tiers.long_term.remember(
                user,
                text,
                cast("About", about),
                now=self._defaults.now(),
                supersedes=supersedes,
                pinned=pinned,
                project="" if project is None else project_label(project),
            )
        self._listeners.notify(user, "long_term")
        return remembered

    def _add_noted(self, noted: hook_inbox.WaitingExchange) -> None:
        exchange = Exchange(noted.user_input, noted.agent_response, noted.timestamp, noted.metadata, noted.project)
        self.add(exchange, user_id=noted.user_id)

    def _announce(self, user: str) -> None:
        self._listeners.notify(user, "short_term")
        self._worker.note_added(user)

    def _page(self, place: int, exchange: Exchange) -> tuple[Page, tuple[str, ...]]:
        try:
            return self._admission.page_of(exchange)
        except InputError as exc:
            raise InputError(f"exchange {place}: {exc}") from exc


def _result(page_id: str, unseen: set[str], pending: int) -> AddResult:
    """Return the receipt of one of many pages: of equal ones the first is the stored one."""
    stored = page_id in unseen
    unseen.discard(page_id)
    return AddResult(page_id, "stored" if stored else "duplicate", pending)
