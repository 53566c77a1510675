"""
The number of a user in the index file, and the removal of rows that newer ones replaced, a bounded part at a time.

Removing the rows of a large memory at once would hold the store's lock for long. Statements on an open connection,
inside its caller's transaction; `index_file` owns file, connection and locks.
"""

import sqlite3

__all__ = ["abandon", "abandoned_numbers", "delete_rows", "delete_some_rows", "numbers"]

_KEYS = {
    "postings": "term, first",
    "tokens": "page_id, embedder",
    "pages": "place",
    "languages": "language",
    "blocks": "number",
    "changes": "removals, place",
}
_AT_ONCE = 5000
"""Rows removed in one go: some hundredths of a second."""


def numbers(db: sqlite3.Connection, user_id: str, *, staged: bool | None = None) -> list[int]:
    """Return the numbers of a user's rows: those in use, the staged ones, or all there are, abandoned ones too."""
    found = db.execute("SELECT number, staged FROM users WHERE user_id = ?", (user_id,)).fetchall()
    return [number for number, state in found if staged is None or state == staged]


def abandon(db: sqlite3.Connection, number: int) -> None:
    """Take the rows of a number out of use."""
    db.execute("UPDATE users SET staged = -number WHERE number = ?", (number,))


def abandoned_numbers(db: sqlite3.Connection, user_id: str) -> list[int]:
    """Return the numbers of a user's rows that are out of use."""
    return [number for (number,) in db.execute("SELECT number FROM users WHERE user_id = ? AND staged < 0", (user_id,))]


def delete_some_rows(db: sqlite3.Connection, number: int) -> bool:
    """Remove some rows of a number; return whether it was not the last time."""
    for table, key in _KEYS.items():
        some = f"SELECT {key} FROM {table} WHERE user = ? LIMIT ?"
        if db.execute(
            f"DELETE FROM {table} WHERE user = ? AND ({key}) IN ({some})", (number, number, _AT_ONCE)
        ).rowcount:
            return True
    delete_rows(db, number)
    return False


def delete_rows(db: sqlite3.Connection, number: int) -> None:
    """Remove every row of a number."""
    for table in _KEYS:
        db.execute(f"DELETE FROM {table} WHERE user = ?", (number,))
    db.execute("DELETE FROM users WHERE number = ?", (number,))
