"""
The facade: one object that is the whole memory, and the Python API.

It checks and cleans what callers hand in, takes the store's lock around each operation, and leaves the rest to the
tiers, the retriever and the worker. Every method is synchronous and may be called from any thread; `facade` has them
by what a caller wants, `AsyncMemoryos` the same for asynchronous callers.
"""

import logging
from typing import Any

from ..domain.errors import StoreError
from ..domain.records import Status
from ..domain.settings import Settings
from ..updating.updater import STAND_IN
from . import Analysing, Browsing, Carrying, Importing, Responding

__all__ = ["Memoryos"]

logger = logging.getLogger(__name__)


class Memoryos(Browsing, Analysing, Carrying, Importing, Responding):
    """
    The memory of every user in one data folder. Close it, or use it in a `with` block.

    Args:
        settings: The settings in force; default: environment and file.
        overrides: Single settings by name, on top: `Memoryos(data_dir="...", user_id="anna")`; the names of the
            MemoryOS package's constructor are taken too (see `compat`).

    Raises:
        ConfigError: A setting is wrong.
        ValueError: Settings and single values were both given.
        StoreError: The data folder or server cannot be used.
    """

    def __init__(self, settings: Settings | None = None, **overrides: Any) -> None:
        super().__init__(settings, **overrides)
        try:
            self.take_in_spool()
        except StoreError as exc:  # what hooks left stays where it is; reading may work all the same
            logger.warning("exchanges left by hooks wait on: %s", exc)

    def status(self, *, user_id: str | None = None) -> Status:
        """Return counts, what is pending, who analyses and embeds, and the last background error."""
        user, memory = self._user(user_id), self._memory
        with self._store.exclusive():
            facts = [fact for fact in memory.long_term.facts(user).values() if fact.superseded_by is None]
            about_user = sum(fact.about == "user" for fact in facts)
            return Status(
                user_id=user,
                short_term_pages=len(memory.short_term.pages(user)),
                short_term_capacity=memory.short_term.capacity,
                mid_term_pages=memory.mid_term.page_count(user),
                segments=len(memory.mid_term.segments(user)),
                user_knowledge=about_user,
                assistant_knowledge=len(facts) - about_user,
                traits=len(memory.long_term.traits(user)),
                archive=memory.mid_term.archived_count(user),
                pending=self._updater.pending(user) + self._forgetter.pending,
                analyzer=self._updater.analyzer.name,
                embedder=self._embedder(user),
                tokenizer=self._tokenizer.name,
                storage=self._store.description,
                last_error=self._worker.last_error(user) or self._retriever.last_error,
                stand_ins=memory.mid_term.analyzed_count(user, STAND_IN) if self._analysis.stand_in else 0,
                usage=self._usage(user),
            )

    def _embedder(self, user: str) -> str:
        """Return the embedder's name, and how far it is with pages that have no vectors of it yet."""
        done, pages = self._memory.index.progress(user)
        name = self._memory.embedder.name
        return name if done >= pages else f"{name} (re-embedding {done} of {pages})"

    def _usage(self, user: str) -> dict[str, dict[str, int]]:
        if self._model is None:
            return {}
        since_start, total = self._ledger.since_start(user), self._ledger.total_with_open(user)
        return {"since_start": since_start.as_dict(), "total": total.as_dict()}
