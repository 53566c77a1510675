"""Reading the tiers: pages, segments with their heat, the archive, and which users have memory."""

from ..domain.clock import now
from ..domain.errors import NotFoundError
from ..domain.records import Page, Segment
from ..tiers.heat import heat_of
from ..tiers.memory import Memory
from .defaults import Defaults
from .page_lookup import PageLookup

__all__ = ["Browsing"]


class Browsing:
    """What is where. Reads only."""

    def __init__(self, tiers: Memory, lookup: PageLookup, defaults: Defaults) -> None:
        self._tiers = tiers
        self._lookup = lookup
        self._defaults = defaults

    def short_term(self, *, user_id: str | None = None) -> list[Page]:
        """Return the pages in short-term memory, oldest first."""
        return self._tiers.short_term.pages(self._defaults.user(user_id))

    def segments(self, *, user_id: str | None = None) -> list[tuple[Segment, float]]:
        """Return the segments with their heat, hottest first."""
        at = now()
        segments = self._tiers.mid_term.segments(self._defaults.user(user_id)).values()
        return sorted(((item, heat_of(item, at)) for item in segments), key=lambda pair: pair[1], reverse=True)

    def segment(self, segment_id: str, *, user_id: str | None = None) -> tuple[Segment, float, list[Page]]:
        """Return a segment, its heat and its pages in order of arrival, or raise `NotFoundError`."""
        user = self._defaults.user(user_id)
        with self._tiers.store.exclusive(user):
            segment = self._tiers.mid_term.segments(user).get(segment_id)
            if segment is None:
                raise NotFoundError(f"segment {segment_id!r} is not in mid-term memory; memory://mid-term lists them")
            return segment, heat_of(segment, now()), self._tiers.mid_term.pages_of(user, segment_id)

    def page(self, page_id: str, *, user_id: str | None = None) -> tuple[Page, str]:
        """
        Return a page and its tier ("short_term", "mid_term" or "archive").

        Raises:
            NotFoundError: No page has this id, nor exactly one an id that begins so.
        """
        user = self._defaults.user(user_id)
        with self._tiers.store.exclusive(user):
            found = self._lookup.find(user, self._lookup.full_id(user, page_id))
        if found is None:
            raise NotFoundError(f"page {page_id!r} is not in memory; what is recalled shows ids")
        return found

    def recent_page_ids(self, *, limit: int, user_id: str | None = None) -> list[str]:
        """Return the ids of the newest pages in short-term memory, newest first, at most *limit*."""
        return [page.page_id for page in reversed(self.short_term(user_id=user_id))][:limit]

    def archive(self, *, user_id: str | None = None, limit: int | None = None, offset: int = 0) -> list[Page]:
        """Return pages of evicted segments."""
        return self._tiers.mid_term.archived_pages(self._defaults.user(user_id), limit=limit, offset=offset)

    def users(self) -> list[str]:
        """Return every user id with memory, sorted."""
        return self._tiers.store.users()
