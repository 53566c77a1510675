"""JSON read a piece at a time: the lines of a file, or the elements of an array within it, however large it is."""

import json
from collections.abc import Iterator
from typing import IO, Any

from .bounds import MAX_LINE_BYTES, TooMuchError, shallow
from .items import Skip

__all__ = ["WHOLE", "elements", "entries", "lines", "objects", "without_mark"]

Part = tuple[str, Any]
"""Where something stands in its file, and what it is; a `Skip` where it cannot be read."""

WHOLE = "."
"""The prefix of a file that is one object, and that object the only element."""
BROKEN = "the file breaks off or is no JSON here"


def lines(file: IO[bytes]) -> Iterator[Part]:
    """Yield the values of a file of JSON lines."""
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), start=1):
        where = f"line {number}"
        if len(line) > MAX_LINE_BYTES:
            yield where, Skip(f"the line is longer than {MAX_LINE_BYTES:,} bytes: cannot be read from there on", where)
            return
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
        for number, value in enumerate(ijson.items(shallow(without_mark(file)), prefix, use_float=True), start=1):
            yield f"element {number}", value
    except TooMuchError as exc:
        yield f"element {number + 1}", Skip(str(exc), f"element {number + 1}")
    except (ijson.JSONError, ValueError, RecursionError):
        yield f"element {number + 1}", Skip(BROKEN, f"element {number + 1}")


def entries(file: IO[bytes], prefix: str) -> Iterator[Part]:
    """Yield the values of the object at *prefix*, with their keys as their places."""
    import ijson

    last = ""
    try:
        for last, value in ijson.kvitems(shallow(without_mark(file)), prefix, use_float=True):
            yield last, value
    except TooMuchError as exc:
        yield last, Skip(str(exc), f"after {last!r}")
    except (ijson.JSONError, ValueError, RecursionError):
        yield last, Skip(BROKEN, f"after {last!r}")


def objects(file: IO[bytes], prefix: str = "") -> Iterator[Part]:
    """
    Yield the values of a file, whichever way it holds them.

    Args:
        file: An array, an object, or JSON lines.
        prefix: Where the array or object stands; "" takes the array or the lines that the file is.
    """
    start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.seek(0)
    if prefix:
        yield from elements(file, "" if prefix == WHOLE else prefix)
    else:
        yield from elements(file, "item") if start.startswith(b"[") else lines(file)


def without_mark(file: IO[bytes]) -> IO[bytes]:
    """Return *file* behind its byte order mark, if it has one."""
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)
    return file
