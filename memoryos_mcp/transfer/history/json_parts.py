"""JSON read a piece at a time: the lines of a file, or the elements of an array within it, however large it is."""

import json
from collections.abc import Iterator
from typing import IO, Any

from .items import Skip

__all__ = ["elements", "entries", "lines", "objects"]

Part = tuple[str, Any]
"""Where something stands in its file, and what it is; a `Skip` where it cannot be read."""

BROKEN = "the file breaks off or is no JSON here"


def lines(file: IO[bytes]) -> Iterator[Part]:
    """Yield the values of a file of JSON lines."""
    for number, line in enumerate(file, start=1):
        where = f"line {number}"
        if not line.strip():
            continue
        try:
            yield where, json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError:
            yield where, Skip("the line is not UTF-8", where)
        except (ValueError, RecursionError):
            yield where, Skip("the line is no JSON", where)


def elements(file: IO[bytes], prefix: str) -> Iterator[Part]:
    """Yield the elements of the array at *prefix* ("item": the whole file is the array)."""
    import ijson

    number = 0
    try:
        for number, value in enumerate(ijson.items(_without_mark(file), prefix, use_float=True), start=1):
            yield f"element {number}", value
    except (ijson.JSONError, ValueError, RecursionError):
        yield f"element {number + 1}", Skip(BROKEN, f"element {number + 1}")


def entries(file: IO[bytes], prefix: str) -> Iterator[Part]:
    """Yield the values of the object at *prefix*, with their keys as their places."""
    import ijson

    last = ""
    try:
        for last, value in ijson.kvitems(_without_mark(file), prefix, use_float=True):
            yield last, value
    except (ijson.JSONError, ValueError, RecursionError):
        yield last, Skip(BROKEN, f"after {last!r}")


def objects(file: IO[bytes]) -> Iterator[Part]:
    """Yield the values of a file that is an array or JSON lines, whichever it begins like."""
    start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.seek(0)
    yield from elements(file, "item") if start.startswith(b"[") else lines(file)


def _without_mark(file: IO[bytes]) -> IO[bytes]:
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    return file
