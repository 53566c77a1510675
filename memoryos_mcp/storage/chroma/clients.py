"""
Where Chroma runs: embedded in this process on a folder, or a server elsewhere.

A connection hands out a live client. Only the embedded one can go stale: another process that wrote has moved the
vector index on disk away from the one in our memory, and then the client is closed and opened again. Who wrote is
told by a counter in a small file, raised under the folder lock before each write. (`PRAGMA data_version` cannot tell:
Chroma 1.5 commits on its own a moment after a write, so our own writes would look like another process's.)
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

from ...domain.addresses import public_address
from ...domain.errors import StoreFormatError, StoreUnavailableError
from ..folder import check_room
from .database import DATABASE, check_database, corrupt, damage_of, identity
from .erasure import NOT_OURS, clearing_report, erase_deleted, erase_unused, restore, sync
from .forks import refuse_in_fork
from .health import VectorHealth
from .translate import translate_errors

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from chromadb.config import Settings as ChromaSettings

__all__ = ["Connection", "EmbeddedConnection", "ServerConnection", "WriteCounter", "writes_so_far"]


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


def _chroma_settings() -> "ChromaSettings":
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
        self.generation = 0

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
        if self._client is not None:
            self._client.close()
            self._client = None
        self._counter.close()

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
        self.close()
        check_database(self._path, used=self._counter.read() > 0, thorough=self.generation == 0)
        with translate_errors(f"open {self._path}"):
            self._settings = self._settings or _chroma_settings()  # reading them anew is half the cost of opening
            client = chromadb.PersistentClient(str(self._path), settings=self._settings)
        self._client = cast("Client", client)
        self._begun.clear()
        self._seen = self._counter.read()
        self.generation += 1


class ServerConnection:
    """
    `HttpClient` to a Chroma server; the server keeps its own index right for everybody.

    Args:
        url: The server's address.
        counter: Counts the writes of all processes with this data folder: what they cached goes stale all the same.
    """

    def __init__(self, url: str, counter: WriteCounter) -> None:
        self._url = url
        self._counter = counter
        self._seen = -1
        self._client: Client | None = None
        self.generation = 0

    @property
    def description(self) -> str:
        return f"Chroma server {public_address(self._url)}"

    def client(self) -> "Client":
        if self._client is None:
            self._client = self._connect()
            self._seen = -1
        if (count := self._counter.read()) != self._seen:
            self._seen = count
            self.generation += 1
        return self._client

    def announce_write(self, *, adding: bool = False) -> None:  # the room is the server's matter
        self._seen = self._counter.advance()

    def flaw(self, collection_id: str, *, searched: bool) -> str:
        return ""

    def discard_index(self, collection_id: str) -> None:
        raise AssertionError("a server keeps its own indexes")

    def diagnose(self) -> None:
        """Do nothing: nothing can be found out from here."""

    def erase_if_new(self, collection_id: str) -> None:
        """Do nothing: a server's files are its own."""

    def erase(self, names: Sequence[str]) -> str:
        return NOT_OURS

    def close(self) -> None:
        self._counter.close()
        if self._client is not None:
            self._client.close()
            for owner in (self._client, self._client._admin_client):
                # Chroma 1.5 leaves its HTTP connections to the garbage collector
                session = getattr(getattr(owner, "_server", None), "_session", None)
                if session is not None:
                    session.close()
            self._client = None

    def _connect(self) -> "Client":
        import chromadb

        parts = urlsplit(self._url)
        secure = parts.scheme == "https"
        try:
            client = chromadb.HttpClient(
                host=parts.hostname or "localhost",
                port=parts.port or (443 if secure else 8000),
                ssl=secure,
                settings=_chroma_settings(),
            )
        except ValueError as exc:  # what the constructor raises when nobody answers
            raise StoreUnavailableError(f"no Chroma server answers at {public_address(self._url)}: {exc}") from exc
        return cast("Client", client)
