"""
The parts put together as the settings say: tiers over a store, the embedder, the analyzers and how they batch.

The one place that knows every adapter. Nothing here does work of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TypedDict

from ..domain.protocols import Analyzer, Embedder
from ..domain.records import Page, Segment
from ..domain.settings import Settings
from ..generation.llm import ChatModel, endpoint_of
from ..retrieval.embedders import BundledEmbedder, former
from ..retrieval.embedders import choose as choose_embedder
from ..storage.chroma import ChromaStore
from ..storage.folder import INDEX
from ..storage.index import PieceIds, Remote, TurnIndex
from ..tiers.heat import heat_of
from ..tiers.long_term import LongTermMemory
from ..tiers.memory import Memory
from ..tiers.mid_term import MidTermMemory
from ..tiers.short_term import ShortTermMemory
from ..updating.batching import Batching
from ..updating.embedders_in_use import EmbedderUse
from ..updating.reembedding import Reembedder
from ..updating.repair import Repairer
from ..updating.updater import STAND_IN, Updater

__all__ = ["Analysis", "Pages", "assemble", "chat_model", "index_of", "now", "staff"]

_MODEL_BATCHING = Batching(least=10, most=16, linger=timedelta(minutes=10), least_promoted=4)
_IMPORTED_AT_ONCE = 256
_HOST_WAITS = 3
"""Short-term capacities of pages that wait for a host's analysis before the local analyzer stands in."""


def now() -> datetime:
    """Return the aware UTC time."""
    return datetime.now(timezone.utc)


class _Endpoint(TypedDict):
    api_key: str | None
    base_url: str | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """
    Who reads pages: the updater in force, the one that stands in for a model, the one for a history brought from
    elsewhere (never a model, which would read for hours), and what all need besides.
    """

    updater: Updater
    stand_in: Updater | None
    importer: Updater
    repairer: Repairer
    reembedder: Reembedder
    use: EmbedderUse
    local: Analyzer


def assemble(settings: Settings, store: ChromaStore) -> Memory:
    """Return the tiers over *store*, with the embedder that *settings* name."""
    embedder = choose_embedder(settings.embedder, model=settings.embedding_model, **_endpoint(settings))
    return Memory(
        store=store,
        short_term=ShortTermMemory(store, settings.short_term_capacity),
        mid_term=MidTermMemory(store, settings.mid_term_capacity, embedder.name),
        long_term=LongTermMemory(store, settings.knowledge_capacity),
        index=index_of(settings, store, embedder),
        embedder=embedder,
    )


def index_of(settings: Settings, store: ChromaStore, embedder: Embedder) -> TurnIndex:
    """Return the turn index; its rows have the bundled table's word pieces whatever the embedder: all share them."""
    table = embedder if isinstance(embedder, BundledEmbedder) else BundledEmbedder()
    return TurnIndex(
        store,
        settings.data_dir / INDEX,
        embedder,
        pieces=PieceIds(table.name, table.token_ids),
        former=partial(former, **_endpoint(settings)),
    )


def _endpoint(settings: Settings) -> "_Endpoint":
    key = settings.openai_api_key
    return {"api_key": None if key is None else key.get_secret_value(), "base_url": settings.openai_base_url}


def chat_model(settings: Settings) -> ChatModel | None:
    """Return the model that *settings* name, or None when neither a key nor an address is set."""
    if settings.openai_api_key is None and settings.openai_base_url is None:
        return None
    return ChatModel(endpoint_of(settings))


def staff(settings: Settings, memory: Memory, model: ChatModel | None) -> Analysis:
    """
    Return who reads pages, as *settings* say.

    Raises:
        ConfigError: The `openai` analyzer is asked for without a key or an address.
    """
    from ..analysis.choice import choose, local_analyzer

    remote = isinstance(memory.embedder, Remote)  # the local analyzer asks nobody: it is there when nobody answers
    local = local_analyzer(settings, BundledEmbedder() if remote else memory.embedder)
    analyzer = choose(settings, local, model)
    batching = _batching(settings, analyzer.name)
    updater = _updater(settings, memory, analyzer, batching)
    use = EmbedderUse(settings.data_dir / "locks", memory.embedder.name)
    stand_in = None if analyzer is local else _updater(settings, memory, local, batching, STAND_IN)
    importer = _updater(settings, memory, local, Batching(most=_IMPORTED_AT_ONCE))
    repairer, reembedder = Repairer(memory, local, now), Reembedder(memory, use.is_kept)
    return Analysis(updater, stand_in, importer, repairer, reembedder, use, local)


def _updater(settings: Settings, memory: Memory, analyzer: Analyzer, batching: Batching, mark: str = "") -> Updater:
    return Updater(
        memory,
        analyzer,
        heat_threshold=settings.heat_threshold,
        similarity_threshold=settings.similarity_threshold,
        clock=now,
        batching=batching,
        mark=mark,
    )


def _batching(settings: Settings, analyzer: str) -> Batching:
    if analyzer == "host":
        return Batching(least=_HOST_WAITS * settings.short_term_capacity, most=16, on_demand=False)
    return _MODEL_BATCHING if analyzer == "openai" else Batching()


class Pages:
    """The retriever's view of mid-term memory."""

    def __init__(self, mid_term: MidTermMemory) -> None:
        self._mid_term = mid_term

    def pages(self, user_id: str, ids: Sequence[str]) -> list[Page]:
        """Return pages by id, archived ones included: the index decides what is searched."""
        return self._mid_term.pages(user_id, ids, archive=True)

    def segments(self, user_id: str, ids: Sequence[str]) -> list[tuple[Segment, float]]:
        """Return segments by id with their heat."""
        at, known = now(), self._mid_term.segments(user_id)
        return [(known[id_], heat_of(known[id_], at)) for id_ in ids if id_ in known]
