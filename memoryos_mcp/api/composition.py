"""
Builds the parts of a memory as the settings say. The one place that knows every adapter; it does no other work.

What is opened is closed by the `ExitStack` that the caller hands in, last opened first: a failed opening leaves
nothing open.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from ..domain.clock import now
from ..domain.errors import ConfigError
from ..domain.projects import project_of
from ..domain.protocols import Embedder
from ..domain.records import Page, Segment
from ..domain.settings import Settings
from ..generation.llm import ChatModel, endpoint_of
from ..generation.usage_ledger import UsageLedger
from ..retrieval import Retriever
from ..retrieval.embedders import BundledEmbedder, former
from ..retrieval.embedders import choose as choose_embedder
from ..storage.chroma import ChromaStore, open_store
from ..storage.folder import INDEX
from ..storage.index import PieceIds, TurnIndex
from ..text.tokenizer import O200kBase
from ..tiers.arrivals import Arrivals
from ..tiers.heat import heat_of
from ..tiers.long_term import LongTermMemory
from ..tiers.memory import Memory
from ..tiers.mid_term import MidTermMemory
from ..tiers.short_term import ShortTermMemory
from ..transfer.snapshots import Snapshots
from ..updating.forgetting import Forgetter
from ..updating.secret_removal import SecretRemoval
from ..updating.worker import Worker
from .admission import Admission
from .analysts import Analysts, analysts_of
from .browsing import Browsing
from .consolidating import Consolidating
from .defaults import Defaults
from .forgetting import Forgetting
from .history_import import HistoryImport
from .listeners import Listeners
from .page_lookup import PageLookup
from .recalling import Recalling
from .remembering import Remembering
from .reporting import Reporting
from .responding import Responding
from .transferring import Transfer

__all__ = ["Pages", "Parts", "assemble", "compose", "index_of"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What an open memory consists of."""

    store: ChromaStore
    tiers: Memory
    analysts: Analysts
    forgetter: Forgetter
    retriever: Retriever
    worker: Worker
    model: ChatModel | None
    listeners: Listeners
    remembering: Remembering
    recalling: Recalling
    forgetting: Forgetting
    consolidating: Consolidating
    transfer: Transfer
    browsing: Browsing
    responding: Responding
    reporting: Reporting


def compose(settings: Settings, response_tokens: int, opening: ExitStack) -> Parts:
    """
    Return the parts of the memory that *settings* name, open but with the worker not started.

    Args:
        settings: The settings in force.
        response_tokens: Budget of what is recalled for `get_response`.
        opening: Gets what closes them.

    Raises:
        ConfigError: The `openai` analyzer is asked for without a key or an address.
        StoreError: The data folder or server cannot be used.
    """
    model = chat_model(settings)
    store = open_store(settings)
    opening.callback(store.close)
    tiers = assemble(settings, store)
    opening.callback(tiers.index.close)
    analysts = analysts_of(settings, tiers, model)
    opening.callback(analysts.use.end)
    if model is not None:
        opening.callback(model.close)
    tokenizer = O200kBase()
    retriever = Retriever(tiers.index, Pages(tiers.mid_term), tiers.embedder, tokenizer)
    forgetter = Forgetter(tiers, analysts.repairer, store.erase, settings.data_dir)
    listeners, ledger, snapshots = Listeners(), UsageLedger(store), Snapshots(settings)
    worker = Worker(
        analysts.updater,
        analysts.stand_in,
        analysts.repairer,
        analysts.reembedder,
        settings.data_dir / "locks",
        notify=listeners.notify,
        charged=ledger.charge_to,
        at_rest=snapshots.take_if_due,
    )
    defaults, lookup = Defaults(settings, project_of(settings.project, os.environ)), PageLookup(tiers)
    admission, arrivals = Admission(tiers, forgetter, lookup, defaults), Arrivals(tiers.short_term, tiers.mid_term)
    remembering = Remembering(tiers, admission, arrivals, analysts.updater, worker, defaults, listeners)
    recalling = Recalling(tiers, retriever, worker, defaults)
    history = HistoryImport(tiers, admission, arrivals, analysts.importer)
    take_in = remembering.take_in_hook_inbox
    secrets = SecretRemoval(tiers, analysts.repairer, store.erase)
    forgetting = Forgetting(tiers, forgetter, lookup, take_in, worker, ledger, secrets, defaults, listeners)
    reporting = Reporting(
        store,
        tiers,
        analysts,
        forgetter,
        retriever,
        tokenizer,
        worker,
        ledger,
        defaults,
        snapshots,
        has_model=model is not None,
    )
    return Parts(
        store=store,
        tiers=tiers,
        analysts=analysts,
        forgetter=forgetter,
        retriever=retriever,
        worker=worker,
        model=model,
        listeners=listeners,
        remembering=remembering,
        recalling=recalling,
        forgetting=forgetting,
        consolidating=Consolidating(tiers, analysts, worker, ledger, defaults, listeners),
        transfer=Transfer(tiers, admission, history, worker, defaults, listeners),
        browsing=Browsing(tiers, lookup, defaults),
        responding=Responding(model, recalling, remembering, ledger, defaults, response_tokens),
        reporting=reporting,
    )


class _Endpoint(TypedDict):
    api_key: str | None
    base_url: str | None


def assemble(settings: Settings, store: ChromaStore) -> Memory:
    """Return the tiers over *store*, with the embedder that *settings* name."""
    embedder = choose_embedder(settings.embedder, model=settings.embedding_model, **_endpoint_of(settings))
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
        former=partial(former, **_endpoint_of(settings)),
    )


def _endpoint_of(settings: Settings) -> "_Endpoint":
    key = settings.openai_api_key
    return {"api_key": None if key is None else key.get_secret_value(), "base_url": settings.openai_base_url}


def chat_model(settings: Settings) -> ChatModel | None:
    """Return the model that *settings* name, None when there is none; `ConfigError` when the analyzer needs one."""
    if settings.openai_api_key is None and settings.openai_base_url is None:
        if settings.resolved_analyzer == "openai":
            raise ConfigError("analyzer = openai needs OPENAI_API_KEY, or OPENAI_BASE_URL for a local model")
        return None
    return ChatModel(endpoint_of(settings))


class Pages:
    """The retriever's view of mid-term memory."""

    def __init__(self, mid_term: MidTermMemory) -> None:
        self._mid_term = mid_term

    def pages(self, user_id: str, ids: Sequence[str]) -> list[Page]:
        """Return pages by id, archived ones included: the index decides what is searched."""
        return self._mid_term.pages_to_show(user_id, ids)

    def segments(self, user_id: str, ids: Sequence[str]) -> list[tuple[Segment, float]]:
        """Return segments by id with their heat."""
        at, known = now(), self._mid_term.segments(user_id)
        return [(known[id_], heat_of(known[id_], at)) for id_ in ids if id_ in known]
