"""
Whether the files of one vector index can be trusted: they are looked at before Chroma loads them.

Chroma's index (hnswlib) believes what it reads: a truncated or garbled file ends the process, or silently gives wrong
neighbours. Layout of hnswlib's persisted index as chromadb 1.5 writes it; nothing is written here, nothing is executed.
Another Chroma, or another version in an index's header, is a layout we do not know: then nothing is judged.
"""

import math
import pickle
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tested import unknown_chroma

__all__ = ["FILES", "FlawError", "UnknownLayoutError", "entries", "fingerprint"]

_META = "index_metadata.pickle"
_HEADER, _LEVEL0, _UPPER, _LENGTHS = "header.bin", "data_level0.bin", "link_lists.bin", "length.bin"
FILES = (_META, _HEADER, _LEVEL0, _UPPER, _LENGTHS)

_LAYOUT = struct.Struct("<iQQQQQQiIQQQdQ")
_VERSION = 1
_LATEST_VERSION = 255
"""A larger number where the version stands may be garbled: then the rest of the header has to make sense."""
_MOST_BEFORE = 64
"""Bytes that another layout may have in front of what we know of a header."""
_TABLE = {"id_to_label", "label_to_id"}
_MOST_LINKS = 1 << 12
_MOST_LEVELS = 64
_LABEL_BYTES = 8
_AT_ONCE = 1 << 14


class FlawError(Exception):
    """The files are not what hnswlib writes; the text says what is wrong."""


class UnknownLayoutError(Exception):
    """Another layout than the one we know; the text says which. The files may be as sound as any."""


@dataclass(frozen=True, slots=True)
class _Header:
    most: int
    count: int
    row_bytes: int
    label_offset: int
    data_offset: int
    top_level: int
    entry: int
    links: int
    links0: int


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, size and time of each file there is: equal as long as nobody wrote."""
    found = []
    for name in FILES:
        try:
            state = (folder / name).stat()
        except FileNotFoundError:
            continue
        found.append((name, state.st_size, state.st_mtime_ns))
    return tuple(found)


def entries(folder: Path, dimensions: int | None = None, *, thorough: bool = True) -> int | None:
    """
    Look at all files of an index and return how many vectors it holds; None when it was never written to disk.

    Args:
        folder: The index's own folder below Chroma's.
        dimensions: Of its vectors, if that is known.
        thorough: Look at the vectors' numbers too, not at what could end the process alone.

    Raises:
        UnknownLayoutError: Another Chroma is installed than the tested one, or header or table are of another kind.
        FlawError: A file is missing, cut short, or holds what hnswlib never writes.
    """
    if why := unknown_chroma():
        raise UnknownLayoutError(why)
    if not (folder / _META).exists():
        return None  # Chroma takes the other files for an index that is yet to be filled
    try:
        header = _header((folder / _HEADER).read_bytes(), dimensions)
        labels, live = _level0(folder / _LEVEL0, header, thorough)
        _upper(folder / _UPPER, header)
        if not (folder / _LENGTHS).exists():
            raise FlawError(f"{_LENGTHS} is missing")
        _names(folder / _META, labels, live)
    except OSError as exc:
        raise FlawError(f"{Path(exc.filename or folder).name} cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise FlawError(f"the files changed while they were read: {exc}") from exc
    return int(live.sum())


def _header(data: bytes, dimensions: int | None) -> _Header:
    (version,) = struct.unpack_from("<i", data) if len(data) >= 4 else (0,)  # zeros are no version either
    another = version != _VERSION or len(data) != _LAYOUT.size
    if _VERSION < version <= _LATEST_VERSION or (version == _VERSION and len(data) > _LAYOUT.size):
        raise UnknownLayoutError(f"{_HEADER} has version {version} and {len(data)} bytes")
    if another and _describes_elsewhere(data):
        raise UnknownLayoutError(f"{_HEADER} describes an index, but with version {version} and {len(data)} bytes")
    if len(data) != _LAYOUT.size:
        raise FlawError(f"{_HEADER} has {len(data)} bytes, not {_LAYOUT.size}")
    header = _described(data, dimensions)
    if header is None or version != _VERSION:
        raise FlawError(f"{_HEADER} describes no index")
    return header


def _describes_elsewhere(data: bytes) -> bool:
    """Return whether a whole description stands somewhere in *data*: then nothing is garbled, it is another layout."""
    body = _LAYOUT.size - 4
    starts = range(min(len(data) - body, _MOST_BEFORE) + 1)
    return any(_described(bytes(4) + data[start : start + body], None) is not None for start in starts)


def _described(data: bytes, dimensions: int | None) -> _Header | None:
    """Return what a header says, whatever its version; None when that cannot be an index."""
    (_, offset0, most, count, row, label, offset, top, entry, links, links0, m, mult, ef) = _LAYOUT.unpack(data)
    header = _Header(most, count, row, label, offset, top, entry, links, links0)
    right = (
        (offset0, links, links0) == (0, m, 2 * m)
        and 0 < m <= _MOST_LINKS
        and offset == 4 * links0 + 4
        and label > offset
        and row == label + _LABEL_BYTES
        and (label - offset) % 4 == 0
        and (dimensions is None or label - offset == 4 * dimensions)
        and count <= most
        and (entry < count and 0 <= top <= _MOST_LEVELS if count else top == -1)
        and math.isfinite(mult)
        and ef > 0
    )
    return header if right else None


def _level0(path: Path, header: _Header, thorough: bool) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Look at links and vectors of every element; return the labels and which of them are not deleted."""
    size, wanted = path.stat().st_size, header.count * header.row_bytes
    if size < wanted:
        raise FlawError(f"{_LEVEL0} has {size:,} bytes of {wanted:,}")
    labels = np.empty(header.count, np.uint64)
    live = np.empty(header.count, np.bool_)
    with path.open("rb") as file:
        for start in range(0, header.count, _AT_ONCE):
            rows = min(_AT_ONCE, header.count - start)
            block = np.frombuffer(file.read(rows * header.row_bytes), np.uint8).reshape(rows, header.row_bytes)
            words = block[:, : header.data_offset].copy().view(np.uint32)
            _links(words, header.links0, header.count, _LEVEL0)
            live[start : start + rows] = (words[:, 0] >> 16) & 1 == 0
            labels[start : start + rows] = block[:, header.label_offset :].copy().view(np.uint64)[:, 0]
            if thorough:
                vectors = block[:, header.data_offset : header.label_offset].copy().view(np.float32)
                if not np.isfinite(vectors.sum(axis=1)).all():
                    raise FlawError(f"{_LEVEL0} holds vectors that are no numbers")
    if len(np.unique(labels)) != header.count:
        raise FlawError(f"{_LEVEL0} holds the same label twice")
    return labels, live


def _upper(path: Path, header: _Header) -> None:
    """Look at the links above the ground level: of each element its size in bytes, then a block for each level."""
    data = path.read_bytes()
    block = 1 + header.links
    if len(data) % 4:
        raise FlawError(f"{_UPPER} has {len(data)} bytes")
    words = np.frombuffer(data, np.uint32)
    levels = np.zeros(header.count, np.int64)
    is_size = np.zeros(len(words), np.bool_)
    nonzero = np.flatnonzero(words)
    position = element = 0
    while element < header.count:
        # sizes of 0 follow one another: go on to the next word that is none
        found = int(np.searchsorted(nonzero, position))
        end = int(nonzero[found]) if found < len(nonzero) else len(words)
        skipped = min(end - position, header.count - element)
        is_size[position : position + skipped] = True
        position, element = position + skipped, element + skipped
        if element == header.count:
            break
        if position >= len(words):
            raise FlawError(f"{_UPPER} ends at element {element} of {header.count}")
        size = int(words[position])
        if size % (4 * block) or size // (4 * block) > _MOST_LEVELS:
            raise FlawError(f"{_UPPER} is garbled at element {element}")
        levels[element] = size // (4 * block)
        is_size[position] = True
        position, element = position + 1 + size // 4, element + 1
    if position != len(words):
        raise FlawError(f"{_UPPER} has {len(words)} words, not {position}")
    if header.count and (levels.max() != header.top_level or levels[header.entry] != header.top_level):
        raise FlawError(f"{_UPPER} does not fit {_HEADER}")
    blocks = words[~is_size].reshape(-1, block)
    _links(blocks, header.links, header.count, _UPPER)
    owners = np.repeat(np.arange(header.count), levels)
    ordinal = np.arange(len(blocks)) - np.repeat(np.cumsum(levels) - levels, levels) + 1
    used = np.arange(header.links) < (blocks[:, :1] & 0xFFFF)
    reached = levels[np.where(used, blocks[:, 1:], owners[:, None])]
    if (reached < ordinal[:, None]).any():
        raise FlawError(f"{_UPPER} links to elements that are not on that level")


def _links(words: NDArray[np.uint32], most: int, count: int, name: str) -> None:
    """Look at lists of links: a number of them in the lower half of the first word, then that many elements."""
    numbers = words[:, :1] & 0xFFFF
    if (numbers > most).any() or ((words[:, 1:] >= count) & (np.arange(most) < numbers)).any():
        raise FlawError(f"{name} links to elements that are not there")


def _names(path: Path, labels: NDArray[np.uint64], live: NDArray[np.bool_]) -> None:
    """Look at the table of ids and labels: does it name the elements that are not deleted?"""
    try:
        with path.open("rb") as file:
            table = _Plain(file).load()
        _refuse_another_table(table)
        named = table["id_to_label"]
        known = np.fromiter(named.values(), np.uint64, len(named))
        right = len(table["label_to_id"]) == len(named) and all(isinstance(id_, str) for id_ in named)
    except (OSError, UnknownLayoutError):
        raise
    except Exception as exc:
        raise FlawError(f"{_META} cannot be read: {type(exc).__name__}") from exc
    if not right or not np.array_equal(np.sort(known), np.sort(labels[live])):
        raise FlawError(f"{_META} does not name the elements of {_LEVEL0}")


def _refuse_another_table(table: object) -> None:
    """Raise `UnknownLayoutError` for a whole table that has other names than ours: it is not garbled."""
    if isinstance(table, dict) and table and not _TABLE & table.keys() and all(isinstance(key, str) for key in table):
        raise UnknownLayoutError(f"{_META} holds {', '.join(sorted(table))[:80]}")


class _Plain(pickle.Unpickler):
    """Numbers, texts and dicts. A file that names more is not obeyed; an object of Chroma is another layout."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name.split(".")[0] == "chromadb":
            raise UnknownLayoutError(f"{_META} holds an object {global_name}")
        raise pickle.UnpicklingError(f"{module_name}.{global_name} has no place here")
