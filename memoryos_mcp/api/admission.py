"""
Admission checks and cleans a caller's texts, replaces secrets in them, and makes a page with an id.

Nothing is stored here; `Remembering` and `HistoryImport` do that.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..domain import inputs
from ..domain.clock import now
from ..domain.errors import InputError
from ..domain.identity import page_id as make_page_id
from ..domain.records import Exchange, Page
from ..domain.secrets import redact, redact_json
from ..tiers.memory import Memory
from ..updating.forgetting import Forgetter
from .defaults import Defaults
from .page_lookup import PageLookup

__all__ = ["Admission"]


class Admission:
    """
    The door of the memory.

    Args:
        tiers: What is stored already.
        forgetter: Finishes forgetting that was begun before anything is added.
        lookup: Finds pages by id.
        defaults: The settings in force.
    """

    def __init__(self, tiers: Memory, forgetter: Forgetter, lookup: PageLookup, defaults: Defaults) -> None:
        self._tiers = tiers
        self._forgetter = forgetter
        self._lookup = lookup
        self._defaults = defaults
        self._settings = defaults.settings

    @contextmanager
    def lock_to_add(self, user_id: str) -> Iterator[None]:
        """Hold the store's lock to add something of *user_id*, which nothing forgotten earlier takes with it."""
        with self._tiers.store.exclusive(user_id):
            self._forgetter.carry_on(user_id)
            yield

    def page_of(self, exchange: Exchange) -> tuple[Page, tuple[str, ...]]:
        """Return *exchange* as a page without id, and the kinds of secrets taken out of it; or raise `InputError`."""
        limits = self._settings
        said = [
            inputs.check_side("user_input", exchange.user_input, longest=limits.max_text_chars),
            inputs.check_side("agent_response", exchange.agent_response, longest=limits.max_text_chars),
        ]
        given = inputs.check_metadata(exchange.metadata, longest=limits.max_metadata_chars)
        (user_input, agent_response), metadata, removed = self.without_secrets(said, given)
        page = Page(
            page_id="",
            user_input=user_input,
            agent_response=agent_response,
            timestamp=self._said_at(exchange.timestamp),
            metadata=metadata,
            project=self._defaults.label(exchange.project),
        )
        return page, removed

    def _said_at(self, told: datetime | str | None) -> datetime:
        """Return when an exchange was said; or raise `InputError`."""
        if told is None:
            return self._defaults.now()
        return inputs.check_said_by("timestamp", inputs.parse_timestamp("timestamp", told, self._settings.zone), now())

    def without_secrets(
        self, texts: Sequence[str], metadata: Mapping[str, Any]
    ) -> tuple[list[str], Mapping[str, Any], tuple[str, ...]]:
        """Return texts and metadata as they may be stored, and the kinds of secrets taken out of them."""
        if not self._settings.redact_secrets:
            return list(texts), metadata, ()
        found = [redact(text) for text in texts]
        kept, kinds = redact_json(metadata)
        return [each.text for each in found], kept, (*(kind for each in found for kind in each.kinds), *kinds)

    def with_id(self, user: str, page: Page) -> tuple[Page, bool]:
        """Return *page* with its id, and whether it is stored already. Under the lock."""
        salt = 0
        while True:
            id_ = make_page_id(page.user_input, page.agent_response, page.timestamp, salt)
            found = self._lookup.find(user, id_)
            if found is None:
                return replace(page, page_id=id_), False
            if (found[0].user_input, found[0].agent_response) == (page.user_input, page.agent_response):
                return found[0], True
            salt += 1

    def all_identified(self, user: str, pages: Sequence[Page]) -> list[tuple[Page, bool]]:
        """Do what `with_id` does for many, with one look into each tier. Under the lock."""
        named = [
            replace(page, page_id=make_page_id(page.user_input, page.agent_response, page.timestamp)) for page in pages
        ]
        there = self.stored_among(user, list({page.page_id for page in named}))
        return [self.with_id(user, page) if page.page_id in there else (page, False) for page in named]

    def stored_among(self, user: str, page_ids: Sequence[str]) -> set[str]:
        """Return which of *page_ids* are stored, in any tier. Under the lock."""
        queue = {page.page_id for page in self._tiers.short_term.pages(user)}
        older = {page.page_id for page in self._tiers.mid_term.pages(user, page_ids, archive=True)}
        return queue.intersection(page_ids) | older

    def refuse_too_many(self, user: str, adding: int) -> None:
        """Raise `InputError` when a limit is set and *adding* pages would exceed it. Under the lock."""
        most, tiers = self._settings.max_pages, self._tiers
        if not most:
            return
        count = len(tiers.short_term.pages(user)) + tiers.mid_term.page_count(user)
        count += tiers.mid_term.archived_count(user)
        if count + adding > most:
            raise InputError(
                f"user {user!r} has {count:,} pages and MEMORYOS_MAX_PAGES allows {most:,}: forget some "
                "(forget_memory with before), or raise it"
            )
