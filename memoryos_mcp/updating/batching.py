"""
Batches of pages on their way to mid-term memory: how many go together, and an analysis made to fit them.

Pure: an analyzer may leave pages out, name them twice or invent them; what comes out of here covers each page once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..domain.identity import new_id
from ..domain.records import Batch, BatchAnalysis, ChainLink, Page, Topic
from ..tiers.memory import BATCH_PAGES

__all__ = ["AT_ONCE", "Batching", "by_now", "chain_pages", "partition", "said_after"]

_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Batching:
    """
    How many pages are consolidated together.

    Args:
        least: Pages over capacity before a batch is worth it; a model's calls cost.
        most: Pages in one batch.
        linger: After this time fewer than `least` are worth it too; None: never.
        on_demand: Whether a caller who waits gets fewer than `least` consolidated at once.
        least_promoted: Unread pages in a hot segment before a promotion is worth it. The paper promotes on heat alone,
            and a segment often visited stays hot, so that each new page in it would cost a model's call.
    """

    least: int = 1
    most: int = BATCH_PAGES
    linger: timedelta | None = None
    on_demand: bool = True
    least_promoted: int = 1


AT_ONCE = Batching()
"""For an analyzer that costs nothing: whatever is over capacity goes, up to 64 pages together."""


def chain_pages(batch: Batch, analysis: BatchAnalysis, analyzer: str) -> list[Page]:
    """Return the batch's pages with chain id, running summary and predecessor filled in."""
    links = {link.page_id: link for link in analysis.links}
    pages, previous = list[Page](), batch.previous
    for page in batch.pages:
        link = links.get(page.page_id, ChainLink(page.page_id, continues=False, chain_summary=""))
        chain = previous.chain_id if link.continues and previous is not None and previous.chain_id else new_id("c")
        previous = replace(
            page,
            chain_id=chain,
            chain_summary=link.chain_summary,
            previous_id=previous.page_id if previous is not None else "",
            noted=True,
            analyzer=analyzer,
        )
        pages.append(previous)
    return pages


def partition(pages: Sequence[Page], topics: Sequence[Topic]) -> list[Topic]:
    """Return *topics* as a partition of *pages*: ids not asked for or named twice go, pages left out share a topic."""
    wanted = {page.page_id for page in pages}
    partition = []
    for topic in topics:
        ids = tuple(id_ for id_ in dict.fromkeys(topic.page_ids) if id_ in wanted)
        wanted.difference_update(ids)
        if ids:
            partition.append(replace(topic, page_ids=ids))
    rest = tuple(page.page_id for page in pages if page.page_id in wanted)
    return [*partition, Topic(rest, "", ())] if rest else partition


def said_after(queue: Sequence[Page], new: Sequence[Page]) -> list[Page]:
    """Return the pages read already that were said after one of the *new*, which may change what they mean."""
    first = min(page.timestamp for page in new)
    return [page for page in queue if page.noted and page.timestamp > first]


def by_now(pages: Sequence[Page], now: datetime) -> list[Page]:
    """Return the pages dated at most a day ahead of *now*: from a page of the future nothing is learnt."""
    return [page for page in pages if page.timestamp <= now + _AHEAD]
