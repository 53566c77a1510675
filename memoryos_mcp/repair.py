"""
Repair: what a crash interrupted is finished, and what is derived is brought in step with the documents.

Every move writes its new place before it removes the old, so nothing can be lost; what can be left is a page in two
places, a segment without a record, an index entry too few or too many. Runs under the store's lock, idempotent.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from .mid_term import SegmentVector
from .protocols import Analyzer, Vectors
from .records import Page, Segment
from .similarity import unit
from .tiers import BATCH_PAGES, CONTEXT_PAGES, Memory, page_text

__all__ = ["Repairer"]

logger = logging.getLogger(__name__)


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

    def repair(self, user_id: str) -> bool:
        """
        Finish what a crash interrupted and bring the derived records in step; return whether anything was wrong.

        An eviction that wrote the archive is completed; pages in both short-term and mid-term memory leave the
        former; segments lost or miscounted are rebuilt from their pages; the turn index is brought to the pages of
        mid-term memory. When all is well this costs a few counts.
        """
        memory = self._memory
        with memory.store.exclusive():
            evicted = self._finish_evictions(user_id)
            queue = [page.page_id for page in memory.short_term.pages(user_id)]
            moved = [page.page_id for page in memory.mid_term.pages(user_id, queue)]
            recounted = self._recount(user_id) if self._miscounted(user_id) else False
            out_of_step = memory.index.count(user_id) != memory.mid_term.page_count(user_id)
            memory.short_term.remove(user_id, moved)
        reindexed = out_of_step and self.reindex(user_id)
        located = self._locate_segments(user_id)
        if found := bool(evicted or moved or recounted or reindexed or located):
            logger.warning("finished interrupted work: %d pages moved, %d segments evicted", len(moved), len(evicted))
        return found

    def reindex(self, user_id: str) -> bool:
        """
        Bring the turn index to the pages of mid-term memory; return whether it differed.

        Pages are added batch by batch, with the store free in between: adds and retrievals go on meanwhile.
        """
        memory = self._memory
        with memory.store.exclusive():
            stored = set(memory.mid_term.page_ids(user_id))
            indexed = memory.index.page_ids(user_id)
            gone = sorted(indexed - stored)
            archived = [page.page_id for page in memory.mid_term.archived_pages(user_id, gone)]
            memory.index.archive(user_id, archived)
            memory.index.remove(user_id, sorted(set(gone) - set(archived)))
            missing = stored - indexed
            pages = sorted(memory.mid_term.all_pages(user_id), key=lambda page: page.sequence) if missing else []
            tail = memory.short_term.pages(user_id)[:CONTEXT_PAGES]
        for start in range(0, len(pages), BATCH_PAGES):
            if any(page.page_id in missing for page in pages[start : start + BATCH_PAGES]):
                self._index_batch(user_id, [*pages, *tail], start, min(start + BATCH_PAGES, len(pages)))
        return indexed != stored

    def rebuild_segment(self, user_id: str, segment_id: str, pages: Sequence[Page], old: Segment | None) -> None:
        """Write a segment anew from its pages: summary, keywords, counts and vector; visits and times are kept."""
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
        vectors: Vectors = memory.embedder.embed([page_text(page) for page in ordered])
        memory.mid_term.put_segments(user_id, [segment])
        memory.mid_term.put_vectors(user_id, [SegmentVector(segment_id, unit(vectors.sum(axis=0)))])

    def _index_batch(self, user_id: str, pages: Sequence[Page], start: int, end: int) -> None:
        """Index pages from *start* to *end* that are still there, with their neighbours."""
        memory = self._memory
        with memory.store.exclusive():
            near = pages[max(0, start - CONTEXT_PAGES) : end + CONTEXT_PAGES]
            there = {page.page_id for page in memory.mid_term.pages(user_id, [page.page_id for page in near])}
            there |= {page.page_id for page in memory.short_term.pages(user_id)}
            before = [page for page in pages[max(0, start - CONTEXT_PAGES) : start] if page.page_id in there]
            after = [page for page in pages[end : end + CONTEXT_PAGES] if page.page_id in there]
            memory.index.add(user_id, [page for page in pages[start:end] if page.page_id in there], before, after)

    def _locate_segments(self, user_id: str) -> bool:
        """Give segments without a vector one, as after a change of embedder: until then no page can join them."""
        memory = self._memory
        bare = sorted(set(memory.mid_term.segments(user_id)) - set(memory.mid_term.vectors(user_id)))
        for segment_id in bare:
            pages = memory.mid_term.pages_of(user_id, segment_id)
            if pages:
                vectors = memory.embedder.embed([page_text(page) for page in pages])
                memory.mid_term.put_vectors(user_id, [SegmentVector(segment_id, unit(vectors.sum(axis=0)))])
        return bool(bare)

    def _finish_evictions(self, user_id: str) -> list[str]:
        """Remove from mid-term memory every segment that stands in the archive already; return their ids."""
        mid_term = self._memory.mid_term
        archived = {segment.segment_id for segment in mid_term.archived_segments(user_id)}
        unfinished = sorted(archived & set(mid_term.segments(user_id)))
        for segment_id in unfinished:
            mid_term.remove_pages(user_id, [page.page_id for page in mid_term.pages_of(user_id, segment_id)])
        mid_term.remove_segments(user_id, unfinished)
        return unfinished

    def _miscounted(self, user_id: str) -> bool:
        """Whether the segments' page counts do not add up to the pages there are."""
        segments = self._memory.mid_term.segments(user_id).values()
        return sum(segment.pages for segment in segments) != self._memory.mid_term.page_count(user_id)

    def _recount(self, user_id: str) -> bool:
        """Rebuild segments whose count differs from their pages, from those pages."""
        memory = self._memory
        grouped: dict[str, list[Page]] = {}
        for page in memory.mid_term.all_pages(user_id):
            grouped.setdefault(page.segment_id, []).append(page)
        segments = memory.mid_term.segments(user_id)
        wrong = [id_ for id_, pages in grouped.items() if id_ not in segments or segments[id_].pages != len(pages)]
        for segment_id in wrong:
            self.rebuild_segment(user_id, segment_id, grouped[segment_id], segments.get(segment_id))
        empty = [id_ for id_ in segments if id_ not in grouped]
        memory.mid_term.remove_segments(user_id, empty)
        return bool(wrong or empty)
