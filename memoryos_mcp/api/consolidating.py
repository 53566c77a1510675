"""Consolidation on demand: waiting for it, a host's answers to it, doing it again; rebuilding what is derived."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..analysis.host import HostBatch, parse_answer, pending_batch
from ..domain.errors import InputError
from ..domain.records import Batch, BatchAnalysis, Fact
from ..domain.secrets import redact_json
from ..generation.usage_ledger import UsageLedger
from ..tiers.memory import Memory
from ..updating.rebuilding import rebuild_rows, rebuild_vectors
from ..updating.updater import STAND_IN
from ..updating.worker import Worker
from .analysts import Analysts
from .defaults import Defaults
from .listeners import Listeners

__all__ = ["Consolidating"]

_MARKED_AT_ONCE = 500
_LOCK_WAIT_S = 20.0
_MODEL_WAIT_S = 300.0
"""Longest wait for the worker's present question to a model, which may take its whole time."""

Progress = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Show no progress."""


class Consolidating:
    """
    The background work, seen from a caller.

    Args:
        tiers: What is consolidated.
        analysts: Who reads pages.
        worker: Does it in the background.
        ledger: What the model costs whom.
        defaults: What a call leaves out.
        listeners: Hear of what changed.
    """

    def __init__(
        self,
        tiers: Memory,
        analysts: Analysts,
        worker: Worker,
        ledger: UsageLedger,
        defaults: Defaults,
        listeners: Listeners,
    ) -> None:
        self._tiers = tiers
        self._analysts = analysts
        self._updater = analysts.updater
        self._worker = worker
        self._ledger = ledger
        self._defaults = defaults
        self._listeners = listeners

    def settle(self, timeout: float | None = None, *, user_id: str | None = None) -> bool:
        """
        Have pending work done now and wait at most *timeout* seconds for it; return whether it all was.

        With `analyzer = host` pages that wait for the host's analysis are not waited for.
        """
        return self._worker.settle(self._defaults.user(user_id), timeout)

    def pending_analysis(self, *, user_id: str | None = None) -> HostBatch | None:
        """Return the pages that are next to be consolidated, as a question for a host's model; None without any."""
        batch, known = self._updater.pending_batch(self._defaults.user(user_id))
        if not batch.pages:
            return None
        return pending_batch(
            batch,
            known,
            user_name=self._defaults.settings.user_name,
            assistant_name=self._defaults.settings.assistant_name,
            language=self._defaults.settings.llm_language,
        )

    def apply_analysis(self, analysis: Mapping[str, Any], *, user_id: str | None = None) -> tuple[str, ...]:
        """
        Consolidate the pending batch as a host's model analysed it, and return the ids of the pages that moved.

        Every id, date and dimension is checked against what was asked; secrets in it are replaced by a mark; pages the
        answer leaves out fall to the local analyzer.

        Raises:
            InputError: Nothing is pending, or the answer cannot be used; nothing was changed.
        """
        user = self._defaults.user(user_id)
        moved: list[str] = []
        hide = self._defaults.settings.redact_secrets and isinstance(analysis, dict)
        given = redact_json(analysis)[0] if hide else analysis

        def read(batch: Batch, known: "Any") -> BatchAnalysis:
            answer = parse_answer(given, batch, known, self._analysts.local)
            moved.extend(page.page_id for page in batch.pages)
            return answer

        with self._worker.exclusively(user, _LOCK_WAIT_S):
            changed = self._updater.consolidate(user, read, "host")
        if not moved:
            raise InputError("no pages are pending: there is nothing for an analysis to describe")
        if "mid_term" not in changed:
            raise InputError("pages were forgotten meanwhile, nothing was changed; call again to see what is left")
        self._listeners.notify(user, *sorted(changed))
        self._worker.wake(user)
        return tuple(moved)

    def reanalyze(
        self,
        *,
        everything: bool = False,
        progress: Progress = _silent,
        user_id: str | None = None,
    ) -> int:
        """
        Have the model read again what the local analyzer read in its place, and return how many pages that were.

        Args:
            everything: Also what the local analyzer read before a model was set up.
            progress: Called with pages done and pages in all.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: The analyzer in force is no model.
            AnalyzerError: The model failed; pages not reached keep their mark.
        """
        user = self._defaults.user(user_id)
        if self._updater.analyzer.name != "openai":
            raise InputError(
                f"the analyzer in force is {self._updater.analyzer.name}, which has nothing to do again; "
                "set OPENAI_API_KEY or OPENAI_BASE_URL for a model"
            )
        with self._worker.exclusively(user, _MODEL_WAIT_S), self._ledger.charge_to(user):
            if everything:
                self._mark_all(user)
            total = self._tiers.mid_term.analyzed_count(user, STAND_IN)
            done = 0
            progress(done, total)
            while self._updater.redo(user):
                done = total - self._tiers.mid_term.analyzed_count(user, STAND_IN)
                progress(done, total)
        self._listeners.notify(user, "mid_term", "long_term")
        return done

    def force_mid_term_analysis(self, *, user_id: str | None = None) -> bool:
        """
        Promote the hottest segment with unread pages, however hot, and return whether there was one.

        Raises:
            AnalyzerError: The model failed; nothing was changed.
        """
        user = self._defaults.user(user_id)
        with self._worker.exclusively(user, _MODEL_WAIT_S), self._ledger.charge_to(user):
            changed = self._updater.promote(user, force=True)
        self._listeners.notify(user, *sorted(changed))
        return bool(changed)

    def rebuild(self, *, progress: Progress = _silent, user_id: str | None = None) -> int:
        """
        Make the turn index and all vectors of the present embedder anew from the documents; return how many pages.

        No model is asked, no document is touched, and others may use the memory meanwhile. Vectors of embedders that
        no process uses now are dropped.

        Args:
            progress: Called with steps done and steps in all, two for each page.
            user_id: Whose memory; default the setting.

        Raises:
            StoreUnavailableError: Another process is at work on this user's memory.
            EmbedderError: The embedder failed; words find the pages, and vectors are made when it answers again.
        """
        user, tiers = self._defaults.user(user_id), self._tiers
        pages = [0]

        def rows(done: int, total: int) -> None:
            pages[0] = total
            progress(done, 2 * total)

        with self._worker.exclusively(user, _LOCK_WAIT_S):
            rebuild_rows(tiers, self._analysts.repairer, user, rows)
        with self._worker.hold_embedding(user, _LOCK_WAIT_S):
            rebuild_vectors(
                tiers, self._analysts.reembedder, user, lambda done, total: progress(total + done, 2 * total)
            )
            self._analysts.reembedder.drop_former(user, self._analysts.use.is_live)
        self._listeners.notify(user, "mid_term")
        return pages[0]

    def _mark_all(self, user: str) -> None:
        """Mark what the local analyzer did as if it had stood in for the model."""
        tiers = self._tiers
        while pages := tiers.mid_term.analyzed_by(user, "local", _MARKED_AT_ONCE):
            tiers.mid_term.put_pages(user, [replace(page, analyzer=STAND_IN) for page in pages])
        segments = tiers.mid_term.segments(user).values()
        local = [replace(segment, analyzer=STAND_IN) for segment in segments if segment.analyzer == "local"]
        tiers.mid_term.put_segments(user, local)
        facts: list[Fact] = [fact for fact in tiers.long_term.facts(user).values() if fact.analyzer == "local"]
        tiers.long_term.put(user, [replace(fact, analyzer=STAND_IN) for fact in facts])
