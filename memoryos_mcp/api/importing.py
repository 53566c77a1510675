"""
History from elsewhere: many exchanges and facts at once, with the dates they were said.

`history` reads the files; here is what stores them: batches, each on disk before the next is read, consolidated on
the way so that short-term memory does not swell. Done twice, everything is known the second time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from ..domain import inputs
from ..domain.errors import InputError
from ..domain.identity import fact_id, page_id
from ..domain.records import Exchange as Given
from ..domain.records import Fact, Page
from ..tiers.knowledge import active
from ..transfer.history import AUTO, Exchange, History, Knowledge, Skip, Summary, read_history
from .composition import now
from .remembering import Writing

__all__ = ["Importing"]

_AT_ONCE = 512
_PROMOTED_EVERY = 4
"""Batches between promotions: what got hot meanwhile is read once instead of at every batch."""
_WAIT_S = 60.0
_UNDATED = datetime(1, 1, 1, tzinfo=timezone.utc)

Progress = Callable[[int, int], None]


class Importing(Writing):
    """Bringing a history from other programs."""

    def import_history(
        self,
        path: Path | str,
        *,
        format: str = AUTO,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        dry_run: bool = False,
        progress: Progress = lambda done, total: None,
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
            since: Only exchanges and facts from this time on.
            until: Only exchanges and facts up to this time.
            dry_run: Only count.
            progress: Called with exchanges done and exchanges in all.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: The path or the format cannot be used; nothing was stored.
        """
        user = self._user(user_id)
        first = None if since is None else inputs.parse_timestamp("since", since)
        last = None if until is None else inputs.parse_timestamp("until", until)
        with read_history(Path(path), format, since=first, until=last) as history:
            if not dry_run:
                with self._worker.exclusively(user, _WAIT_S):
                    self._store_history(user, history, progress)
                self._worker.wake(user)
                for what in ("short_term", "mid_term", "long_term"):
                    self._notify(user, what)
            return history.summary

    def _store_history(self, user: str, history: History, progress: Progress) -> None:
        total, done = history.exchanges, 0
        places = self._places(user, history)
        for number, batch in enumerate(_batched(history), start=1):
            self._add_batch(user, batch, places, history.summary)
            self._move_on(user, promote=number % _PROMOTED_EVERY == 0)
            done += len(batch)
            progress(done, total)
        self._move_on(user, promote=True)
        self._remember_batch(user, list(history.knowledge()), history.summary)

    def _places(self, user: str, history: History) -> Iterator[int]:
        """
        Return orders of arrival: before what short-term memory holds of later than the history's end, else after all.

        What is said now stays the newest, whatever is imported and however often: places are taken from below.
        """
        latest, count = history.latest, history.exchanges
        with self._store.exclusive():
            queue = self._memory.short_term.pages(user)
            at = next((place for place, page in enumerate(queue) if latest and page.timestamp > latest), len(queue))
            newest = self._memory.mid_term.newest_sequence(user)
            start = max([0, newest, *(page.sequence for page in queue[:at])]) + 1
            if not queue[at:] or start + count > queue[at].sequence:
                start = self._arrival_numbers(user, count)
        return iter(range(start, start + count))

    def _add_batch(self, user: str, batch: Sequence[Exchange], places: Iterator[int], summary: Summary) -> None:
        """Put what is new into short-term memory; on disk on return."""
        pages: dict[str, Page] = {}
        for exchange in batch:
            try:
                page = self._told_page(exchange)
            except InputError:
                summary.skip(Skip("over a limit of the settings", f"said {exchange.said_at}"), "the history")
                continue
            if page.page_id in pages:
                summary.known += 1
            pages.setdefault(page.page_id, page)
        with self._adding(user):
            queue = {page.page_id for page in self._memory.short_term.pages(user)}
            there = {page.page_id for page in self._memory.mid_term.pages(user, list(pages), archive=True)} | queue
            new = [page for id_, page in pages.items() if id_ not in there]
            self._refuse_too_many(user, len(new))
            new = [replace(page, sequence=next(places)) for page in new]
            self._memory.short_term.put(user, new)
        summary.known += len(pages) - len(new)
        summary.stored += len(new)

    def _told_page(self, told: Exchange) -> Page:
        """Return the page of an exchange; one without a date of its own is known by its texts alone."""
        given = Given(told.user_input, told.agent_response, told.said_at, told.metadata, told.project)
        page, _ = self._checked(given)
        identity = page.timestamp if told.dated else _UNDATED
        return replace(page, page_id=page_id(page.user_input, page.agent_response, identity))

    def _move_on(self, user: str, *, promote: bool) -> None:
        """Consolidate what is over capacity, and promote what got hot."""
        updater = self._analysis.importer
        while updater.consolidate(user) or (promote and updater.promote(user)) or updater.evict(user):
            pass

    def _remember_batch(self, user: str, told: Sequence[Knowledge], summary: Summary) -> None:
        """Store facts with the time they were said and where they come from."""
        if not told:
            return
        long_term = self._memory.long_term
        with self._adding(user):
            facts = long_term.facts(user)
            held = {(fact.about, fact.fact) for fact in active(facts.values())}
            new = list[Fact]()
            for item in told:
                said_at = item.said_at or now()
                (text,), _, _ = self._without_secrets([item.text], {})
                fact = Fact(fact_id(item.about, text, said_at), text, item.about, (), said_at, analyzer=item.source)
                if (fact.about, fact.fact) in held or fact.fact_id in facts:
                    summary.known_facts += 1
                    continue
                held.add((fact.about, fact.fact))
                new.append(fact)
            over = long_term.admit(user, new)
            summary.stored_facts += len(new) - over
            summary.facts_over_capacity += over


def _batched(history: History) -> Iterator[list[Exchange]]:
    batch: list[Exchange] = []
    for exchange in history:
        batch.append(exchange)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
