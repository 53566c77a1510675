"""
Reading a damaged SQLite file page by page, without SQLite: every row of every leaf page that makes sense.

SQLite gives up where its tree is broken; the rows themselves mostly are not. Pages on the free list are left out, for
what was deleted is not to come back. After https://www.sqlite.org/fileformat2.html, sections 1.3, 1.5, 1.6 and 2.1.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Value", "carved_rows"]

Value = int | float | str | bytes | None

_LEAF = 0x0D
_FILE_HEADER = 100
_PAGE_BYTES = 4096
_SIZES = {512 << shift for shift in range(8)}
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_MOST_COLUMNS = 32


class _BrokenError(Exception):
    """Here stands no row."""


def carved_rows(path: Path) -> Iterator[tuple[int, tuple[Value, ...]]]:
    """
    Yield (rowid, values) of every row of a table that can be read, of whatever table, in the order of the file.

    Raises:
        OSError: The file cannot be read at all.
    """
    data = path.read_bytes()
    size = _page_bytes(data)
    free = _free_pages(data, size)
    for number in range(-(-len(data) // size)):
        if number + 1 not in free:
            yield from _leaf_rows(data, size, number)


def _page_bytes(data: bytes) -> int:
    (size,) = struct.unpack_from(">H", data, 16) if len(data) >= _FILE_HEADER else (0,)
    size = 65536 if size == 1 else size
    return size if size in _SIZES else _PAGE_BYTES


def _free_pages(data: bytes, size: int) -> set[int]:
    """Return the numbers (from 1) of the pages on the free list, as far as it can be followed."""
    free: set[int] = set()
    (trunk,) = struct.unpack_from(">I", data, 32) if len(data) >= _FILE_HEADER else (0,)
    while trunk and trunk not in free and trunk * size <= len(data):
        free.add(trunk)
        start = (trunk - 1) * size
        trunk, count = struct.unpack_from(">II", data, start)
        if count <= size // 4 - 2:
            free.update(struct.unpack_from(f">{count}I", data, start + 8))
    return free


def _leaf_rows(data: bytes, size: int, number: int) -> Iterator[tuple[int, tuple[Value, ...]]]:
    start = number * size
    page = data[start : start + size]
    header = _FILE_HEADER if number == 0 else 0
    if len(page) < header + 8 or page[header] != _LEAF:
        return
    (count,) = struct.unpack_from(">H", page, header + 3)
    for at in range(header + 8, min(header + 8 + 2 * count, len(page) - 1), 2):
        (cell,) = struct.unpack_from(">H", page, at)
        try:
            yield _row(data, page, cell, size)
        except (_BrokenError, IndexError, struct.error, UnicodeDecodeError):
            continue  # this cell is damaged; the others of the page may be whole


def _row(data: bytes, page: bytes, cell: int, size: int) -> tuple[int, tuple[Value, ...]]:
    length, at = _varint(page, cell)
    rowid, at = _varint(page, at)
    if not 1 < length <= len(data):
        raise _BrokenError
    payload = _payload(data, page, at, length, size)
    return _signed(rowid), _values(payload)


def _payload(data: bytes, page: bytes, at: int, length: int, size: int) -> bytes:
    """Return the bytes of a row: those in its page, and those in overflow pages behind them."""
    most = size - 35
    if length <= most:
        return page[at : at + length]
    least = (size - 12) * 32 // 255 - 23
    local = least + (length - least) % (size - 4)
    local = local if local <= most else least
    parts, got, seen = [page[at : at + local]], local, set[int]()
    (following,) = struct.unpack_from(">I", page, at + local)
    while got < length:
        start = (following - 1) * size
        if following in seen or not 0 < start + 4 <= len(data):
            raise _BrokenError
        seen.add(following)
        part = data[start + 4 : start + min(size, 4 + length - got)]
        (following,) = struct.unpack_from(">I", data, start)
        parts.append(part)
        got += len(part)
        if not part:
            raise _BrokenError
    return b"".join(parts)


def _values(payload: bytes) -> tuple[Value, ...]:
    header, at = _varint(payload, 0)
    types: list[int] = []
    while at < header:
        kind, at = _varint(payload, at)
        types.append(kind)
    if at != header or not 0 < len(types) <= _MOST_COLUMNS:
        raise _BrokenError
    values: list[Value] = []
    for kind in types:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload):
        raise _BrokenError
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in (0, 8, 9):
        return (None if kind == 0 else kind - 8), at
    if kind in (10, 11):
        raise _BrokenError
    size = _INTEGERS.get(kind, 8 if kind == 7 else (kind - 12) // 2)
    part = payload[at : at + size]
    if len(part) != size:
        raise _BrokenError
    if kind in _INTEGERS:
        return int.from_bytes(part, "big", signed=True), at + size
    if kind == 7:
        return struct.unpack(">d", part)[0], at + size
    return (part.decode("utf-8") if kind % 2 else part), at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(8):
        byte = data[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | data[at + 8], at + 9


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
