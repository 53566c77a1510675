"""
A Chroma server elsewhere, over HTTP. What goes wrong is told apart: nobody answers, or somebody refuses.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from ...domain.addresses import public_address
from ...domain.errors import StoreError, StoreUnavailableError
from .clients import WriteCounter, chroma_settings
from .erasure import LEAST_SYNC, NOBODY, NOT_OURS, SYNC_EVERY, set_threshold

if TYPE_CHECKING:
    import httpx
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

__all__ = ["ServerConnection"]

_CONNECT_S, _ANSWER_S = 5.0, 30.0
_HEARTBEAT = "/api/v2/heartbeat"
_BUSY = {429, 502, 503, 504}


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
        self._saving: set[str] = set()
        self.generation = self.openings = 0

    @property
    def description(self) -> str:
        return f"Chroma server {public_address(self._url)}"

    def client(self) -> "Client":
        if self._client is None:
            self._client = self._connect()
            self._seen = -1
            self.openings += 1
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

    @property
    def is_full(self) -> bool:
        return False

    def renew(self) -> None:
        """A server sees to its own open files: `config/chroma-server.yaml`."""

    def save(self, collection: "Collection") -> None:
        """
        Have the server save a collection's vectors, which it does once there are two changes: here are two of nothing.

        One that is bounded in its memory closes indexes, and what was not saved by then is out of its sight until it
        is started again: questions fail, or miss what was said last.
        """
        if str(collection.id) not in self._saving:
            if _threshold(collection) > LEAST_SYNC:  # made by an earlier release; heeded from the server's next start
                set_threshold(collection, LEAST_SYNC)
            self._saving.add(str(collection.id))
        collection.delete(ids=NOBODY)

    def saves_every(self, *, searched: bool) -> int:
        return LEAST_SYNC if searched else SYNC_EVERY

    def diagnose(self) -> None:
        """Nothing can be found out from here."""

    def erase_if_new(self, collection_id: str) -> None:
        """A server's files are its own."""

    def erase(self, names: Sequence[str]) -> str:
        return NOT_OURS

    def close(self) -> None:
        self._counter.close()
        if self._client is not None:
            self._client.close()
            for session in _sessions(self._client):  # Chroma 1.5 leaves them to the garbage collector
                session.close()
            self._client = None

    def _connect(self) -> "Client":
        import chromadb

        self._greet()
        parts = urlsplit(self._url)
        secure = parts.scheme == "https"
        try:
            client = chromadb.HttpClient(
                host=parts.hostname or "localhost",
                port=parts.port or (443 if secure else 8000),
                ssl=secure,
                settings=chroma_settings(),
            )
        except ValueError as exc:  # what the constructor raises when it is not let in
            raise StoreUnavailableError(f"the Chroma server {public_address(self._url)} gave no access: {exc}") from exc
        for session in _sessions(client):
            session.timeout = timeout()
        return cast("Client", client)

    def _greet(self) -> None:
        """
        Ask whether a Chroma server is there, before Chroma's client does, which waits for ever.

        Raises:
            StoreUnavailableError: Nobody answers in time.
            StoreError: Somebody does, but no Chroma server, or one that refuses.
        """
        import httpx

        address = public_address(self._url)
        try:
            answer = httpx.get(f"{self._url.rstrip('/')}{_HEARTBEAT}", timeout=timeout())
        except httpx.HTTPError as exc:
            why = str(exc) or type(exc).__name__
            raise StoreUnavailableError(
                f"no Chroma server answers at {address}: {why}; start it, or try again"
            ) from exc
        if answer.status_code in _BUSY:
            raise StoreUnavailableError(f"the Chroma server {address} is not ready: {answer.status_code}; try again")
        if answer.status_code != httpx.codes.OK or "nanosecond heartbeat" not in answer.text:
            raise StoreError(
                f"what answers at {address} is no Chroma server that lets us in ({answer.status_code}): "
                "MEMORYOS_CHROMA is the address of one, http://host:port"
            )


def timeout() -> "httpx.Timeout":
    """Return how long a request may take: a hung server is an error that may be tried again, not a hung caller."""
    import httpx

    return httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)


def _threshold(collection: "Collection") -> int:
    hnsw = (collection.configuration_json or {}).get("hnsw") or {}
    return int(hnsw.get("sync_threshold") or SYNC_EVERY)


def _sessions(client: Any) -> "list[httpx.Client]":
    """Return the HTTP connections of a Chroma client, which has no setting for their time; none of a kind unknown."""
    import httpx

    owners = (client, getattr(client, "_admin_client", None))
    found = [getattr(getattr(owner, "_server", None), "_session", None) for owner in owners]
    return [session for session in found if isinstance(session, httpx.Client)]
