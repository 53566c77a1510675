"""A memory for retrieval tests: a dictionary for the store, pages by id, characters for tokens."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from memoryos_mcp.domain.protocols import Embedder, Record, Tokenizer, Vectors
from memoryos_mcp.domain.records import Fact, Page, Profile, Retrieval, Segment
from memoryos_mcp.retrieval import Request, Retriever
from memoryos_mcp.retrieval.embedders import BundledEmbedder
from memoryos_mcp.storage.index import TurnIndex

from .make import NOON, segment

__all__ = ["ANNA", "DictStore", "QuarterTokenizer", "RetrievalWorld", "exchange", "unit_vector"]

ANNA = "anna"


class DictStore:
    """`Store` in dictionaries: what was put comes back, nearest by looking at every vector."""

    def __init__(self) -> None:
        self.places_by_user: dict[tuple[str, str], dict[str, Record]] = {}

    def exclusive(self, user_id: str | None = None) -> AbstractContextManager[None]:
        return nullcontext()

    def put(self, user_id: str, place: str, records: Sequence[Record]) -> None:
        self.places_by_user.setdefault((user_id, place), {}).update({record.id: record for record in records})

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
        held = self.places_by_user.get((user_id, place), {})
        return [held[id_] for id_ in (held if ids is None else ids) if id_ in held]

    def ids(self, user_id: str, place: str, *, where: Mapping[str, Any] | None = None) -> list[str]:
        return list(self.places_by_user.get((user_id, place), {}))

    def delete(self, user_id: str, place: str, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.places_by_user.get((user_id, place), {}).pop(id_, None)

    def count(self, user_id: str, place: str) -> int:
        return len(self.places_by_user.get((user_id, place), {}))

    def nearest(self, user_id: str, place: str, vector: Vectors, k: int) -> list[tuple[str, float]]:
        held = self.places_by_user.get((user_id, place), {})
        scored = [(id_, float(record.vector @ vector)) for id_, record in held.items() if record.vector is not None]
        return sorted(scored, key=lambda pair: -pair[1])[:k]

    def generation(self) -> int:
        return 0

    def users(self) -> list[str]:
        return sorted({user_id for user_id, _ in self.places_by_user})

    def places(self, user_id: str) -> list[str]:
        return sorted(place for user, place in self.places_by_user if user == user_id)

    def drop(self, user_id: str, place: str | None = None) -> None:
        for key in [key for key in self.places_by_user if key[0] == user_id and place in (None, key[1])]:
            del self.places_by_user[key]

    def close(self) -> None:
        self.places_by_user.clear()


class QuarterTokenizer:
    """A token for every four characters begun: budgets one can check by counting."""

    name = "quarter"

    def count(self, text: str) -> int:
        """Return a quarter of the characters, rounded up."""
        return -(-len(text) // 4)


def exchange(number: int, user_input: str, agent_response: str = "I see.", **fields: Any) -> Page:
    """Return page *number* of a conversation with one exchange a minute, a day for every hundred."""
    stamp = NOON + timedelta(days=number // 100, minutes=number % 100)
    return Page(
        page_id=f"p{number:010d}",
        user_input=user_input,
        agent_response=agent_response,
        timestamp=fields.pop("timestamp", stamp),
        sequence=number + 1,
        **fields,
    )


class RetrievalWorld:
    """
    A retriever over real index files and a `DictStore`.

    `remember` puts pages into mid-term memory; `recall` asks, with what is in `short_term` as the queue.
    """

    def __init__(self, folder: Path, embedder: Embedder | None = None, tokenizer: Tokenizer | None = None) -> None:
        self.store = DictStore()
        self.embedder = embedder or BundledEmbedder()
        self.index = TurnIndex(self.store, folder / "index", self.embedder)
        self.short_term: list[Page] = []
        self.profile = Profile(ANNA, "assistant", "")
        self.stored: dict[str, Page] = {}
        self.retriever = Retriever(self.index, self, self.embedder, tokenizer or QuarterTokenizer())

    def remember(self, *pages: Page) -> None:
        """Index pages, oldest first."""
        self.stored.update({page.page_id: page for page in pages})
        self.index.add(ANNA, pages, [], [])

    def recall(self, query: str, max_tokens: int = 300, **fields: Any) -> Retrieval:
        """Ask a year after the first page, unless told otherwise."""
        request = Request(
            user_id=ANNA,
            query=query,
            max_tokens=max_tokens,
            since=None,
            until=None,
            now=NOON + timedelta(days=365),
            short_term=tuple(self.short_term),
            profile=self.profile,
            user_name="Anna",
            assistant_name="",
        )
        return self.retriever.retrieve(replace(request, **fields))

    def knows(self, *facts: Fact, summary: str = "") -> None:
        """Give the user these facts and this digest."""
        self.profile = Profile(ANNA, "assistant", summary, user_knowledge=facts)

    def __enter__(self) -> "RetrievalWorld":
        return self

    def __exit__(self, *error: object) -> None:
        self.index.close()

    def pages(self, user_id: str, ids: Sequence[str]) -> list[Page]:
        """Answer as the retriever's page source."""
        return [self.stored[id_] for id_ in ids if id_ in self.stored]

    def segments(self, user_id: str, ids: Sequence[str]) -> list[tuple[Segment, float]]:
        """Answer as the retriever's page source: every segment exists and has heat 1."""
        return [(segment(id_), 1.0) for id_ in ids]


def unit_vector(*values: float) -> Vectors:
    """Return a unit vector."""
    vector = np.array(values, np.float32)
    return vector / np.float32(np.linalg.norm(vector))
