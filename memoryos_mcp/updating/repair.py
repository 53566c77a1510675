"""
Repair: what a crash interrupted is finished, and what is derived is brought in step with the documents.

Every move writes its new place before it removes the old, so nothing can be lost; what can be left is a page in two
places, a segment without a record, an index row too few or too many. Runs under the store's lock, idempotent; no
vector is made here (`reembedding` does that).
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ..domain.protocols import Analyzer
from ..domain.records import Page, Segment
from ..tiers.memory import BATCH_PAGES, Memory

__all__ = ["Repairer"]

logger = logging.getLogger(__name__)

_READ_AT_ONCE = 500


class Repairer:
    """
    Mends one `Memory`.

    Args:
        memory: The tiers.
        analyzer: Summarises the segments that are rebuilt; asked for nothing else.
        clock: Returns the aware UTC now.
    """

    def __init__(self, memory: Memory, analyzer: Analyzer, clock: Callable[[], datetime]) -> None:
        self._memory = memory
        self.analyzer = analyzer
        self._clock = clock

    def repair(self, user_id: str, yields: Callable[[], bool] = lambda: False) -> bool:
        """
        Finish what a crash interrupted and bring the derived records in step; return whether anything was wrong.

        An eviction that wrote the archive is completed; pages in both short-term and mid-term memory leave the
        former; segments lost or miscounted are rebuilt from their pages; the rows of the turn index are brought to the
        pages of mid-term memory and the archive. When all is well this costs a few counts.

        Args:
            user_id: Whose.
            yields: Asked before each batch of rows; when true, what is left waits for the next repair.
        """
        memory = self._memory
        with memory.store.exclusive(user_id):
            evicted = self._finish_evictions(user_id)
            queue = [page.page_id for page in memory.short_term.pages(user_id)]
            moved = [page.page_id for page in memory.mid_term.pages(user_id, queue)]
            memory.short_term.remove(user_id, moved)
            miscounted = self._has_wrong_counts(user_id)
        recounted = miscounted and self._rebuild_counts(user_id)
        self.drop_staged(user_id)  # of a rebuild that was interrupted
        out_of_step = self.out_of_step(user_id)
        reindexed = out_of_step and self.reindex(user_id, yields)
        if evicted or moved or recounted:
            logger.warning("finished interrupted work: %d pages moved, %d segments evicted", len(moved), len(evicted))
        if reindexed:
            logger.info("brought the turn index in step with the pages")
        return bool(evicted or moved or recounted or reindexed)

    def out_of_step(self, user_id: str) -> bool:
        """Whether the turn index has other numbers of live and archived rows than there are pages."""
        memory = self._memory
        with memory.store.exclusive(user_id):
            rows, live = memory.index.progress(user_id)[1], memory.index.count(user_id)
            pages, archived = memory.mid_term.page_count(user_id), memory.mid_term.archived_count(user_id)
            return (live, rows) != (pages, pages + archived)

    def reindex(self, user_id: str, yields: Callable[[], bool] = lambda: False) -> bool:
        """
        Bring the rows of the turn index to the pages of mid-term memory and the archive; return whether they differed.

        Pages are added batch by batch, with the store free in between: adds and retrievals go on meanwhile.
        """
        index = self._memory.index
        with self._memory.store.exclusive(user_id):
            live, archived = self._stored_ids(user_id)
            indexed = index.page_ids(user_id), index.page_ids(user_id, archived=True)
        self._restate(user_id, sorted((indexed[0] & archived) | (indexed[1] & live)))
        self._remove_strays(user_id, sorted((indexed[0] | indexed[1]) - live - archived))
        order = self.in_arrival_order(user_id, (live | archived) - indexed[0] - indexed[1])
        for batch in _parts(order, BATCH_PAGES):
            if yields():
                break
            self.add_rows(user_id, batch)
        while index.delete_abandoned_rows(user_id):  # those in the word pieces of another embedder
            pass
        return indexed != (live, archived)

    def _restate(self, user_id: str, page_ids: Sequence[str]) -> None:
        """Have the rows of pages say where each page lies now: in mid-term memory or in the archive."""
        memory = self._memory
        for batch in _parts(page_ids, BATCH_PAGES):
            with memory.store.exclusive(user_id):
                live = {page.page_id for page in memory.mid_term.pages(user_id, batch)}
                archived = {page.page_id for page in memory.mid_term.archived_pages(user_id, batch)}
                memory.index.archive(user_id, sorted(archived - live))
                memory.index.revive(user_id, sorted(live))

    def _remove_strays(self, user_id: str, page_ids: Sequence[str]) -> None:
        """Remove the rows of those of the pages that are not there."""
        memory = self._memory
        for batch in _parts(page_ids, BATCH_PAGES):
            with memory.store.exclusive(user_id):
                there = {page.page_id for page in memory.mid_term.pages(user_id, batch, archive=True)}
                memory.index.remove(user_id, [page_id for page_id in batch if page_id not in there])

    def drop_staged(self, user_id: str) -> None:
        """Remove rows that were staged, and what is left of rows that others took the place of."""
        index = self._memory.index
        with self._memory.store.exclusive(user_id):
            index.drop_staged(user_id)
        while index.delete_abandoned_rows(user_id):
            pass

    def add_rows(self, user_id: str, page_ids: Sequence[str], *, staged: bool = False) -> None:
        """Add rows of those of the pages that are still there, archived ones as such."""
        memory = self._memory
        with memory.store.exclusive(user_id):
            live = {page.page_id: page for page in memory.mid_term.pages(user_id, page_ids)}
            gone = [page_id for page_id in page_ids if page_id not in live]
            archived = {page.page_id: page for page in memory.mid_term.archived_pages(user_id, gone)} if gone else {}
            pages = {**live, **archived}
            there = [pages[page_id] for page_id in page_ids if page_id in pages]
            memory.index.add_rows(user_id, there, staged=staged)
            memory.index.archive(user_id, list(archived), staged=staged)

    def rebuild_segment(self, user_id: str, segment_id: str, pages: Sequence[Page], old: Segment | None) -> None:
        """
        Write a segment anew from its pages: summary, keywords and counts; visits and times are kept.

        Its vectors go, since pages that left are in them; no page joins it until it has a new one.
        """
        memory, now = self._memory, self._clock()
        ordered = sorted(pages, key=lambda page: page.sequence)
        topic = self.analyzer.summarize(ordered)
        base = old or Segment(segment_id, "", (), now, now)
        segment = replace(
            base,
            summary=topic.summary,
            keywords=topic.keywords,
            pages=len(ordered),
            interactions=sum(page.sequence > base.promoted_sequence for page in ordered),
            last_page_id=ordered[-1].page_id,
            last_sequence=ordered[-1].sequence,
            analyzer=base.analyzer or self.analyzer.name,
        )
        memory.mid_term.put_segments(user_id, [segment])
        memory.mid_term.forget_vectors(user_id, [segment_id])

    def stored_ids(self, user_id: str) -> set[str]:
        """Return the ids of all pages that the turn index should have: of mid-term memory and the archive."""
        live, archived = self._stored_ids(user_id)
        return live | archived

    def _stored_ids(self, user_id: str) -> tuple[set[str], set[str]]:
        """Return the ids of the pages of mid-term memory, and of those that are in the archive alone."""
        mid_term = self._memory.mid_term
        with self._memory.store.exclusive(user_id):
            live = set(mid_term.page_ids(user_id))
            return live, set(mid_term.archived_ids(user_id)) - live

    def in_arrival_order(self, user_id: str, page_ids: Collection[str]) -> list[str]:
        """Return those of the ids that are there in order of arrival."""
        mid_term, arrived = self._memory.mid_term, list[tuple[int, str]]()
        for batch in _parts(sorted(page_ids), _READ_AT_ONCE):
            arrived += [(page.sequence, page.page_id) for page in mid_term.pages(user_id, batch, archive=True)]
        return [page_id for _, page_id in sorted(arrived)]

    def _finish_evictions(self, user_id: str) -> list[str]:
        """Remove from mid-term memory every segment that stands in the archive already; return their ids."""
        mid_term = self._memory.mid_term
        archived = {segment.segment_id for segment in mid_term.archived_segments(user_id)}
        unfinished = sorted(archived & set(mid_term.segments(user_id)))
        for segment_id in unfinished:
            mid_term.remove_pages(user_id, [page.page_id for page in mid_term.pages_of(user_id, segment_id)])
        mid_term.remove_segments(user_id, unfinished)
        return unfinished

    def _has_wrong_counts(self, user_id: str) -> bool:
        """Whether the segments' page counts do not add up to the pages there are."""
        segments = self._memory.mid_term.segments(user_id).values()
        return sum(segment.pages for segment in segments) != self._memory.mid_term.page_count(user_id)

    def _rebuild_counts(self, user_id: str) -> bool:
        """Rebuild segments whose count differs from their pages, from those pages."""
        memory, grouped = self._memory, Counter[str]()
        for batch in _parts(sorted(memory.mid_term.page_ids(user_id)), _READ_AT_ONCE):
            grouped.update(page.segment_id for page in memory.mid_term.pages(user_id, batch))
        counted = {segment.segment_id: segment.pages for segment in memory.mid_term.segments(user_id).values()}
        differing = [id_ for id_ in {**counted, **grouped} if counted.get(id_) != grouped[id_] or not grouped[id_]]
        return sum(self._recount_segment(user_id, segment_id) for segment_id in sorted(differing)) > 0

    def _recount_segment(self, user_id: str, segment_id: str) -> bool:
        """Rebuild a segment from its pages, or remove it when it has none; return whether it was miscounted."""
        memory = self._memory
        with memory.store.exclusive(user_id):
            pages, old = (
                memory.mid_term.pages_of(user_id, segment_id),
                memory.mid_term.segments(user_id).get(segment_id),
            )
            if pages and (old is None or old.pages != len(pages)):
                self.rebuild_segment(user_id, segment_id, pages, old)
            elif old is not None and not pages:
                memory.mid_term.remove_segments(user_id, [segment_id])
            else:
                return False
        return True


def _parts(page_ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield the ids *size* at a time: each part is one hold of the store's lock, and others go on in between."""
    for start in range(0, len(page_ids), size):
        yield page_ids[start : start + size]
