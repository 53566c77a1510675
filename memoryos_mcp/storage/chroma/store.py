"""
`protocols.Store` on Chroma: a collection per user and place, one exclusive lock around every operation.

A collection per user rather than a filter: a filter costs 47-276 ms at 100,000 records, a collection 2-3 ms.
No method embeds anything: vectors are always passed, so Chroma's own model download can never start. A place
that is not searched by vector gets a tiny constant-cost stand-in, since Chroma has no record without one.
"""

import hashlib
import logging
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...domain.errors import StoreError, StoreUnavailableError
from ...domain.protocols import Record, Vectors
from ...domain.settings import Settings
from ..active_users import ActiveUsers
from ..folder import CHROMA, LOCK, WRITES, prepare_folder
from ..lock import FolderLock
from .clients import Connection, EmbeddedConnection, WriteCounter
from .migrations import ensure_format
from .names import META, collection_name, is_vector_place
from .operations import Operations
from .server_connection import ServerConnection
from .translate import translate_errors

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

__all__ = ["ChromaStore", "open_store"]

logger = logging.getLogger(__name__)

_PAGE = 1000
_USERS = 256
"""Users whose collections are held in memory, some kilobytes each."""
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
    lock, operations = FolderLock(folder / LOCK), Operations()
    connection: Connection = (
        ServerConnection(settings.chroma, counter)
        if settings.chroma
        else EmbeddedConnection(folder / CHROMA, counter, operations.none)
    )
    store = ChromaStore(connection, lock, operations)
    with ExitStack() as opening:
        opening.callback(lock.close)
        opening.callback(connection.close)
        with store.exclusive():
            pass
        opening.pop_all()
    return store


@dataclass(slots=True)
class _Used:
    """What is held of one user: collections by place (None: there is none), and Chroma's ids of those just used."""

    collections: "dict[str, Collection | None]" = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)


class ChromaStore:
    """
    The store over one `Connection`. Thread-safe; see `protocols.Store` for the contract of each method.

    `_state` guards `_connection` as it opens and counts, `_seen`, `_closed`, `_places` and `_rebuilt`; what is
    held of a user is guarded by that user's lock.
    """

    def __init__(self, connection: Connection, lock: FolderLock, operations: Operations | None = None) -> None:
        self._connection = connection
        self._lock = lock
        self._operations = operations or Operations()
        self._seen = (0, 0)
        self._closed = False
        self._state = threading.Lock()
        self._users: ActiveUsers[_Used] = ActiveUsers(_USERS)
        self._places: dict[str, set[str]] | None = None
        self._rebuilt: list[str] = []
        self.on_loss: Callable[[str, str], None] = lambda user_id, place: None
        """Called with (user id, place) when a damaged index was taken away, to be made anew; the lock is held."""

    @property
    def description(self) -> str:
        """Where the memory lies, for people; with the indexes that were damaged since this process began."""
        rebuilt = f"; built anew because it was damaged: {', '.join(self._rebuilt)}" if self._rebuilt else ""
        return self._connection.description + rebuilt

    @contextmanager
    def exclusive(self, user_id: str | None = None) -> Iterator[None]:
        with self._diagnosed(), self._lock.hold(user_id):
            with self._operations.one():
                self._client()
            yield

    def generation(self) -> int:
        with self._shared_client():
            return self._connection.generation

    def put(self, user_id: str, place: str, records: Sequence[Record]) -> None:
        with (
            self.fresh_client(user_id, writing=True, adding=True) as client,
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
            if collection is not None and is_vector_place(place):
                self._connection.save(collection)

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
        with self.fresh_client(user_id) as client, translate_errors(f"read {place}"):
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
        with self.fresh_client(user_id) as client, translate_errors(f"list {place}"):
            collection = self._collection(client, user_id, place)
            return [] if collection is None else list(collection.get(where=_where(where), include=[])["ids"])

    def delete(self, user_id: str, place: str, ids: Sequence[str]) -> None:
        with (
            self.fresh_client(user_id, writing=True) as client,
            translate_errors(f"delete {len(ids)} records from {place}"),
        ):
            collection = self._collection(client, user_id, place)
            if collection is None:
                return
            for start in range(0, len(ids), _MAX_BATCH):
                collection.delete(ids=list(ids[start : start + _MAX_BATCH]))
            if is_vector_place(place):
                self._connection.save(collection)

    def count(self, user_id: str, place: str) -> int:
        with self.fresh_client(user_id) as client, translate_errors(f"count {place}"):
            collection = self._collection(client, user_id, place)
            return 0 if collection is None else int(collection.count())

    def nearest(self, user_id: str, place: str, vector: Vectors, k: int) -> list[tuple[str, float]]:
        with self.fresh_client(user_id) as client, translate_errors(f"search {place}"):
            collection = self._collection(client, user_id, place)
            if collection is None or k < 1:
                return []
            answer = collection.query(query_embeddings=vector.reshape(1, -1), n_results=k, include=["distances"])
        distances = (answer["distances"] or [[]])[0]
        return [(id_, 1.0 - float(distance)) for id_, distance in zip(answer["ids"][0], distances, strict=True)]

    def users(self) -> list[str]:
        with self._shared_client() as client, translate_errors("list the users"):
            return sorted(user_id for user_id, places in self._all_places(client).items() if places)

    def places(self, user_id: str) -> list[str]:
        with self.fresh_client(user_id) as client, translate_errors("list the places"):
            return self._places_of(client, user_id)

    def drop(self, user_id: str, place: str | None = None) -> None:
        with (
            self.fresh_client(user_id, writing=True) as client,
            translate_errors(f"drop {place or 'everything'}"),
        ):
            for each in self._places_of(client, user_id):
                if place in (None, each):
                    client.delete_collection(collection_name(user_id, each))
                    self._note_place(user_id, each, there=False)
            self._users.drop(user_id)

    def erase(self, user_id: str | None = None) -> str:
        """
        Clear the files of what was deleted from places of *user_id* (or of everybody), so that no byte of it stays.

        Nobody else reads or writes meanwhile: the files are everybody's. Returns what became of them, in words: those
        of a Chroma server are its own.
        """
        with self.fresh_client() as client, translate_errors("list the places of a user"):
            found = self._all_places(client)
            owners = found if user_id is None else [user_id]
            names = [collection_name(owner, place) for owner in owners for place in sorted(found.get(owner, ()))]
            with self._lock.tell_waiting("clearing what was forgotten from the files"):
                return self._connection.erase(names)

    def close(self) -> None:
        with self._lock.hold(), self._state:
            self._closed = True
            self._forget_all()
            self._connection.close()
        self._lock.close()

    @contextmanager
    def fresh_client(
        self, user_id: str | None = None, *, writing: bool = False, adding: bool = False
    ) -> "Iterator[Client]":
        """
        Hold the lock of *user_id* (None: of everybody) and hand out a client that is up to date.

        *writing* tells the other processes beforehand.
        """
        with self._diagnosed(), self._lock.hold(user_id):
            with self._operations.one():
                yield self._client(writing=writing, adding=adding)
                used = self._users.get(user_id) if user_id is not None else None
                while used is not None and used.ids:
                    self._connection.erase_if_new(used.ids.pop())
            if self._connection.is_full and not self._operations.has_own:
                with self._operations.none(at_all=True), self._state:
                    self._connection.renew()

    @contextmanager
    def _shared_client(self) -> "Iterator[Client]":
        """Hand out a client to read what is nobody's alone."""
        with self._diagnosed(), self._lock.share(), self._operations.one():
            yield self._client()

    def _client(self, *, writing: bool = False, adding: bool = False) -> "Client":
        with self._state:
            if self._closed:
                raise StoreUnavailableError("the memory is closed; open it again")
            client = self._connection.client()
            state = (self._connection.openings, self._connection.generation)
            if state != self._seen:
                self._forget_all()
                with translate_errors("check the format"):
                    ensure_format(client)
                self._seen = state
            if writing:
                self._connection.announce_write(adding=adding)
            return client

    @contextmanager
    def _diagnosed(self) -> Iterator[None]:
        """Look at the files when Chroma refused for a reason it does not tell apart, once the thread holds nothing."""
        try:
            yield
        except StoreError as error:
            if type(error) is StoreError and not self._lock.held:
                with self._lock.hold(), self._state:
                    self._forget_all()
                    try:
                        self._connection.diagnose()
                    except StoreError as found:
                        raise found from error
            raise

    def _forget_all(self) -> None:
        self._users.clear()
        self._places = None

    def _collection(
        self, client: "Client", user_id: str, place: str, searched: bool | None = None
    ) -> "Collection | None":
        """Return a place's collection; *searched* (does it hold real vectors?) is given to create a missing one."""
        name, used = collection_name(user_id, place), self._users.get(user_id)
        if used is None or place not in used.collections:
            found = self._collection_if_healthy(client, name, user_id, place)
            used = self._users.get(user_id) or self._users.put(user_id, _Used())
            used.collections[place] = found
        if used.collections[place] is None and searched is not None:
            every = self._connection.saves_every(searched=searched)
            used.collections[place] = client.create_collection(
                name,
                embedding_function=None,
                metadata={"user_id": user_id, "place": place},
                configuration={
                    "hnsw": {
                        "space": "cosine" if searched else "l2",
                        "batch_size": every,
                        "sync_threshold": every,
                    }
                },
                get_or_create=True,
            )
            self._note_place(user_id, place, there=True)
        found = used.collections[place]
        if found is not None:
            used.ids.add(str(found.id))
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
        self._client(writing=True)
        if searched:
            client.delete_collection(name)
            self._note_place(user_id, place, there=False)
        else:
            self._connection.discard_index(str(found.id))
        self._rebuilt.append(f"{place} ({flaw})")
        self.on_loss(user_id, place)
        return None if searched else found

    def _all_places(self, client: "Client") -> dict[str, set[str]]:
        """Return the places of every user; listed once while no other process writes, since that takes a while."""
        with self._state:  # what another thread makes meanwhile, it notes after this
            if self._places is None:
                found: list[Collection] = []
                while page := list(client.list_collections(limit=_PAGE, offset=len(found))):
                    found += page
                self._places = {}
                for metadata in [each.metadata or {} for each in found if each.name != META]:
                    self._places.setdefault(str(metadata["user_id"]), set()).add(str(metadata["place"]))
            return dict(self._places)

    def _places_of(self, client: "Client", user_id: str) -> list[str]:
        return sorted(self._all_places(client).get(user_id, ()))

    def _note_place(self, user_id: str, place: str, *, there: bool) -> None:
        with self._state:
            if self._places is not None:
                places = self._places.setdefault(user_id, set())
                (places.add if there else places.discard)(place)


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
