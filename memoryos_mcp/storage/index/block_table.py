"""
What the index file keeps so that opening a large memory is quick: blocks of positions, and which positions changed
since.

Statements on an open connection, inside its caller's transaction; `index_file` owns file, connection and locks.
"""

import sqlite3
from collections.abc import Iterable

from .blocks import BLOCK, Block, block_of, pack_block, unpack_block
from .rows import ARCHIVED, Row

__all__ = ["SCHEMA", "archived_positions", "changed_positions", "keep_blocks", "read_block", "record_changes"]

SCHEMA = """
CREATE TABLE blocks (user INTEGER, number INTEGER, data BLOB, PRIMARY KEY (user, number));
CREATE TABLE changes (user INTEGER, removals INTEGER, place INTEGER, PRIMARY KEY (user, removals, place)) WITHOUT ROWID;
"""
_COLUMNS = (
    "page_id, stamp, day, session, state, flags, user_length, assistant_length, user_ids, assistant_ids, dates, "
    "user_units, assistant_units"
)


def read_block(db: sqlite3.Connection, user: int, start: int, end: int) -> Block:
    """Return positions from *start* to *end*: as kept when they are one complete block, else from their rows."""
    if start % BLOCK == 0 and end - start == BLOCK:
        kept = db.execute("SELECT data FROM blocks WHERE user = ? AND number = ?", (user, start // BLOCK)).fetchone()
        if kept is not None:
            return unpack_block(kept[0])
    return block_of(_rows(db, user, start, end))


def keep_blocks(db: sqlite3.Connection, user: int, numbers: Iterable[int]) -> None:
    """Keep blocks, complete ones, as their rows are now."""
    for number in sorted(numbers):
        data = pack_block(block_of(_rows(db, user, number * BLOCK, (number + 1) * BLOCK)))
        db.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)", (user, number, data))


def archived_positions(db: sqlite3.Connection, user: int, start: int) -> list[int]:
    """Return a user's archived positions from *start* on."""
    found = db.execute("SELECT place FROM pages WHERE user = ? AND state = ? AND place >= ?", (user, ARCHIVED, start))
    return [position for (position,) in found]


def record_changes(db: sqlite3.Connection, user: int, positions: Iterable[int]) -> None:
    """Note that positions changed their state or were removed: what others hold of them in memory is out of date."""
    db.execute("UPDATE users SET removals = removals + 1 WHERE number = ?", (user,))
    (removals,) = db.execute("SELECT removals FROM users WHERE number = ?", (user,)).fetchone()
    db.executemany("INSERT INTO changes VALUES (?, ?, ?)", [(user, removals, position) for position in set(positions)])


def changed_positions(db: sqlite3.Connection, user: int, removals: int) -> dict[int, int]:
    """Return the positions that changed since there had been *removals*, with their states, 0 for a removed one."""
    found = db.execute(
        "SELECT DISTINCT changes.place, pages.state FROM changes "
        "LEFT JOIN pages ON pages.user = changes.user AND pages.place = changes.place "
        "WHERE changes.user = ? AND changes.removals > ?",
        (user, removals),
    )
    return {position: state or 0 for position, state in found}


def _rows(db: sqlite3.Connection, user: int, start: int, end: int) -> list[Row]:
    """Return a row for every position from *start* to *end*: removed ones get an empty row of no session."""
    found = db.execute(
        f"SELECT place, {_COLUMNS} FROM pages WHERE user = ? AND place >= ? AND place < ?", (user, start, end)
    )
    by_position = {position: Row(*values) for position, *values in found}
    return [
        by_position.get(position) or Row("", 0.0, 0, -1 - position, 0, 0, 0, 0, b"", b"", b"", b"", b"")
        for position in range(start, end)
    ]
