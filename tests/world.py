"""The tiers over real Chroma with small capacities, for tests of updater, forgetting and crashes."""

from collections.abc import Callable
from pathlib import Path

from memoryos_mcp.domain.records import Page
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.storage.chroma import open_store
from memoryos_mcp.storage.index import TurnIndex
from memoryos_mcp.tiers.long_term import LongTermMemory
from memoryos_mcp.tiers.memory import Memory
from memoryos_mcp.tiers.mid_term import MidTermMemory
from memoryos_mcp.tiers.short_term import ShortTermMemory
from memoryos_mcp.updating.reembedding import Reembedder
from memoryos_mcp.updating.repair import Repairer
from memoryos_mcp.updating.updater import Updater

from .fakes import FirstWordAnalyzer, FirstWordEmbedder
from .make import NOON, page

__all__ = ["USER", "Make", "World"]

USER = "anna"


class World:
    """The tiers with small capacities, a clock one can set, and an analyzer one can switch off."""

    def __init__(self, folder: Path, *, segments: int = 100, eager: bool = True) -> None:
        self.store = open_store(load_settings({"data_dir": folder}, environ={}))
        embedder = FirstWordEmbedder()
        self.memory = Memory(
            self.store,
            ShortTermMemory(self.store, 2),
            MidTermMemory(self.store, segments, embedder.name),
            LongTermMemory(self.store, 10),
            TurnIndex(self.store, folder / "index", embedder),
            embedder,
        )
        self.analyzer = FirstWordAnalyzer(eager=eager)
        self.now = NOON
        self.changes: list[tuple[str, str]] = []
        self.updater = Updater(
            self.memory, self.analyzer, heat_threshold=5, similarity_threshold=0.6, clock=lambda: self.now
        )

        self.repairer = Repairer(self.memory, self.analyzer, lambda: self.now)
        self.reembedder = Reembedder(self.memory)

    def say(self, *texts: str) -> list[Page]:
        """Put pages into short-term memory, in order."""
        start = len(self.everything())
        pages = [page(start + number, text) for number, text in enumerate(texts)]
        self.memory.short_term.put(USER, pages)
        return pages

    def settle(self) -> int:
        """Run steps until nothing is left; return how many ran."""
        for count in range(100):
            if not self.updater.step(USER) and not self.reembedder.step(USER):
                return count
        raise AssertionError("the updater never comes to rest")

    def everything(self) -> list[str]:
        """Return the ids of every page in every tier, with repeats."""
        tiers = self.memory
        pages = [*tiers.short_term.pages(USER), *tiers.mid_term.all_pages(USER), *tiers.mid_term.archived_pages(USER)]
        return sorted(item.page_id for item in pages)

    def close(self) -> None:
        """Release index and store."""
        self.memory.index.close()
        self.store.close()


Make = Callable[..., World]
