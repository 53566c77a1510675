"""
The piece vectors in the file of the turn index: what one embedder made of the word pieces of each page.

They lie beside rows that all embedders share, and go with them. The caller holds the store's lock around every call.
"""

from collections.abc import Collection, Mapping

from .index_file import IndexFile

__all__ = ["PieceVectors"]

_MANY = 500


class PieceVectors:
    """One embedder's piece vectors, by the number of a user's rows and page id: the user's and the assistant's."""

    def __init__(self, file: IndexFile, embedder: str) -> None:
        self._file = file
        self._embedder = embedder

    def put(self, user: int, pairs: Mapping[str, tuple[bytes, bytes]]) -> None:
        """Add or replace those of pages."""
        with self._file.transaction() as db:
            rows = [(user, self._embedder, page_id, *pair) for page_id, pair in pairs.items()]
            db.executemany("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?, ?)", rows)

    def get(self, user: int, page_ids: Collection[str]) -> dict[str, tuple[bytes, bytes]]:
        """Return those of the pages that have them."""
        found: dict[str, tuple[bytes, bytes]] = {}
        wanted = list(page_ids)
        with self._file.transaction() as db:
            for start in range(0, len(wanted), _MANY):
                part = wanted[start : start + _MANY]
                marks = ",".join("?" * len(part))
                rows = db.execute(
                    "SELECT page_id, user_tokens, assistant_tokens FROM tokens "
                    f"WHERE user = ? AND page_id IN ({marks}) AND embedder = ?",
                    (user, *part, self._embedder),
                )
                found.update({page_id: (user_part, assistant_part) for page_id, user_part, assistant_part in rows})
        return found

    def page_ids(self, user: int) -> set[str]:
        """Return the ids of the pages that have them."""
        with self._file.transaction() as db:
            found = db.execute("SELECT page_id FROM tokens WHERE user = ? AND embedder = ?", (user, self._embedder))
            return {page_id for (page_id,) in found}

    def count(self, user: int) -> int:
        """Return how many pages have them."""
        with self._file.transaction() as db:
            (found,) = db.execute(
                "SELECT COUNT(*) FROM tokens WHERE user = ? AND embedder = ?", (user, self._embedder)
            ).fetchone()
        return int(found)

    def remove(self, user: int, page_ids: Collection[str]) -> None:
        """Remove those of pages, every embedder's."""
        with self._file.transaction() as db:
            rows = [(user, page_id) for page_id in page_ids]
            db.executemany("DELETE FROM tokens WHERE user = ? AND page_id = ?", rows)

    def drop(self, user: int) -> None:
        """Remove all of a user's."""
        with self._file.transaction() as db:
            db.execute("DELETE FROM tokens WHERE user = ? AND embedder = ?", (user, self._embedder))
