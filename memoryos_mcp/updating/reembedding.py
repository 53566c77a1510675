"""
Re-embedding: pages and segments that have no vectors of the present embedder get them, batch by batch.

It is how vectors come about wherever consolidation did not make them at once: after a change of embedder, behind a
process with another one, when an endpoint was out of reach, beside forgotten pages, after a place was lost. What is
done is what is stored, so it goes on where it was interrupted. The embedder is asked outside the store's lock.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..domain.records import Page
from ..domain.similarity import unit
from ..tiers.memory import BATCH_PAGES, Memory, page_text
from ..tiers.mid_term import SegmentVector

__all__ = ["Reembedder"]

_READ_PAGES = 16
"""Pages in a batch for a model that reads each turn in its context: other work waits for the batch, a second or two."""

logger = logging.getLogger(__name__)

_BEFORE, _AFTER = 2, 1
"""Pages around a batch that are read too: one lends context, and the one before gets its context anew."""


@dataclass
class _Survey:
    """A user's pages in order, and the places in it of those without vectors, the next ones last."""

    order: list[str]
    lacking: list[int] = field(default_factory=list)


class Reembedder:
    """
    Makes the vectors that one `Memory` lacks. One thread at a time, but `forget`, which any may call.

    The store's lock guards `_tidied`, `_surveys` and `_before`.

    Args:
        memory: The tiers.
        keeps: Whether the vectors of another embedder, by its name, are kept once those of the present one are
            complete.
    """

    def __init__(self, memory: Memory, keeps: Callable[[str], bool] = lambda name: True) -> None:
        self._memory = memory
        self._keeps = keeps
        self._tidied: set[str] = set()
        self._surveys: dict[str, _Survey] = {}
        self._before: dict[str, tuple[int, int]] = {}

    @property
    def embedder(self) -> str:
        """The name of the embedder that makes them."""
        return self._memory.embedder.name

    def left(self, user_id: str) -> int:
        """Return how many pages have no vectors yet."""
        with self._memory.store.exclusive(user_id):
            done, pages = self._memory.index.progress(user_id)
        return max(0, pages - done)

    def left_soon(self, user_id: str) -> bool:
        """Whether something is left that one batch of pages and as many segments can do: worth waiting for."""
        with self._memory.store.exclusive(user_id):
            pages, segments = self.left(user_id), len(self._bare(user_id))
        return bool(pages or segments) and max(pages, segments) <= BATCH_PAGES

    def step(self, user_id: str) -> bool:
        """
        Make the vectors of one batch of pages, or of one segment; return whether there may be more to do.

        Raises:
            EmbedderError: The embedder failed; nothing was changed.
        """
        with self._memory.store.exclusive(user_id):
            survey = self._surveys.get(user_id) or self._survey(user_id)
        if survey is None:
            return self._locate_segment(user_id) or self._tidy(user_id)
        count = _READ_PAGES if self._memory.index.with_tokens else BATCH_PAGES
        self._embed_batch(user_id, survey.order, sorted(survey.lacking[-count:]))
        with self._memory.store.exclusive(user_id):
            del survey.lacking[-count:]
            if not survey.lacking and self._surveys.get(user_id) is survey:
                del self._surveys[user_id]
        return True

    def drop_former(self, user_id: str, keeps: Callable[[str], bool]) -> None:
        """Drop the vectors of other embedders that are not kept, if those of the present one are complete."""
        memory = self._memory
        with memory.store.exclusive(user_id):
            if self.left(user_id) or self._bare(user_id):
                return
            derived = [place.partition(".")[2] for place in memory.store.places(user_id) if "." in place]
            for name in sorted(set(derived) - {self.embedder}):
                if not keeps(name):
                    logger.info("the vectors of the embedder %s are dropped: those of %s serve", name, self.embedder)
                    memory.index.drop_vectors(user_id, name)
                    memory.mid_term.drop_vectors(user_id, name)

    def _tidy(self, user_id: str) -> bool:
        """Once in a process's life, look for vectors of other embedders; return False, as nothing is left to make."""
        with self._memory.store.exclusive(user_id):
            if user_id not in self._tidied:
                self._tidied.add(user_id)
                self.drop_former(user_id, self._keeps)
        return False

    def forget(self, user_id: str) -> None:
        """Look anew at what is to be done; what a batch under way had found is not gone on with."""
        with self._memory.store.exclusive(user_id):
            self._surveys.pop(user_id, None)
            self._before.pop(user_id, None)

    def _survey(self, user_id: str) -> _Survey | None:
        """
        Return what is to be done; None when every page has its vectors, or a whole round changed nothing.

        Under the store's lock.
        """
        index = self._memory.index
        done, pages = index.progress(user_id)
        if done == pages or self._before.pop(user_id, None) == (done, pages):
            return None
        self._before[user_id] = (done, pages)
        if done > pages:
            mid_term = self._memory.mid_term
            index.remove_strays(user_id, {*mid_term.page_ids(user_id), *mid_term.archived_ids(user_id)})
        order, embedded = index.order(user_id), index.embedded_ids(user_id)
        lacking = [place for place, page_id in enumerate(order) if page_id not in embedded]
        if not lacking:
            return None
        survey = self._surveys[user_id] = _Survey(order, lacking[::-1])
        return survey

    def _embed_batch(self, user_id: str, order: Sequence[str], batch: Sequence[int]) -> None:
        """Make and store the vectors of the pages at the places *batch* of *order*."""
        index, mid_term = self._memory.index, self._memory.mid_term
        near = sorted({place + step for place in batch for step in range(-_BEFORE, _AFTER + 1)})
        places = [place for place in near if 0 <= place < len(order)]
        pages = {page.page_id: page for page in mid_term.pages(user_id, [order[at] for at in places], archive=True)}
        runs: list[list[Page]] = []
        for at, place in enumerate(places):
            if not at or places[at - 1] != place - 1:
                runs.append([])
            runs[-1] += [pages[order[place]]] if order[place] in pages else []
        made = index.embedded_runs([run for run in runs if run], {order[place] for place in batch})
        with self._memory.store.exclusive(user_id):
            index.put_vectors(user_id, made)

    def _locate_segment(self, user_id: str) -> bool:
        """Give a segment without a vector one: until then no page can join it. Return whether there was one."""
        mid_term = self._memory.mid_term
        with self._memory.store.exclusive(user_id):
            pages = next((found for id_ in self._bare(user_id) if (found := mid_term.pages_of(user_id, id_))), [])
        if not pages:
            return False
        vectors = self._memory.embedder.embed([page_text(page) for page in pages])
        vector = SegmentVector(pages[0].segment_id, unit(vectors.sum(axis=0)))
        with self._memory.store.exclusive(user_id):
            there = mid_term.pages(user_id, [page.page_id for page in pages])
            if len(there) == len(pages) and vector.segment_id in mid_term.segments(user_id):
                mid_term.put_vectors(user_id, [vector])
        return True

    def _bare(self, user_id: str) -> list[str]:
        """Return the ids of the segments without a vector."""
        mid_term = self._memory.mid_term
        located = mid_term.vectors(user_id)
        segments = mid_term.segments(user_id).values()
        return sorted(item.segment_id for item in segments if item.pages and item.segment_id not in located)
