"""Where a page is, by its id or the beginning of its id."""

from ..domain.identity import whole_id
from ..domain.records import Page
from ..tiers.memory import Memory

__all__ = ["PageLookup"]


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
        return whole_id("page", page_id, known)
