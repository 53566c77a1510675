"""Where a history lies: a file, the files of a folder, the members of an archive; each opens as often as asked."""

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, cast

from ...domain.errors import InputError
from .bounds import bound_reading

__all__ = ["UNREADABLE", "Document", "documents"]

UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)
"""What a damaged, locked or encrypted file or member of an archive raises: what was read of it before stays."""

_SUFFIXES = (".json", ".jsonl", ".ndjson", ".md", ".gz", ".vscdb")


@dataclass(frozen=True, slots=True)
class Document:
    """One file of text; `modified` dates what has no date of its own; `open` gives its bytes, unpacked."""

    name: str
    modified: datetime
    open: Callable[[], IO[bytes]]


def documents(path: Path) -> Iterator[Document]:
    """
    Yield the documents of a path, in the order of their names.

    Raises:
        InputError: It does not exist, or is an archive that cannot be read.
    """
    if path.is_dir():
        for found in sorted(path.rglob("*")):
            if found.is_file() and (found.suffix.lower() in _SUFFIXES or found.suffix.lower() == ".zip"):
                yield from _of_file(found, found.relative_to(path).as_posix())
    elif path.is_file():
        yield from _of_file(path, path.name)
    else:
        raise InputError(f"there is no file or folder {str(path)!r}; name what the other program exported")


def _of_file(path: Path, name: str) -> Iterator[Document]:
    modified = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    if zipfile.is_zipfile(path):
        yield from _of_archive(path, name)
    elif path.suffix.lower() == ".gz":
        yield Document(name, modified, lambda: _unpacked(path, path.stat().st_size))
    else:
        yield Document(name, modified, lambda: path.open("rb"))


def _of_archive(path: Path, name: str) -> Iterator[Document]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
    except (zipfile.BadZipFile, OSError) as exc:
        raise InputError(f"the archive {name!r} cannot be read: {exc}") from exc
    for member in members:
        if not member.is_dir() and member.filename.lower().endswith(_SUFFIXES):
            yield Document(f"{name}/{member.filename}", _time_written(member, path), _opener(path, member))


def _time_written(member: zipfile.ZipInfo, path: Path) -> datetime:
    """Return when a member was written; when the archive was, if nobody noted it: many programs write zeros."""
    try:
        return datetime(*member.date_time, tzinfo=timezone.utc)
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)


def _opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        archive = zipfile.ZipFile(path)
        try:
            file = archive.open(member)
        finally:
            archive.close()
        packed, twice = member.compress_size, member.filename.lower().endswith(".gz")
        return _unpacked(file, packed) if twice else bound_reading(file, packed)

    return opened


def _unpacked(file: Path | IO[bytes], packed_bytes: int) -> IO[bytes]:
    return bound_reading(cast("IO[bytes]", gzip.open(file, "rb")), packed_bytes)
