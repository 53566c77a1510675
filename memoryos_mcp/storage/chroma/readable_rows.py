"""
The rows of a damaged SQLite table that ordinary SELECTs still give.

A SELECT over a table ends where its tree is broken. It is asked again from a rowid behind the break, found by strides:
short ones, about a page of rows, as far as a broken leaf or some reach, then longer and longer ones.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

__all__ = ["readable_rows"]

_STRIDE = 16
_NEAR = 4096
_MOST_ROWS_IN_A_PAGE = 1000
_LARGEST = 1 << 40


def readable_rows(db: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
    """Yield the *columns* of each row of *table* that can be read, in the order of their rowids."""
    select = f"SELECT rowid, {columns} FROM {table} NOT INDEXED WHERE rowid >= ? ORDER BY rowid"
    start, last = 1, _last(db, table)
    while start <= last:
        try:
            for row in _rows(db, select, start):
                start = row[0] + 1
                yield row[1:]
        except sqlite3.DatabaseError:  # noqa: PERF203 - each turn of the loop is a break
            start = _behind(db, select, start, last)
        else:
            return


def _rows(db: sqlite3.Connection, select: str, start: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows from rowid *start* on; one out of order is damage too."""
    for row in db.execute(select, (start,)):
        if not start <= row[0] <= _LARGEST:
            raise sqlite3.DatabaseError("a row stands where it does not belong")
        start = row[0] + 1
        yield row


def _behind(db: sqlite3.Connection, select: str, broken: int, last: int) -> int:
    """Return the first rowid behind *broken* and its like from which rows can be read; behind *last* for none."""
    low, stride = broken, 1
    while not _can_read(db, select, min(low + stride, last)):
        low += stride
        if low >= last:
            return last + 1
        stride = stride * 2 if stride < _STRIDE or low - broken > _NEAR else stride
    high = min(low + stride, last)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _can_read(db, select, middle) else (middle, high)
    return max(high, broken + 1)


def _can_read(db: sqlite3.Connection, select: str, start: int) -> bool:
    try:
        next(_rows(db, f"{select} LIMIT 1", start), None)
    except sqlite3.DatabaseError:
        return False
    return True


def _last(db: sqlite3.Connection, table: str) -> int:
    """Return the largest rowid of a table, or more where that cannot be read."""
    try:
        last = db.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
    except sqlite3.DatabaseError:
        try:
            last = db.execute("PRAGMA page_count").fetchone()[0] * _MOST_ROWS_IN_A_PAGE
        except sqlite3.DatabaseError:  # no table of this file can be read
            return 0
    return min(last, _LARGEST) if isinstance(last, int) else 0
