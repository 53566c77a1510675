"""The lines of a file from its end, a block at a time, so that the beginning of a long file need not be read."""

from collections.abc import Iterator
from pathlib import Path

__all__ = ["lines_backwards"]

_BLOCK_BYTES = 1_000_000
_LONGEST_LINE = 32_000_000


def lines_backwards(path: Path, block_bytes: int = _BLOCK_BYTES, longest: int = _LONGEST_LINE) -> Iterator[bytes]:
    """
    Yield the lines of a file, the last one first, without their ends; one of more than *longest* bytes is left out.

    No more is held than a line and a block.
    """
    parts: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        position = file.seek(0, 2)
        while position:
            start = max(0, position - block_bytes)
            file.seek(start)
            first, *rest = file.read(position - start).split(b"\n")
            position = start
            if rest:
                size += len(rest[-1])
                if size <= longest:
                    yield b"".join([rest[-1], *reversed(parts)])
                yield from (line for line in reversed(rest[:-1]) if len(line) <= longest)
                parts, size = [], 0
            size += len(first)
            if size <= longest:
                parts.append(first)
            else:
                parts = []
    if parts and size <= longest:
        yield b"".join(reversed(parts))
