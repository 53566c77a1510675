"""Storing, recalling, telling and forgetting: the calls that matter."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast, get_args

from ..domain import inputs
from ..domain.errors import InputError, StoreUnavailableError
from ..domain.identity import page_id as make_page_id
from ..domain.records import About, AddResult, Exchange, Fact, ForgetReceipt, Page, Profile, Retrieval
from ..domain.secrets import redact, redact_json
from ..retrieval import Request
from ..storage import hook_inbox
from ..storage.folder import set_aside
from ..updating import forgetting
from .composition import now
from .core import Core

__all__ = ["Writing"]


class Writing(Core):
    """What changes memory, and what is handed back from it."""

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
            timestamp: When, ISO 8601 or `YYYY-MM-DD HH:MM:SS` (UTC without an offset); default now.
            metadata: A JSON object that comes back unchanged, but for secrets in it.
            meta_data: The same by the MemoryOS package's name.
            project: Label of the work it was said in, a name or a folder; default the setting's.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: A value is unusable, or the user has as many pages as allowed; nothing was stored.
        """
        user = self._user(user_id)
        given = meta_data if metadata is None else metadata
        page, removed = self._checked(Exchange(user_input, agent_response, timestamp, given, project))
        with self._adding(user):
            page, known = self._identified(user, page)
            if not known:
                self._refuse_too_many(user, 1)
                page = replace(page, sequence=self._arrival_numbers(user, 1))
                self._memory.short_term.put(user, [page])
            pending = self._updater.pending(user)
        if not known:
            self._notify(user, "short_term")
            self._worker.added(user)
        return AddResult(page.page_id, "duplicate" if known else "stored", pending, removed)

    def add_many(
        self,
        exchanges: Sequence[Exchange],
        *,
        user_id: str | None = None,
    ) -> list[AddResult]:
        """
        Store many exchanges at once, in the order given; all are on disk on return. For bringing history.

        They wait in short-term memory until consolidation moves them on: hand in some hundreds, then `settle`.

        Raises:
            InputError: A value is unusable; the message has the exchange's place, nothing was stored.
        """
        user = self._user(user_id)
        checked = [self._page(place, exchange) for place, exchange in enumerate(exchanges)]
        pages = [page for page, _ in checked]
        with self._adding(user):
            found = self._all_identified(user, pages)
            new = {page.page_id: page for page, known in found if not known}
            self._refuse_too_many(user, len(new))
            first = self._arrival_numbers(user, len(new))
            stored = [replace(page, sequence=first + place) for place, page in enumerate(new.values())]
            self._memory.short_term.put(user, stored)
            pending = self._updater.pending(user)
        if stored:
            self._notify(user, "short_term")
            self._worker.added(user)
        unseen = set(new)
        return [
            replace(_result(page.page_id, unseen, pending), redacted=removed)
            for (page, _), (_, removed) in zip(found, checked, strict=True)
        ]

    def take_in_spool(self) -> int:
        """Store the exchanges that hosts' hooks left in the data folder, of every user; return how many."""
        return hook_inbox.take_in(self.settings.data_dir, self._add_spooled, self._store.exclusive)

    def _add_spooled(self, exchange: hook_inbox.Spooled) -> None:
        self.add_memory(
            exchange.user_input,
            exchange.agent_response,
            exchange.timestamp,
            exchange.metadata,
            project=exchange.project,
            user_id=exchange.user_id,
        )

    def retrieve_context(
        self,
        query: str,
        *,
        max_tokens: int = 1500,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        archive: bool = False,
        project: str | None = None,
        user_id: str | None = None,
    ) -> Retrieval:
        """
        Return what memory holds on *query*, within *max_tokens* (100 to 20,000) of text.

        Args:
            query: A question or the user's message.
            max_tokens: Budget of `Retrieval.text`, by the tokenizer that `status` names.
            since: Only pages from this time on.
            until: Only pages up to this time, and facts as of then.
            archive: Search evicted segments too.
            project: Label of the work whose pages are preferred; nothing is hidden; default the setting's.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: A value is unusable.
        """
        user = self._user(user_id)
        text = inputs.check_text("query", query, longest=inputs.MAX_QUERY_CHARS)
        budget = inputs.check_max_tokens(max_tokens)
        first = None if since is None else inputs.parse_timestamp("since", since)
        label = self._project_label(project)
        last = None if until is None else inputs.parse_timestamp("until", until)
        if first is not None and last is not None and first > last:
            raise InputError(f"since {first.isoformat()} lies after until {last.isoformat()}; exchange them")
        request = Request(
            user_id=user,
            query=text,
            max_tokens=budget,
            since=first,
            until=last,
            now=now(),
            short_term=(),
            profile=Profile(user, self.settings.assistant_id, ""),
            user_name=self.settings.user_name,
            assistant_name=self.settings.assistant_name,
            archive=archive,
            project=label,
        )
        with self._store.exclusive():
            embedder = self._memory.index.serving(user)
            request = self._up_to_date(request)
            retrieval = None if self._retriever.is_slow(embedder) else self._retriever.retrieve(request)
        if retrieval is None:
            self._retriever.prepare(request, embedder)
            with self._store.exclusive():
                retrieval = self._retriever.retrieve(self._up_to_date(request))
        self._worker.visited(user, [segment.segment_id for segment, _ in retrieval.segments])
        return retrieval

    def _up_to_date(self, request: Request) -> Request:
        """Return *request* with short-term memory and profile as they are now. Under the lock."""
        profile = self._memory.long_term.profile(request.user_id, self.settings.assistant_id)
        pages = tuple(self._memory.short_term.pages(request.user_id))
        return replace(request, short_term=pages, profile=profile, user_name=self._user_name(profile))

    def get_user_profile(self, *, user_id: str | None = None) -> Profile:
        """Return everything known of a user: attributes, traits, facts (superseded ones last) and a digest."""
        return self._memory.long_term.profile(self._user(user_id), self.settings.assistant_id)

    def remember_fact(
        self,
        fact: str,
        about: str,
        *,
        supersedes: str | None = None,
        pinned: bool = False,
        user_id: str | None = None,
    ) -> tuple[Fact, tuple[str, ...]]:
        """
        Store one line of knowledge as told, but for secrets in it, and return it with the ids of facts it superseded.

        Args:
            fact: One line, at most 2,000 characters.
            about: "user" or "assistant".
            supersedes: The id of a fact that no longer holds.
            pinned: Keep it whatever the capacity.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: A value is unusable, or *supersedes* names no fact.
        """
        user = self._user(user_id)
        text = " ".join(inputs.check_text("fact", fact, longest=inputs.MAX_FACT_CHARS).split())
        (text,), _, _ = self._without_secrets([text], {})
        if about not in get_args(About):
            raise InputError(f"about must be 'user' or 'assistant', got {about!r}")
        with self._adding(user):
            remembered = self._memory.long_term.remember(
                user, text, cast("About", about), now=now(), supersedes=supersedes, pinned=pinned
            )
        self._notify(user, "long_term")
        return remembered

    def forget_memory(
        self,
        *,
        page_ids: Sequence[str] = (),
        fact_ids: Sequence[str] = (),
        before: datetime | str | None = None,
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
        user = self._user(user_id)
        moment = None if before is None else inputs.parse_timestamp("before", before)
        self.take_in_spool()  # what waits there may be what is meant
        with self._store.exclusive():
            pages = tuple(self._full_id(user, page_id) for page_id in page_ids)
            selection = forgetting.Selection(pages, tuple(fact_ids), moment, everything)
            forget = self._forgetter.would_forget if dry_run else self._forgetter.forget
            receipt = self._with_files(user, selection, forget(user, selection))
        if dry_run:
            return receipt
        if everything:
            self._worker.forget(user)
            self._ledger.forget(user)
        for what in ("short_term", "mid_term", "long_term"):
            self._notify(user, what)
        return receipt

    def _with_files(self, user: str, selection: forgetting.Selection, receipt: ForgetReceipt) -> ForgetReceipt:
        """
        Forget what hooks left in the spool too, and return the receipt with that and with what is out of reach.

        Under the lock: another process may be about to take it in.
        """
        folder = self.settings.data_dir
        spooled, files = 0, receipt.files
        if selection.everything or selection.before is not None:
            kept = hook_inbox.kept_of(folder, user, selection.before)
            try:
                spooled = len(kept) if receipt.dry_run else hook_inbox.drop(kept)
            except OSError as exc:
                raise StoreUnavailableError(f"what hooks left cannot be removed: {exc}; forget again") from exc
        if aside := ", ".join(str(path) for path in set_aside(folder)):
            beyond = f"not in {aside}, set aside by doctor --repair: delete that when nothing in it is missed"
            files = f"{files}, but {beyond}" if files else beyond
        return replace(receipt, places={**receipt.places, "spool": spooled}, files=files)

    def _page(self, place: int, exchange: Exchange) -> tuple[Page, tuple[str, ...]]:
        try:
            return self._checked(exchange)
        except InputError as exc:
            raise InputError(f"exchange {place}: {exc}") from exc

    def _checked(self, exchange: Exchange) -> tuple[Page, tuple[str, ...]]:
        """Return *exchange* as a page without id, and the kinds of secrets taken out of it; or raise `InputError`."""
        limits = self.settings
        said = [
            inputs.check_side("user_input", exchange.user_input, longest=limits.max_text_chars),
            inputs.check_side("agent_response", exchange.agent_response, longest=limits.max_text_chars),
        ]
        given = inputs.check_metadata(exchange.metadata, longest=limits.max_metadata_chars)
        (user_input, agent_response), metadata, removed = self._without_secrets(said, given)
        page = Page(
            page_id="",
            user_input=user_input,
            agent_response=agent_response,
            timestamp=now() if exchange.timestamp is None else inputs.parse_timestamp("timestamp", exchange.timestamp),
            metadata=metadata,
            project=self._project_label(exchange.project),
        )
        return page, removed

    def _all_identified(self, user: str, pages: Sequence[Page]) -> list[tuple[Page, bool]]:
        """Do what `_identified` does for many, with one look into each tier. Under the lock."""
        named = [
            replace(page, page_id=make_page_id(page.user_input, page.agent_response, page.timestamp)) for page in pages
        ]
        ids = list({page.page_id for page in named})
        mid_term = self._memory.mid_term
        there = {page.page_id for page in self._memory.short_term.pages(user)}
        there |= {page.page_id for page in mid_term.pages(user, ids, archive=True)}
        return [self._identified(user, page) if page.page_id in there else (page, False) for page in named]

    def _without_secrets(
        self, texts: Sequence[str], metadata: Mapping[str, Any]
    ) -> tuple[list[str], Mapping[str, Any], tuple[str, ...]]:
        """Return texts and metadata as they may be stored, and the kinds of secrets taken out of them."""
        if not self.settings.redact_secrets:
            return list(texts), metadata, ()
        found = [redact(text) for text in texts]
        kept, kinds = redact_json(metadata)
        return [each.text for each in found], kept, (*(kind for each in found for kind in each.kinds), *kinds)

    def _refuse_too_many(self, user: str, adding: int) -> None:
        """Raise `InputError` when a limit is set and reached. Under the lock."""
        most, memory = self.settings.max_pages, self._memory
        if not most:
            return
        count = len(memory.short_term.pages(user)) + memory.mid_term.page_count(user)
        count += memory.mid_term.archived_count(user)
        if count + adding > most:
            raise InputError(
                f"user {user!r} has {count:,} pages and MEMORYOS_MAX_PAGES allows {most:,}: forget some "
                "(forget_memory with before), or raise it"
            )

    def _identified(self, user: str, page: Page) -> tuple[Page, bool]:
        """Return *page* with its id, and whether it is stored already. Under the lock."""
        salt = 0
        while True:
            id_ = make_page_id(page.user_input, page.agent_response, page.timestamp, salt)
            found = self._find(user, id_)
            if found is None:
                return replace(page, page_id=id_), False
            if (found[0].user_input, found[0].agent_response) == (page.user_input, page.agent_response):
                return found[0], True
            salt += 1

    def _arrival_numbers(self, user: str, count: int) -> int:
        """Return the first of *count* numbers above those of short-term and mid-term pages. Under the store's lock."""
        stored = [page.sequence for page in self._memory.short_term.pages(user)[-1:]]
        stored += [segment.last_sequence for segment in self._memory.mid_term.segments(user).values()]
        return self._arrivals.take(count, after=max(stored, default=0))


def _result(page_id: str, unseen: set[str], pending: int) -> AddResult:
    """Return the receipt of one of many pages: of equal ones the first is the stored one."""
    stored = page_id in unseen
    unseen.discard(page_id)
    return AddResult(page_id, "stored" if stored else "duplicate", pending)
