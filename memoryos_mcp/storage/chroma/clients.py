"""
Chroma embedded in this process on a folder, and what store and connection expect of each other.

A connection hands out a live client. Only an embedded one can go stale: another process that wrote has moved the
vector index on disk away from the one in our memory, and then the client is closed and opened again. Who wrote is
told by a counter in a small file, raised under the folder lock before each write. (`PRAGMA data_version` cannot tell:
Chroma 1.5 commits on its own a moment after a write, so our own writes would look like another process's.)
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from ...domain.errors import StoreFormatError
from ..folder import check_room
from .database import DATABASE, check_database, corrupt, damage_of, identity
from .erasure import SYNC_EVERY, clearing_report, erase_deleted, erase_unused, restore, sync
from .forks import refuse_in_fork
from .health import VectorHealth
from .open_indexes import indexes_kept_open, most_indexes
from .translate import translate_errors

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from chromadb.config import Settings as ChromaSettings

__all__ = ["Connection", "EmbeddedConnection", "WriteCounter", "chroma_settings", "writes_so_far"]


class Connection(Protocol):
    """A way to a Chroma client. All calls come with the folder lock held."""

    @property
    def description(self) -> str: ...

    def client(self) -> "Client":
        """Return a client that sees what every process acknowledged."""
        ...

    @property
    def generation(self) -> int:
        """Changes when another process wrote: what was cached under another number may be stale."""
        ...

    @property
    def openings(self) -> int:
        """Changes with the client: what Chroma handed out under another number is of no use any more."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether so many vector indexes are open that `renew` is due."""
        ...

    def renew(self) -> None:
        """Have the next operation begin with a fresh client. No operation is under way."""
        ...

    def save(self, collection: "Collection") -> None:
        """Have vectors that were just written saved, where they would else be lost from sight; in their operation."""
        ...

    def saves_every(self, *, searched: bool) -> int:
        """Return after how many records a new collection saves its vectors; *searched* if they are ever read."""
        ...

    def announce_write(self, *, adding: bool = False) -> None:
        """
        Say that a write is about to happen, so that other processes open their client again.

        Raises:
            StoreUnavailableError: It would be *adding*, and the disk has no room.
        """
        ...

    def flaw(self, collection_id: str, *, searched: bool) -> str:
        """Return what is wrong with a collection's vector index on disk; empty when nothing is, or it is not here."""
        ...

    def discard_index(self, collection_id: str) -> None:
        """Take away a damaged index that nobody searches."""
        ...

    def diagnose(self) -> None:
        """
        Find out why Chroma refused an operation, and have the next one begin with a fresh client.

        Raises:
            StoreCorruptError: The database is damaged; every later operation says so too, until it is replaced.
            StoreFormatError: It has vector indexes of a layout that we do not know.
        """
        ...

    def erase_if_new(self, collection_id: str) -> None:
        """Erase what the files of a collection's new, empty vector index happen to hold; a first use writes them."""
        ...

    def erase(self, names: Sequence[str]) -> str:
        """Clear the files of what was deleted from collections *names*; return what became of them, in words."""
        ...

    def close(self) -> None: ...


def chroma_settings() -> "ChromaSettings":
    """Return Chroma's own settings: nothing is reported to anybody."""
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def _collections(client: "Client", names: Sequence[str]) -> "list[Collection]":
    return [client.get_collection(name, embedding_function=None) for name in names]


class WriteCounter:
    """
    A number in a small file that every process raises, under the folder lock, before it writes.

    Args:
        path: The file; made when missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def read(self) -> int:
        """Return the number."""
        with translate_errors(f"read {self._path}"):
            os.lseek(self._open(), 0, os.SEEK_SET)
            return int.from_bytes(os.read(self._open(), 8), "big")

    def advance(self) -> int:
        """Raise the number and return it."""
        value = self.read() + 1
        with translate_errors(f"write {self._path}"):
            os.lseek(self._open(), 0, os.SEEK_SET)
            os.write(self._open(), value.to_bytes(8, "big"))
        return value

    def close(self) -> None:
        """Release the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        return self._descriptor


def writes_so_far(path: Path) -> int:
    """Return the number in a `WriteCounter`'s file, 0 without one; makes nothing."""
    with translate_errors(f"read {path}"):
        return int.from_bytes(path.read_bytes()[:8], "big") if path.exists() else 0


class EmbeddedConnection:
    """
    `PersistentClient` on a folder, reopened when another process wrote.

    Args:
        path: Chroma's own folder.
        counter: Counts the writes of all processes.
        alone: Holds off other threads' operations, while the database is asked from outside.
    """

    def __init__(
        self, path: Path, counter: WriteCounter, alone: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._path = path
        self._counter = counter
        self._client: Client | None = None
        self._health = VectorHealth(path, alone)
        self._begun: set[str] = set()
        self._damage: tuple[tuple[int, int], str] | None = None
        self._settings: ChromaSettings | None = None
        self._seen = -1
        self._most = most_indexes()
        self.generation = self.openings = 0

    @property
    def description(self) -> str:
        unchecked = self._health.unchecked
        note = f" ({len(unchecked)} vector indexes not checked: {next(iter(unchecked.values()))})" if unchecked else ""
        return f"embedded Chroma in {self._path}{note}"

    def client(self) -> "Client":
        if self._damage is not None:
            found, why = self._damage
            if identity(self._path / DATABASE) == found:
                raise corrupt(self._path, why)
            self._damage = None
        if self._client is None or self._counter.read() != self._seen:
            self._reopen()
        assert self._client is not None
        return self._client

    def announce_write(self, *, adding: bool = False) -> None:
        if adding:
            check_room(self._path)
        self._seen = self._counter.advance()

    def flaw(self, collection_id: str, *, searched: bool) -> str:
        return self._health.flaw(collection_id, searched=searched)

    def discard_index(self, collection_id: str) -> None:
        self._health.discard(collection_id)

    @property
    def is_full(self) -> bool:
        return len(self._begun) > self._most

    def renew(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        self._begun.clear()

    def save(self, collection: "Collection") -> None:
        """Nothing: what is not saved yet is read again with the next client."""

    def saves_every(self, *, searched: bool) -> int:
        return SYNC_EVERY

    def diagnose(self) -> None:
        path = self._path / DATABASE
        self.close()
        if why := damage_of(path):
            self._damage = identity(path), why
            raise corrupt(self._path, why)
        if unchecked := self._health.unchecked:
            raise StoreFormatError(
                f"the memory in {self._path} has {len(unchecked)} vector indexes of another Chroma "
                f"({next(iter(unchecked.values()))}). They were left as they are: open the memory with the release "
                "that wrote it and `memoryos-mcp export`, then `memoryos-mcp import` that here"
            )

    def close(self) -> None:
        self.renew()
        self._counter.close()
        self._seen = -1

    def erase_if_new(self, collection_id: str) -> None:
        if collection_id not in self._begun:
            folder = self._health.folder(collection_id)
            if folder is not None:
                erase_unused(folder)
                self._begun.add(collection_id)

    def erase(self, names: Sequence[str]) -> str:
        self.announce_write()
        with translate_errors("clear the files of what was forgotten"):
            sync(_collections(self.client(), names))
            self._reopen()
            restore(_collections(self.client(), names))
        self.close()
        return clearing_report(erase_deleted(self._path))

    def _reopen(self) -> None:
        import chromadb

        refuse_in_fork()
        self.renew()
        elsewhere = self._counter.read() != self._seen
        check_database(self._path, used=self._counter.read() > 0, thorough=self.generation == 0)
        with translate_errors(f"open {self._path}"):
            self._settings = self._settings or chroma_settings()  # reading them anew is half the cost of opening
            with indexes_kept_open():
                client = chromadb.PersistentClient(str(self._path), settings=self._settings)
        self._client = cast("Client", client)
        self._seen = self._counter.read()
        self.openings += 1
        self.generation += elsewhere
