"""The state of a user's memory: counts, what is pending, who reads and embeds, the last background error."""

from ..analysis.fact_languages import fact_languages
from ..domain.protocols import Tokenizer
from ..domain.records import Status
from ..generation.usage_ledger import UsageLedger
from ..retrieval import Retriever
from ..storage.chroma import ChromaStore
from ..tiers.memory import Memory
from ..transfer.snapshots import Snapshots
from ..updating.forgetting import Forgetter
from ..updating.updater import STAND_IN
from ..updating.worker import Worker
from .analysts import Analysts
from .defaults import Defaults

__all__ = ["Reporting"]


class Reporting:
    """Tells how a memory is. Reads only."""

    def __init__(
        self,
        store: ChromaStore,
        tiers: Memory,
        analysts: Analysts,
        forgetter: Forgetter,
        retriever: Retriever,
        tokenizer: Tokenizer,
        worker: Worker,
        ledger: UsageLedger,
        defaults: Defaults,
        snapshots: Snapshots,
        *,
        has_model: bool,
    ) -> None:
        self._store = store
        self._tiers = tiers
        self._analysts = analysts
        self._forgetter = forgetter
        self._retriever = retriever
        self._tokenizer = tokenizer
        self._worker = worker
        self._ledger = ledger
        self._defaults = defaults
        self._snapshots = snapshots
        self._has_model = has_model

    def status(self, *, user_id: str | None = None) -> Status:
        """Return counts, what is pending, who analyses and embeds, and the last background error."""
        user, tiers, analysts = self._defaults.user(user_id), self._tiers, self._analysts
        with self._store.exclusive(user):
            facts = [fact for fact in tiers.long_term.facts(user).values() if fact.superseded_by is None]
            about_user = sum(fact.about == "user" for fact in facts)
            return Status(
                user_id=user,
                short_term_pages=len(tiers.short_term.pages(user)),
                short_term_capacity=tiers.short_term.capacity,
                mid_term_pages=tiers.mid_term.page_count(user),
                segments=len(tiers.mid_term.segments(user)),
                user_knowledge=about_user,
                assistant_knowledge=len(facts) - about_user,
                traits=len(tiers.long_term.traits(user)),
                archive=tiers.mid_term.archived_count(user),
                pending=analysts.updater.pending_work(user) + self._forgetter.has_pending_bytes,
                analyzer=analysts.updater.analyzer.name,
                embedder=self._embedder(user),
                tokenizer=self._tokenizer.name,
                storage=f"{self._store.description}; {self._snapshots.description}",
                last_error=self._worker.last_error(user) or self._retriever.last_error,
                stand_ins=tiers.mid_term.analyzed_count(user, STAND_IN) if analysts.stand_in else 0,
                usage=self._usage(user),
                fact_languages=fact_languages(analysts.updater.analyzer.name),
            )

    def _usage(self, user: str) -> dict[str, dict[str, int]]:
        """Return what the model cost this user since start and in total, by name; nothing without a model."""
        if not self._has_model:
            return {}
        since_start, total = self._ledger.since_start(user), self._ledger.total_with_open(user)
        return {"since_start": since_start.as_dict(), "total": total.as_dict()}

    def _embedder(self, user: str) -> str:
        """Return the embedder's name, and how far it is with pages that have no vectors of it yet."""
        done, pages = self._tiers.index.progress(user)
        name = self._tiers.embedder.name
        return name if done >= pages else f"{name} (re-embedding {done} of {pages})"
