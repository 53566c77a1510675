"""
History from elsewhere: many exchanges and facts at once, with the dates they were said.

`transfer.history` reads the files; here is what stores them: batches, each on disk before the next is read,
consolidated on the way so that short-term memory does not swell. Done twice, everything is known the second time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone

from ..domain.clock import now
from ..domain.errors import InputError
from ..domain.identity import fact_id, page_id
from ..domain.records import Exchange, Fact, Page
from ..tiers.arrivals import Arrivals
from ..tiers.knowledge import active
from ..tiers.memory import Memory
from ..transfer.history import History, ImportedExchange, Knowledge, Skip, Summary
from ..updating.updater import Updater
from .admission import Admission

__all__ = ["HistoryImport"]

AT_ONCE = 512
"""Exchanges that are put on disk before the next ones are read."""
_PROMOTED_EVERY = 4
"""Batches between promotions: what got hot meanwhile is read once instead of at every batch."""
_UNDATED = datetime(1, 1, 1, tzinfo=timezone.utc)

Progress = Callable[[int, int], None]


class HistoryImport:
    """
    Stores a history. The caller holds the user's work lock.

    Args:
        tiers: Where it goes.
        admission: Checks what comes in.
        arrivals: Gives pages their place in the order of arrival.
        updater: Consolidates with the local analyzer, whatever the setting.
    """

    def __init__(self, tiers: Memory, admission: Admission, arrivals: Arrivals, updater: Updater) -> None:
        self._tiers = tiers
        self._admission = admission
        self._arrivals = arrivals
        self._updater = updater

    def store(self, user: str, history: History, progress: Progress) -> None:
        """Store *history*, oldest first; *progress* is called with exchanges done and exchanges in all."""
        total, done = history.exchanges, 0
        places = self._places(user, history)
        for number, batch in enumerate(_batches(history), start=1):
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
        with self._tiers.store.exclusive(user):
            queue = self._tiers.short_term.pages(user)
            at = next((place for place, page in enumerate(queue) if latest and page.timestamp > latest), len(queue))
            newest = self._tiers.mid_term.newest_sequence(user)
            start = max([0, newest, *(page.sequence for page in queue[:at])]) + 1
            if not queue[at:] or start + count > queue[at].sequence:
                start = self._arrivals.take(user, count).start
        return iter(range(start, start + count))

    def _add_batch(self, user: str, batch: Sequence[ImportedExchange], places: Iterator[int], summary: Summary) -> None:
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
        with self._admission.lock_to_add(user):
            there = self._admission.stored_among(user, list(pages))
            new = [page for id_, page in pages.items() if id_ not in there]
            self._admission.refuse_too_many(user, len(new))
            new = [replace(page, sequence=next(places)) for page in new]
            self._tiers.short_term.put(user, new)
        summary.known += len(pages) - len(new)
        summary.stored += len(new)

    def _told_page(self, told: ImportedExchange) -> Page:
        """Return the page of an exchange; one without a date of its own is known by its texts alone."""
        given = Exchange(told.user_input, told.agent_response, told.said_at, told.metadata, told.project)
        page, _ = self._admission.page_of(given)
        identity = page.timestamp if told.dated else _UNDATED
        return replace(page, page_id=page_id(page.user_input, page.agent_response, identity))

    def _move_on(self, user: str, *, promote: bool) -> None:
        """Consolidate what is over capacity, and promote what got hot."""
        updater = self._updater
        while updater.consolidate(user) or (promote and updater.promote(user)) or updater.evict(user):
            pass

    def _remember_batch(self, user: str, told: Sequence[Knowledge], summary: Summary) -> None:
        """Store facts with the time they were said and where they come from."""
        if not told:
            return
        long_term = self._tiers.long_term
        with self._admission.lock_to_add(user):
            facts = long_term.facts(user)
            held = {(fact.about, fact.fact) for fact in active(facts.values())}
            new = list[Fact]()
            for item in told:
                said_at = item.said_at or now()
                (text,), _, _ = self._admission.without_secrets([item.text], {})
                fact = Fact(fact_id(item.about, text, said_at), text, item.about, (), said_at, analyzer=item.source)
                if (fact.about, fact.fact) in held or fact.fact_id in facts:
                    summary.known_facts += 1
                    continue
                held.add((fact.about, fact.fact))
                new.append(fact)
            over = long_term.admit(user, new)
            summary.stored_facts += len(new) - over
            summary.facts_over_capacity += over


def _batches(history: History) -> Iterator[list[ImportedExchange]]:
    batch: list[ImportedExchange] = []
    for exchange in history:
        batch.append(exchange)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
