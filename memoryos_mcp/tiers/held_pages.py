"""
Pages that were read lately, decoded: a question needs many of those that the last one needed.

Bounded by characters, since a page may be a book. Dropped whole when another process wrote; whoever writes a page here
drops it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import RLock

from ..domain.protocols import Store
from ..domain.records import Page

__all__ = ["HeldPages"]

_CHARS = 8_000_000
_A_PAGE = 1_000
"""Characters that a page counts besides its texts."""


class HeldPages:
    """
    The pages of every user that were read last. Thread-safe: `_lock` guards all of it.

    Args:
        store: Tells whether another process wrote.
        chars: How much is held.
    """

    def __init__(self, store: Store, chars: int = _CHARS) -> None:
        self._store = store
        self._most = chars
        self._lock = RLock()
        self._chars = 0
        self._generation = -1
        self._pages: OrderedDict[tuple[str, str], Page] = OrderedDict()

    def get(self, user_id: str, ids: Sequence[str]) -> dict[str, Page]:
        """Return those of the pages with *ids* that are held, by id."""
        generation = self._store.generation()
        with self._lock:
            if generation != self._generation:
                self._pages.clear()
                self._generation, self._chars = generation, 0
            found = {id_: self._pages[user_id, id_] for id_ in ids if (user_id, id_) in self._pages}
            for id_ in found:
                self._pages.move_to_end((user_id, id_))
            return found

    def put(self, user_id: str, pages: Iterable[Page]) -> None:
        """Hold *pages*, as they were just read; those that were not asked for the longest leave."""
        with self._lock:
            for page in pages:
                self.drop(user_id, [page.page_id])
                self._pages[user_id, page.page_id] = page
                self._chars += _size(page)
            while self._chars > self._most and self._pages:
                self._chars -= _size(self._pages.popitem(last=False)[1])

    def drop(self, user_id: str, ids: Iterable[str]) -> None:
        """Hold the pages with *ids* no longer: they were written or removed."""
        with self._lock:
            for id_ in ids:
                page = self._pages.pop((user_id, id_), None)
                self._chars -= _size(page) if page is not None else 0

    def forget(self, user_id: str) -> None:
        """Hold nothing of a user."""
        with self._lock:
            self.drop(user_id, [id_ for user, id_ in self._pages if user == user_id])


def _size(page: Page) -> int:
    return len(page.user_input) + len(page.agent_response) + _A_PAGE
