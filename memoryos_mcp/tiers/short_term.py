"""Short-term memory: the FIFO queue of the newest pages (paper, section 3.1). Order of arrival is `Page.sequence`."""

from collections.abc import Sequence

from ..domain.protocols import Store
from ..domain.records import Page
from .cached_collection import CachedPlace
from .stored_records import decode_page, encode_page

__all__ = ["SHORT_TERM", "ShortTermMemory"]

SHORT_TERM = "short_term"


class ShortTermMemory:
    """
    The queue of every user.

    It may hold more pages than *capacity* for a while: consolidation moves the oldest on in the background, and a
    page is never dropped to make room.
    """

    def __init__(self, store: Store, capacity: int) -> None:
        self.capacity = capacity
        self._place: CachedPlace[Page] = CachedPlace(store, SHORT_TERM, encode_page, decode_page)

    def put(self, user_id: str, pages: Sequence[Page]) -> None:
        """Add or replace pages; durable on return."""
        self._place.put(user_id, pages)

    def pages(self, user_id: str) -> list[Page]:
        """Return every page in the queue, oldest first."""
        return sorted(self._place.all(user_id).values(), key=lambda page: page.sequence)

    def overflow(self, user_id: str) -> list[Page]:
        """Return the pages over capacity, oldest first: those that consolidation moves."""
        return self.pages(user_id)[: -self.capacity]

    def remove(self, user_id: str, page_ids: Sequence[str]) -> None:
        """Remove pages that are safe in their new place, or forgotten."""
        self._place.remove(user_id, page_ids)

    def forget(self, user_id: str) -> None:
        """Drop what is held in memory of a user whose places were dropped."""
        self._place.forget(user_id)
