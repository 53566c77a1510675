"""Bounds on what a file may cost: how deep it nests, how far it unpacks, how long a line is."""

import re
from io import BufferedIOBase
from itertools import accumulate
from typing import IO, cast

__all__ = ["MAX_DEPTH", "MAX_LINE_BYTES", "TooMuchError", "bound_reading", "shallow"]

MAX_DEPTH = 200
"""Arrays and objects within one another. Real exports nest about 15 deep."""
MAX_LINE_BYTES = 64 * 2**20
"""A line of a transcript may hold pictures."""
_MIN_UNPACKED_BYTES = 64 * 2**20
_MAX_TEXT_BYTES = 16 * 2**20
"""One text of JSON; pictures within exports are this large at most."""
_MAX_RATIO = 200
"""How much a packed file may grow; conversations grow about tenfold."""
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_OTHERS = bytes(set(range(256)) - set(b'"[]{}'))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class TooMuchError(ValueError):
    """The file goes over a bound; the text says which."""


class _Shallow:
    """A file of JSON that refuses to be read deeper than `MAX_DEPTH`; the work is linear."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._depth = 0
        self._quoted = False
        self._left = b""
        self._text_bytes = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._measure(piece)
        return piece

    def _measure(self, piece: bytes) -> None:
        text = _ESCAPE.sub(b"", self._left + piece)
        self._left = b"\\" if text.endswith(b"\\") else b""
        parts = text.translate(None, _OTHERS).split(b'"')
        goes_on = self._quoted and len(parts) == 1
        self._text_bytes = self._text_bytes + len(piece) if goes_on else 0
        if self._text_bytes > _MAX_TEXT_BYTES:
            raise TooMuchError(f"a text longer than {_MAX_TEXT_BYTES:,} bytes: cannot be read from there on")
        structure = b"".join(parts[self._quoted :: 2])
        self._quoted ^= len(parts) % 2 == 0
        depths = list(accumulate(map(_STEPS.__getitem__, structure), initial=self._depth))
        if max(depths) > MAX_DEPTH:
            raise TooMuchError(f"nested deeper than {MAX_DEPTH} levels: cannot be read")
        self._depth = depths[-1]


class _Bounded:
    """A file that is unpacked on the way and refuses to give more than *limit* bytes."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._limit = limit

    def __enter__(self) -> "_Bounded":
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def __iter__(self) -> "_Bounded":
        return self

    def __next__(self) -> bytes:
        if line := self.readline():
            return line
        raise StopIteration

    def read(self, size: int = -1) -> bytes:
        return self._checked(self._file.read(self._limit + 1 if size < 0 else size))

    def read1(self, size: int = -1) -> bytes:
        return self._checked(cast("BufferedIOBase", self._file).read1(size))

    def readline(self, size: int = -1) -> bytes:
        return self._checked(self._file.readline(MAX_LINE_BYTES + 1 if size < 0 else size))

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return True

    @property
    def closed(self) -> bool:
        return self._file.closed

    def close(self) -> None:
        self._file.close()

    def flush(self) -> None:
        """Do nothing: nothing is written."""

    def _checked(self, piece: bytes) -> bytes:
        if piece and self._file.tell() > self._limit:
            raise TooMuchError(f"unpacks to more than {self._limit:,} bytes: cannot be read")
        return piece


def shallow(file: IO[bytes]) -> IO[bytes]:
    """Return *file*, whose reading raises `TooMuchError` where JSON nests deeper than `MAX_DEPTH`."""
    return cast("IO[bytes]", _Shallow(file))


def bound_reading(file: IO[bytes], packed_bytes: int) -> IO[bytes]:
    """Return *file*, whose reading raises `TooMuchError` where it grows past what *packed_bytes* may unpack to."""
    return cast("IO[bytes]", _Bounded(file, max(_MIN_UNPACKED_BYTES, packed_bytes * _MAX_RATIO)))
