"""
Raw Chroma beside the engine: one collection with the engine's own turn vectors, and nothing else.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

import numpy as np

from ...domain.protocols import Vectors
from ...domain.settings import Settings
from ...storage.chroma import open_store
from ...storage.index.vectors import PREFIX

if TYPE_CHECKING:
    from chromadb.api.client import Client

__all__ = ["RawChroma", "turn_vectors"]

_BATCH = 2000


class RawChroma:
    """A collection in a folder of its own; use it as a context manager, one at a time on a folder."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        made = chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
        self._client = cast("Client", made)
        self._collection = self._client.get_or_create_collection(
            "raw", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )

    def __enter__(self) -> "RawChroma":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def __len__(self) -> int:
        return int(self._collection.count())

    def add(self, vectors: Vectors, text: str) -> None:
        """Add a record for each of *vectors*, all with the same text."""
        first = len(self)
        ids = [str(first + at) for at in range(len(vectors))]
        self._collection.add(ids=ids, embeddings=vectors, documents=[text] * len(vectors))

    def query(self, vector: Vectors) -> None:
        """Ask for the ten records nearest to *vector*."""
        self._collection.query(query_embeddings=vector.reshape(1, -1), n_results=10, include=["documents", "distances"])


def turn_vectors(settings: Settings, embedder: str, start: int, end: int) -> Iterator[Vectors]:
    """Yield the vectors of a memory's turns from *start* to *end*, or to its last, at most 2,000 at a time."""
    store = open_store(settings)
    try:
        while start < end:
            count = min(_BATCH, end - start)
            records = store.get(settings.user_id, f"{PREFIX}{embedder}", limit=count, offset=start, vectors=True)
            found = [record.vector for record in records if record.vector is not None]
            if not found:
                return
            yield np.stack(found)
            start += len(found)
    finally:
        store.close()
