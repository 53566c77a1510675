"""Where a page is, by its id or the beginning of its id."""

from ..domain.errors import NotFoundError
from ..domain.records import Page
from ..tiers.memory import Memory

__all__ = ["PageLookup"]

SHORTEST_ID = 4


class PageLookup:
    """Finds pages in every tier. The caller holds the store's lock."""

    def __init__(self, tiers: Memory) -> None:
        self._tiers = tiers

    def find(self, user: str, page_id: str) -> tuple[Page, str] | None:
        """Return a page and its tier ("short_term", "mid_term" or "archive"), None when there is none."""
        tiers = self._tiers
        for page in tiers.mid_term.pages(user, [page_id]):
            return page, "mid_term"
        for page in tiers.short_term.pages(user):
            if page.page_id == page_id:
                return page, "short_term"
        for page in tiers.mid_term.archived_pages(user, [page_id]):
            return page, "archive"
        return None

    def full_id(self, user: str, page_id: str) -> str:
        """
        Return the one page id that begins with *page_id*, as replies shorten them; an unknown one as it is.

        Raises:
            NotFoundError: Several ids begin so.
        """
        index = self._tiers.index
        known = {page.page_id for page in self._tiers.short_term.pages(user)} | index.page_ids(user)
        known |= index.page_ids(user, archived=True)
        if page_id in known or len(page_id) < SHORTEST_ID:
            return page_id
        found = sorted(id_ for id_ in known if id_.startswith(page_id))
        if len(found) > 1:
            raise NotFoundError(f"page {page_id!r} begins several ids; give one in full: {', '.join(found)}")
        return found[0] if found else page_id
