"""Who reads pages: the updater in force, the one that stands in for a model, the one for imports."""

from dataclasses import dataclass
from datetime import timedelta

from ..domain.clock import now
from ..domain.protocols import Analyzer
from ..domain.settings import Settings
from ..generation.llm import ChatModel
from ..retrieval.embedders import BundledEmbedder
from ..storage.index import Remote
from ..tiers.memory import Memory
from ..updating.batching import Batching
from ..updating.embedders_in_use import EmbedderUse
from ..updating.reembedding import Reembedder
from ..updating.repair import Repairer
from ..updating.updater import STAND_IN, Updater

__all__ = ["Analysts", "analysts_of"]

_MODEL_BATCHING = Batching(least=10, most=16, linger=timedelta(minutes=10), least_promoted=4)
_IMPORTED_AT_ONCE = 256
_HOST_WAITS = 3
"""Short-term capacities of pages that wait for a host's analysis before the local analyzer stands in."""


@dataclass(frozen=True, slots=True)
class Analysts:
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


def analysts_of(settings: Settings, tiers: Memory, model: ChatModel | None) -> Analysts:
    """Return who reads pages, as *settings* say; for the `openai` analyzer there is a *model*."""
    from ..analysis.choice import choose, local_analyzer

    remote = isinstance(tiers.embedder, Remote)  # the local analyzer asks nobody: it is there when nobody answers
    local = local_analyzer(settings, BundledEmbedder() if remote else tiers.embedder)
    analyzer = choose(settings, local, model)
    batching = _batching_of(settings, analyzer.name)
    use = EmbedderUse(settings.data_dir / "locks", tiers.embedder.name)
    return Analysts(
        updater=_updater(settings, tiers, analyzer, batching),
        stand_in=None if analyzer is local else _updater(settings, tiers, local, batching, STAND_IN),
        importer=_updater(settings, tiers, local, Batching(most=_IMPORTED_AT_ONCE)),
        repairer=Repairer(tiers, local, now),
        reembedder=Reembedder(tiers, use.is_kept),
        use=use,
        local=local,
    )


def _updater(settings: Settings, tiers: Memory, analyzer: Analyzer, batching: Batching, mark: str = "") -> Updater:
    return Updater(
        tiers,
        analyzer,
        heat_threshold=settings.heat_threshold,
        similarity_threshold=settings.similarity_threshold,
        clock=now,
        batching=batching,
        mark=mark,
    )


def _batching_of(settings: Settings, analyzer: str) -> Batching:
    if analyzer == "host":
        return Batching(least=_HOST_WAITS * settings.short_term_capacity, most=16, on_demand=False)
    return _MODEL_BATCHING if analyzer == "openai" else Batching()
