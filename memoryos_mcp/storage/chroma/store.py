"""
`protocols.Store` on Chroma: a collection per user and place, one exclusive lock around every operation.

A collection per user rather than a filter: a filter costs 47-276 ms at 100,000 records, a collection 2-3 ms.
No method embeds anything: vectors are always passed, so Chroma's own model download can never start. A place
that is not searched by vector gets a tiny constant-cost stand-in, since Chroma has no record without one.
"""

import hashlib
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ...domain.errors import StoreError, StoreUnavailableError
from ...domain.protocols import Record, Vectors
from ...domain.settings import Settings
from ..folder import CHROMA, LOCK, WRITES, prepare_folder
from ..lock import FolderLock
from .clients import Connection, EmbeddedConnection, ServerConnection, WriteCounter
from .erasure import SYNC_EVERY
from .migrations import ensure_format
from .names import META, collection_name, is_vector_place
from .translate import translate_errors

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

__all__ = ["ChromaStore", "open_store"]

logger = logging.getLogger(__name__)

_PAGE = 1000
_NO_METADATA = {"-": True}  # Chroma refuses an empty object
_MAX_BATCH = 2000  # below Chroma's own bound of 5,461


def open_store(settings: Settings) -> "ChromaStore":
    """
    Return the store that *settings* name, its folder made and its format checked.

    Raises:
        StoreUnavailableError: The folder cannot be used, or the server does not answer.
        StoreFormatError: It was written by a newer version.
    """
    folder = prepare_folder(settings.data_dir)
    counter = WriteCounter(folder / WRITES)
    connection: Connection = (
        ServerConnection(settings.chroma, counter) if settings.chroma else EmbeddedConnection(folder / CHROMA, counter)
    )
    lock = FolderLock(folder / LOCK)
    store = ChromaStore(connection, lock)
    with ExitStack() as opening:
        opening.callback(lock.close)
        opening.callback(connection.close)
        with store.exclusive():
            pass
        opening.pop_all()
    return store


class ChromaStore:
    """The store over one `Connection`. Thread-safe; see `protocols.Store` for the contract of each method."""

    def __init__(self, connection: Connection, lock: FolderLock) -> None:
        self._connection = connection
        self._lock = lock
        self._generation = -1
        self._closed = False
        self._collections: dict[str, Collection | None] = {}
        self._used: set[str] = set()
        self._places: dict[str, set[str]] = {}
        self._diagnosed = 0  # id() of the error that was looked into: it passes here once for each nested call
        self._rebuilt: list[str] = []
        self.on_loss: Callable[[str, str], None] = lambda user_id, place: None
        """Called with (user id, place) when a damaged index was taken away and has to be built anew; under the lock."""

    @property
    def description(self) -> str:
        """Where the memory lies, for people; with the indexes that were damaged since this process began."""
        rebuilt = f"; built anew because it was damaged: {', '.join(self._rebuilt)}" if self._rebuilt else ""
        return self._connection.description + rebuilt

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        with self.fresh_client():
            yield

    def generation(self) -> int:
        with self.fresh_client():
            return self._generation

    def put(self, user_id: str, place: str, records: Sequence[Record]) -> None:
        with (
            self.fresh_client(writing=True, adding=True) as client,
            translate_errors(f"store {len(records)} records in {place}"),
        ):
            collection = self._collection(client, user_id, place, records[0].vector is not None) if records else None
            for start in range(0, len(records), _MAX_BATCH):
                chunk = records[start : start + _MAX_BATCH]
                assert collection is not None
                collection.upsert(
                    ids=[record.id for record in chunk],
                    documents=[record.document for record in chunk],
                    metadatas=[dict(record.metadata) or _NO_METADATA for record in chunk],
                    embeddings=np.stack([_vector(record) for record in chunk]),
                )

    def get(
        self,
        user_id: str,
        place: str,
        ids: Sequence[str] | None = None,
        *,
        where: Mapping[str, Any] | None = None,
        limit: int | None = None,
        offset: int = 0,
        vectors: bool = False,
    ) -> list[Record]:
        include = ["documents", "metadatas", *(["embeddings"] if vectors else [])]
        with self.fresh_client() as client, translate_errors(f"read {place}"):
            collection = self._collection(client, user_id, place)
            if collection is None or (ids is not None and not ids):
                return []
            answer = collection.get(
                ids=list(ids) if ids is not None else None,
                where=_where(where),
                limit=limit,
                offset=offset or None,
                include=include,  # type: ignore[arg-type]
            )
        return _records(answer, vectors)

    def ids(self, user_id: str, place: str, *, where: Mapping[str, Any] | None = None) -> list[str]:
        with self.fresh_client() as client, translate_errors(f"list {place}"):
            collection = self._collection(client, user_id, place)
            return [] if collection is None else list(collection.get(where=_where(where), include=[])["ids"])

    def delete(self, user_id: str, place: str, ids: Sequence[str]) -> None:
        with self.fresh_client(writing=True) as client, translate_errors(f"delete {len(ids)} records from {place}"):
            collection = self._collection(client, user_id, place)
            if collection is None:
                return
            for start in range(0, len(ids), _MAX_BATCH):
                collection.delete(ids=list(ids[start : start + _MAX_BATCH]))

    def count(self, user_id: str, place: str) -> int:
        with self.fresh_client() as client, translate_errors(f"count {place}"):
            collection = self._collection(client, user_id, place)
            return 0 if collection is None else int(collection.count())

    def nearest(self, user_id: str, place: str, vector: Vectors, k: int) -> list[tuple[str, float]]:
        with self.fresh_client() as client, translate_errors(f"search {place}"):
            collection = self._collection(client, user_id, place)
            if collection is None or k < 1:
                return []
            answer = collection.query(query_embeddings=vector.reshape(1, -1), n_results=k, include=["distances"])
        distances = (answer["distances"] or [[]])[0]
        return [(id_, 1.0 - float(distance)) for id_, distance in zip(answer["ids"][0], distances, strict=True)]

    def users(self) -> list[str]:
        with self.fresh_client() as client, translate_errors("list the users"):
            return sorted({str((found.metadata or {})["user_id"]) for found in self._all(client)})

    def places(self, user_id: str) -> list[str]:
        with self.fresh_client() as client, translate_errors("list the places"):
            known = self._places.get(user_id)
            if known is None:
                mine = [found.metadata or {} for found in self._all(client)]
                known = {str(each["place"]) for each in mine if each["user_id"] == user_id}
                self._places[user_id] = known
        return sorted(known)

    def drop(self, user_id: str, place: str | None = None) -> None:
        with self.fresh_client(writing=True) as client, translate_errors(f"drop {place or 'everything'}"):
            for found in self._all(client):
                metadata = found.metadata or {}
                if metadata["user_id"] == user_id and place in (None, metadata["place"]):
                    client.delete_collection(found.name)
                    self._collections[found.name] = None
            self._places.pop(user_id, None)

    def erase(self, user_id: str | None = None) -> str:
        """
        Clear the files of what was deleted from places of *user_id* (or of everybody), so that no byte of it stays.

        Returns what became of the files, in words: those of a Chroma server are its own.
        """
        with self.fresh_client() as client, translate_errors("list the places of a user"):
            found = [each for each in self._all(client) if user_id in (None, (each.metadata or {})["user_id"])]
            with self._lock.tell_waiting("clearing what was forgotten from the files"):
                return self._connection.erase([collection.name for collection in found])

    def close(self) -> None:
        with self._lock.hold():
            self._closed = True
            self._collections.clear()
            self._generation = -1
            self._connection.close()
        self._lock.close()

    @contextmanager
    def fresh_client(self, *, writing: bool = False, adding: bool = False) -> "Iterator[Client]":
        """Hold the lock and hand out a client that is up to date; *writing* tells the other processes beforehand."""
        with self._lock.hold():
            if self._closed:
                raise StoreUnavailableError("the memory is closed; open it again")
            try:
                client = self._connection.client()
                if self._connection.generation != self._generation:
                    self._collections.clear()
                    self._places.clear()
                    with translate_errors("check the format"):
                        ensure_format(client)
                    self._generation = self._connection.generation
                if writing:
                    self._connection.announce_write(adding=adding)
                yield client
                while self._used:
                    self._connection.begun(self._used.pop())
            except StoreError as exc:
                self._diagnose(exc)
                raise

    def _diagnose(self, error: StoreError) -> None:
        """Look at the files when Chroma refused for a reason it does not tell apart; once for each error."""
        if type(error) is StoreError and id(error) != self._diagnosed:
            self._diagnosed = id(error)
            self._collections.clear()
            self._places.clear()
            try:
                self._connection.diagnose()
            except StoreError as found:
                raise found from error

    def _collection(
        self, client: "Client", user_id: str, place: str, searched: bool | None = None
    ) -> "Collection | None":
        """Return a place's collection; *searched* (does it hold real vectors?) is given to create a missing one."""
        name = collection_name(user_id, place)
        if name not in self._collections:
            self._collections[name] = self._collection_if_healthy(client, name, user_id, place)
        if self._collections[name] is None and searched is not None:
            self._collections[name] = client.create_collection(
                name,
                embedding_function=None,
                metadata={"user_id": user_id, "place": place},
                configuration={
                    "hnsw": {
                        "space": "cosine" if searched else "l2",
                        "batch_size": SYNC_EVERY,
                        "sync_threshold": SYNC_EVERY,
                    }
                },
                get_or_create=True,
            )
            self._places.pop(user_id, None)
        found = self._collections[name]
        if found is not None:
            self._used.add(str(found.id))
        return found

    def _collection_if_healthy(self, client: "Client", name: str, user_id: str, place: str) -> "Collection | None":
        """
        Return a place's collection if there is one, its vector index looked at before Chroma reads it.

        A damaged index is taken away: of a vector place with the whole place, which is built anew from the documents;
        elsewhere alone, since nobody searches it.
        """
        from chromadb.errors import NotFoundError

        try:
            found = client.get_collection(name, embedding_function=None)
        except NotFoundError:
            return None
        searched = is_vector_place(place)
        if not (flaw := self._connection.flaw(str(found.id), searched=searched)):
            return found
        logger.warning("the vector index of %s is damaged and is built anew from the documents: %s", place, flaw)
        self._connection.announce_write()
        if searched:
            client.delete_collection(name)
            self._places.pop(user_id, None)
        else:
            self._connection.discard_index(str(found.id))
        self._rebuilt.append(f"{place} ({flaw})")
        self.on_loss(user_id, place)
        return None if searched else found

    def _all(self, client: "Client") -> "list[Collection]":
        found: list[Collection] = []
        while page := list(client.list_collections(limit=_PAGE, offset=len(found))):
            found += page
        return [collection for collection in found if collection.name != META]


def _vector(record: Record) -> Vectors:
    if record.vector is not None:
        return record.vector
    angle = int.from_bytes(hashlib.blake2b(record.id.encode(), digest_size=4).digest(), "big") / 2**32 * math.tau
    return np.array([math.cos(angle), math.sin(angle)], dtype=np.float32)


def _where(where: Mapping[str, Any] | None) -> Any:
    if not where:
        return None
    return dict(where) if len(where) == 1 else {"$and": [{key: value} for key, value in where.items()]}


def _records(answer: Mapping[str, Any], vectors: bool) -> list[Record]:
    embeddings = answer["embeddings"] if vectors else [None] * len(answer["ids"])
    rows = zip(answer["ids"], answer["documents"], answer["metadatas"], embeddings, strict=True)
    return [
        Record(
            id_,
            document or "",
            {} if metadata == _NO_METADATA else metadata or {},
            None if vector is None else np.asarray(vector, dtype=np.float32),
        )
        for id_, document, metadata, vector in rows
    ]
