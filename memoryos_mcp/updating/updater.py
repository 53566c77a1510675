"""
The updater: pages move on from short-term memory, segments get promoted, the coldest are evicted (paper, section 3.3).

Each step is small, idempotent by page id, and writes the new place before it removes the old, so a crash at any point
leaves every page in at least one place and `repair` finishes the move. Analysis runs outside the store's lock; writing
runs inside. Nothing here knows threads: `worker` owns when steps run, and which of two updaters runs them: the one of
the configured analyzer, or the one of the `local` analyzer that stands in while a model does not answer.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from ..domain.errors import AnalyzerFormatError, EmbedderError
from ..domain.protocols import Analyzer, Vectors
from ..domain.records import Batch, BatchAnalysis, Fact, Findings, Page, Segment, Topic
from ..storage.index import MadeVectors
from ..tiers.heat import heat_of
from ..tiers.memory import Memory, page_text
from ..tiers.mid_term import SegmentVector
from .batching import AT_ONCE, Batching, by_now, chain_pages, partition, said_after
from .failure_counts import FailureCounts
from .segment_assignment import Assignment, assign, merge_keywords, merge_summaries

__all__ = ["STAND_IN", "Updater"]

logger = logging.getLogger(__name__)

STAND_IN = "local (stand-in)"
"""Marks what the local analyzer did in a model's place, to be done again."""

_PROMOTED_PAGES = 200
_TRIES = 3

Read = Callable[[Batch, Sequence[Fact]], BatchAnalysis]


class Updater:
    """
    The steps over one `Memory`. Each returns what it changed, as names for listeners: "short_term", "mid_term" ...

    Args:
        memory: The tiers.
        analyzer: Who reads pages.
        heat_threshold: Tau: a hotter segment with unread pages is promoted.
        similarity_threshold: Theta of equation 3.
        clock: Returns the aware UTC now.
        batching: How many pages are read together.
        mark: Stored with what the analyzer did; default its name.
    """

    def __init__(
        self,
        memory: Memory,
        analyzer: Analyzer,
        *,
        heat_threshold: float,
        similarity_threshold: float,
        clock: Callable[[], datetime],
        batching: Batching = AT_ONCE,
        mark: str = "",
    ) -> None:
        self._memory = memory
        self.analyzer = analyzer
        self._tau = heat_threshold
        self._theta = similarity_threshold
        self._clock = clock
        self.batching = batching
        self._mark = mark or analyzer.name
        self._failures = FailureCounts()
        self._notes_at_once = analyzer.eager and self._mark != STAND_IN

    def pending_work(self, user_id: str, *, workable: bool = False) -> int:
        """
        Return how many pages wait to be noted or consolidated, plus the segments to be promoted or evicted.

        With *workable*, pages that wait for a batch to fill which nobody but a host can hurry do not count.
        """
        memory = self._memory
        with memory.store.exclusive(user_id):
            pages = memory.short_term.pages(user_id)
            over = max(0, len(pages) - memory.short_term.capacity)
            if workable and not self.batching.on_demand and over < self.batching.least:
                over = 0
            waiting = sum(place < over or self._unread(page) for place, page in enumerate(pages))
            crowd = len(memory.mid_term.segments(user_id)) - memory.mid_term.capacity
            return waiting + len(self._hot(user_id)) + max(0, crowd)

    def step(self, user_id: str, *, force: bool = False) -> set[str]:
        """
        Run the first step that has work and return what changed; an empty set means that nothing is to be done now.

        With *force*, a batch need not be full.
        """
        changed = self.note(user_id)
        if not changed and self._due(user_id, force):
            changed = self.consolidate(user_id)
        return changed or self.promote(user_id) or self.evict(user_id) or self.redo(user_id)

    def note(self, user_id: str) -> set[str]:
        """
        Let an eager analyzer read new pages at once; those about to be consolidated are read there.

        We depart from the paper here: a fact said once (an allergy, a move) does not wait for its topic to get hot.
        """
        memory = self._memory
        queue = memory.short_term.pages(user_id)
        pages = [page for page in queue[-memory.short_term.capacity :] if self._unread(page)]
        if not pages:
            return set()
        again = said_after(queue, pages)
        findings = self.analyzer.note(by_now([*pages, *again], self._clock()), self._facts_in_force(user_id), queue)
        with memory.store.exclusive(user_id):
            held = {page.page_id for page in memory.short_term.pages(user_id)}
            if any(page.page_id not in held for page in pages):
                return {"noted"}  # forgotten while it was read: look again
            read = [page.page_id for page in again]
            learnt = memory.long_term.revise(user_id, read, findings, instead_of=self._mark, analyzer=self._mark)
            memory.short_term.put(user_id, [replace(page, noted=True) for page in pages])
        return {"noted", "long_term"} if learnt else {"noted"}

    def consolidate(self, user_id: str, read: Read | None = None, mark: str = "") -> set[str]:
        """
        Move the oldest pages over capacity to mid-term memory.

        Args:
            user_id: Whose.
            read: Gives the analysis instead of the analyzer: a host's answer.
            mark: Who gave it.
        """
        batch, before = self._batch(user_id)
        if not batch.pages:
            return set()
        embedded = self._vectors_of(batch.pages, before, patient=read is None)  # before a model is paid for its answer
        known = self._facts_in_force(user_id)
        analysis = (read or self.analyzer.analyze_batch)(batch, known)
        unread = [page for page in batch.pages if self.analyzer.eager and not page.noted and not read]
        near = [*before, *self._memory.short_term.pages(user_id)]
        findings = self.analyzer.note(by_now(unread, self._clock()), known, near) if unread else analysis.findings
        return self._settle(user_id, batch, before, analysis, findings, embedded, mark or self._mark)

    def pending_batch(self, user_id: str) -> tuple[Batch, list[Fact]]:
        """Return the batch that the next consolidation takes, perhaps empty, and the facts known."""
        return self._batch(user_id)[0], self._facts_in_force(user_id)

    def promote(self, user_id: str, *, force: bool = False) -> set[str]:
        """
        Analyse one hot segment; profile, traits and facts are updated and L_interaction becomes 0.

        With *force*, the hottest segment with unread pages need not be above tau.
        """
        memory = self._memory
        hot = self._hot(user_id, at_least=0.0 if force else None)
        if not hot:
            return set()
        segment = hot[0]
        pages = memory.mid_term.pages_of(user_id, segment.segment_id)[-_PROMOTED_PAGES:]
        findings = self.analyzer.analyze_segment(segment, pages, self._facts_in_force(user_id))
        with memory.store.exclusive(user_id):
            current = memory.mid_term.segments(user_id).get(segment.segment_id)
            if current is None or not self._all_there(user_id, pages):
                return {"mid_term"}  # forgotten while it was read: look again
            learnt = memory.long_term.apply(user_id, findings, self._mark)
            unread = max(0, current.interactions - segment.interactions)
            promoted = replace(
                current,
                interactions=unread,
                promoted_sequence=segment.last_sequence,
                analyzer=STAND_IN if self._mark == STAND_IN else current.analyzer,
            )
            memory.mid_term.put_segments(user_id, [promoted])
        return {"mid_term", "long_term"} if learnt else {"mid_term"}

    def evict(self, user_id: str) -> set[str]:
        """Move the coldest segment to the archive when there are more than the capacity."""
        memory = self._memory
        with memory.store.exclusive(user_id):
            if len(memory.mid_term.segments(user_id)) <= memory.mid_term.capacity:
                return set()
            segment = memory.mid_term.coldest(user_id, self._clock())
            assert segment is not None
            pages = memory.mid_term.pages_of(user_id, segment.segment_id)
            memory.mid_term.archive(user_id, segment, pages)
            memory.index.archive(user_id, [page.page_id for page in pages])
        return {"mid_term"}

    def visit(self, user_id: str, visits: dict[str, int]) -> None:
        """Add retrievals to N_visit of segments and renew their recency; segments gone since are ignored."""
        memory = self._memory
        with memory.store.exclusive(user_id):
            segments = memory.mid_term.segments(user_id)
            now = self._clock()
            memory.mid_term.put_segments(
                user_id,
                [
                    replace(segments[id_], visits=segments[id_].visits + count, last_visit=now)
                    for id_, count in visits.items()
                    if id_ in segments
                ],
            )

    def redo(self, user_id: str) -> set[str]:
        """Let the analyzer read again a batch of pages that the local one read in its place."""
        memory = self._memory
        if self._mark == STAND_IN or self.analyzer.eager or not self.batching.on_demand:
            return set()
        pages = memory.mid_term.analyzed_by(user_id, STAND_IN, self.batching.most)
        if not pages:
            return self._unread_again(user_id)
        previous = memory.mid_term.pages(user_id, [pages[0].previous_id]) if pages[0].previous_id else []
        batch = Batch(tuple(pages), previous[0] if previous else None)
        analysis = self._read_again(user_id, batch)
        if analysis is None:
            return {"mid_term"}
        summaries = {link.page_id: link.chain_summary for link in analysis.links}
        with memory.store.exclusive(user_id):
            if not self._all_there(user_id, [*pages, *previous]):
                return {"mid_term"}  # forgotten while it was read: look again
            read = {page.page_id for page in pages}
            memory.long_term.revise(user_id, read, analysis.findings, instead_of=STAND_IN, analyzer=self._mark)
            self._retitle(user_id, pages, analysis.topics)
            memory.mid_term.put_pages(
                user_id,
                [
                    replace(page, chain_summary=summaries.get(page.page_id, page.chain_summary), analyzer=self._mark)
                    for page in pages
                ],
            )
        return {"mid_term", "long_term"}

    def _read_again(self, user_id: str, batch: Batch) -> BatchAnalysis | None:
        """Return the model's analysis; None when it failed on these pages for the third time and was given up."""
        first = batch.pages[0].page_id
        try:
            return self.analyzer.analyze_batch(batch, self._facts_in_force(user_id))
        except AnalyzerFormatError:  # an answer came and was no use: the same pages may never get a better one
            if self._failures.botched(first, _TRIES) < _TRIES:
                raise
            local = [replace(page, analyzer="local") for page in batch.pages]
            with self._memory.store.exclusive(user_id):
                if self._all_there(user_id, batch.pages):
                    self._memory.mid_term.put_pages(user_id, local)
            return None

    def _unread_again(self, user_id: str) -> set[str]:
        """Have the model promote what the local analyzer promoted in its place."""
        mid_term = self._memory.mid_term
        stood_in = [item for item in mid_term.segments(user_id).values() if item.analyzer == STAND_IN]
        least = self.batching.least_promoted
        mid_term.put_segments(
            user_id,
            [
                replace(item, analyzer=self._mark, interactions=max(least, item.interactions), promoted_sequence=0)
                for item in stood_in
            ],
        )
        return {"mid_term"} if stood_in else set()

    def _all_there(self, user_id: str, pages: Sequence[Page]) -> bool:
        """Whether pages read outside the lock are still in mid-term memory. Under the lock."""
        return len(self._memory.mid_term.pages(user_id, [page.page_id for page in pages])) == len(pages)

    def _retitle(self, user_id: str, pages: Sequence[Page], topics: Sequence[Topic]) -> None:
        """Give segments the words of topics that lie wholly within them; one that was stood in for is unread again."""
        segments = self._memory.mid_term.segments(user_id)
        home = {page.page_id: page.segment_id for page in pages}
        changed: dict[str, Segment] = {}
        for topic in topics:
            homes = {home[id_] for id_ in topic.page_ids if id_ in home}
            segment = segments.get(next(iter(homes))) if len(homes) == 1 else None
            if segment is None:
                continue
            old = changed.get(segment.segment_id) or segment
            stood_in = old.analyzer == STAND_IN
            changed[old.segment_id] = replace(
                old,
                summary=topic.summary if stood_in else merge_summaries(old.summary, topic.summary),
                keywords=topic.keywords if stood_in else merge_keywords(old.keywords, topic.keywords),
                interactions=old.pages if stood_in else old.interactions,
                promoted_sequence=0 if stood_in else old.promoted_sequence,
                analyzer=self._mark,
            )
        self._memory.mid_term.put_segments(user_id, list(changed.values()))

    def _batch(self, user_id: str) -> tuple[Batch, list[Page]]:
        """Return the pages to consolidate next, and those consolidated before them."""
        overflow = self._memory.short_term.overflow(user_id)[: self.batching.most]
        before = self._context(user_id) if overflow else []
        return Batch(tuple(overflow), before[-1] if before else None), before

    def _due(self, user_id: str, force: bool) -> bool:
        """Whether there are pages over capacity enough, or old enough, or somebody waits for them."""
        overflow = self._memory.short_term.overflow(user_id)
        if not overflow or len(overflow) >= self.batching.least or (force and self.batching.on_demand):
            return bool(overflow)
        waited = timedelta(seconds=self._clock().timestamp() - overflow[0].sequence / 1e9)  # order of arrival is in ns
        return self.batching.linger is not None and waited > self.batching.linger

    def _facts_in_force(self, user_id: str) -> list[Fact]:
        return list(self._memory.long_term.facts(user_id).values())

    def _settle(
        self,
        user_id: str,
        batch: Batch,
        before: Sequence[Page],
        analysis: BatchAnalysis,
        findings: Findings,
        embedded: tuple[Vectors, MadeVectors | None],
        mark: str,
    ) -> set[str]:
        """Write what a batch's analysis says, and move its pages."""
        memory, (vectors, made) = self._memory, embedded
        pages = chain_pages(batch, analysis, mark)
        keywords = [self.analyzer.keywords(page) for page in pages]
        with memory.store.exclusive(user_id):
            queue = memory.short_term.pages(user_id)
            held = {page.page_id for page in queue}
            if any(page.page_id not in held for page in pages) or not self._all_there(user_id, before):
                return {"short_term"}  # forgotten while it was read: look again
            outcome = assign(
                pages,
                vectors,
                keywords,
                partition(pages, analysis.topics),
                segments=memory.mid_term.segments(user_id),
                vectors=memory.mid_term.vectors(user_id) if made is not None else _nowhere(memory, user_id),
                threshold=self._theta,
                now=self._clock(),
                analyzer=mark,
                summarize=self.analyzer.summarize,
            )
            learnt = memory.long_term.apply(user_id, findings, mark)
            self._move_pages(user_id, outcome, made)
        return {"short_term", "mid_term", "long_term"} if learnt else {"short_term", "mid_term"}

    def _unread(self, page: Page) -> bool:
        return self._notes_at_once and not page.noted

    def _hot(self, user_id: str, at_least: float | None = None) -> list[Segment]:
        """Return segments over tau (or *at_least*) that hold pages no promotion has read, hottest first."""
        now, tau = self._clock(), self._tau if at_least is None else at_least
        segments = self._memory.mid_term.segments(user_id).values()
        least = 1 if at_least is not None else self.batching.least_promoted
        hot = [segment for segment in segments if segment.interactions >= least and heat_of(segment, now) > tau]
        return sorted(hot, key=lambda segment: heat_of(segment, now), reverse=True)

    def _context(self, user_id: str) -> list[Page]:
        """Return the pages consolidated last, oldest first, at most two."""
        segments = self._memory.mid_term.segments(user_id).values()
        newest = max(segments, key=lambda segment: segment.last_sequence, default=None)
        if newest is None:
            return []
        last = self._memory.mid_term.pages(user_id, [newest.last_page_id])
        earlier = self._memory.mid_term.pages(user_id, [last[0].previous_id]) if last and last[0].previous_id else []
        return [*earlier, *last]

    def _vectors_of(
        self, pages: Sequence[Page], before: Sequence[Page], *, patient: bool
    ) -> tuple[Vectors, MadeVectors | None]:
        """
        Return the vectors e_p of pages and those of their turns. Not under the lock: an endpoint may take its time.

        An embedder that keeps failing (or fails once, when not *patient*) is done without: keywords alone find a
        segment, words alone find the pages, and the `Reembedder` makes the vectors later.
        """
        memory = self._memory
        try:
            vectors = memory.embedder.embed([page_text(page) for page in pages])
            made = memory.index.changed_vectors(before, pages)
        except EmbedderError as exc:
            if self._failures.unembedded() < _TRIES and patient:
                raise
            logger.warning("%d pages are consolidated without vectors: %s", len(pages), exc)
            return np.zeros((len(pages), 1), np.float32), None
        self._failures.embedded()
        return vectors, made

    def _move_pages(self, user_id: str, outcome: Assignment, made: MadeVectors | None) -> None:
        """Write the new place of pages, then what is derived, then remove them from the old. Under the lock."""
        memory = self._memory
        memory.mid_term.put_pages(user_id, outcome.pages)
        memory.mid_term.put_segments(user_id, outcome.segments)
        located = outcome.vectors if made is not None else {}
        memory.mid_term.put_vectors(user_id, [SegmentVector(*item) for item in located.items()])
        memory.index.add_rows(user_id, outcome.pages)
        if made is not None:
            memory.index.put_vectors(user_id, made)
        memory.short_term.remove(user_id, [page.page_id for page in outcome.pages])


def _nowhere(memory: Memory, user_id: str) -> dict[str, Vectors]:
    """Return a vector of nothing for every segment: what joins it does so by keywords."""
    return dict.fromkeys(memory.mid_term.segments(user_id), np.zeros(1, np.float32))
