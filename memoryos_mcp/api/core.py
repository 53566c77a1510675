"""
The parts of an open memory and what all of the facade needs of them: users, ids, listeners, opening and closing.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from ..domain import inputs
from ..domain.errors import NotFoundError, StoreUnavailableError
from ..domain.identity import ArrivalNumbers
from ..domain.projects import project_label, project_of
from ..domain.protocols import Tokenizer
from ..domain.records import Page, Profile
from ..domain.settings import Settings, load_settings
from ..generation.usage_ledger import UsageLedger
from ..retrieval import Retriever
from ..storage.chroma import ChromaStore, open_store
from ..text.tokenizer import load_tokenizer
from ..updating.forgetting import Forgetter
from ..updating.worker import OPENING_DELAY_S, Worker
from .closing_at_exit import close_at_exit
from .composition import Pages, assemble, chat_model, staff
from .memoryos_names import from_memoryos

__all__ = ["Core", "Listener"]

logger = logging.getLogger(__name__)

SHORTEST_ID = 4

Listener = Callable[[str, str], None]
Self = TypeVar("Self", bound="Core")


class Core:
    """
    An open memory: store, tiers, retriever, analyzers and the worker that runs them.

    Args:
        settings: The settings in force; default: environment and file.
        overrides: Single settings by name, ours or those of the MemoryOS package.
    """

    def __init__(self, settings: Settings | None = None, **overrides: Any) -> None:
        if settings is not None and overrides:
            raise ValueError("give settings or single values, not both")
        compat = from_memoryos(overrides)
        self.settings = settings or load_settings(compat.settings)
        self._response_tokens = compat.response_tokens
        self._project = project_of(self.settings.project, os.environ)
        self._listeners: list[Listener] = []
        self._before_close: list[Callable[[], None]] = []
        self._arrivals = ArrivalNumbers()
        self._model = chat_model(self.settings)
        self._store: ChromaStore = open_store(self.settings)
        self._memory = assemble(self.settings, self._store)
        self._tokenizer: Tokenizer = load_tokenizer(self.settings.llm_model)
        self._retriever = Retriever(
            self._memory.index, Pages(self._memory.mid_term), self._memory.embedder, self._tokenizer
        )
        self._analysis = staff(self.settings, self._memory, self._model)
        self._updater = self._analysis.updater
        self._forgetter = Forgetter(self._memory, self._analysis.repairer, self._store.erase, self.settings.data_dir)
        self._finish_forgetting()
        self._ledger = UsageLedger(self._store)
        self._worker = Worker(
            self._updater,
            self._analysis.stand_in,
            self._analysis.repairer,
            self._analysis.reembedder,
            self.settings.data_dir / "locks",
            notify=self._notify,
            charged=self._ledger.charged,
        )
        self._store.on_loss = lambda user_id, place: self._worker.repair_again(user_id)
        self._analysis.use.begin()
        self._closed_in_order = close_at_exit(self)
        self._worker.start()
        for user_id in self._store.users():
            self._worker.wake(user_id, OPENING_DELAY_S)

    @classmethod
    def open(cls: type[Self], settings: Settings) -> Self:
        """Return the memory that *settings* name; the same as the constructor."""
        return cls(settings)

    def subscribe(self, listener: Listener) -> None:
        """Have *listener* called with (user id, tier) after each change, from any thread."""
        self._listeners.append(listener)

    def on_close(self, action: Callable[[], None]) -> None:
        """Have *action* called before this memory closes."""
        self._before_close.append(action)

    def close(self) -> None:
        """Stop the worker (at most 2 s; unfinished work resumes at the next start) and release the store."""
        started = time.monotonic()
        while self._before_close:
            self._before_close.pop()()
        if self._model is not None:
            self._model.close()
        if not self._worker.stop():
            logger.warning("the worker did not end within %.1f s; its work resumes later", time.monotonic() - started)
        self._analysis.use.end()
        self._memory.index.close()
        self._store.close()
        self._closed_in_order()

    def leave(self) -> None:
        """Close as the interpreter ends, with no thread left inside a library that is going away."""
        self.close()
        self._worker.stop()  # a step that was under way finds the store closed

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _finish_forgetting(self) -> None:
        """Finish what a process that died had begun to forget; a disk that is full must not keep memory closed."""
        try:
            if self._forgetter.resume():
                logger.warning("finished forgetting what an earlier process had begun to forget")
        except StoreUnavailableError as exc:
            logger.warning("not all that was forgotten is gone from the files yet: %s", exc)

    @contextmanager
    def _adding(self, user_id: str) -> Iterator[None]:
        """Hold the store's lock to add something of *user_id*, which nothing forgotten earlier takes with it."""
        with self._store.exclusive():
            self._forgetter.carry_on(user_id)
            yield

    def _user(self, user_id: str | None) -> str:
        return self.settings.user_id if user_id is None else inputs.check_user_id(user_id)

    def _project_label(self, project: str | None) -> str:
        return self._project if project is None else project_label(project)

    def _find(self, user: str, page_id: str) -> tuple[Page, str] | None:
        memory = self._memory
        for page in memory.mid_term.pages(user, [page_id]):
            return page, "mid_term"
        for page in memory.short_term.pages(user):
            if page.page_id == page_id:
                return page, "short_term"
        for page in memory.mid_term.archived_pages(user, [page_id]):
            return page, "archive"
        return None

    def _full_id(self, user: str, page_id: str) -> str:
        """Return the one page id that begins with *page_id*, as replies shorten them; an unknown one as it is."""
        index = self._memory.index
        known = {page.page_id for page in self._memory.short_term.pages(user)} | index.page_ids(user)
        known |= index.page_ids(user, archived=True)
        if page_id in known or len(page_id) < SHORTEST_ID:
            return page_id
        found = sorted(id_ for id_ in known if id_.startswith(page_id))
        if len(found) > 1:
            raise NotFoundError(f"page {page_id!r} begins several ids; give one in full: {', '.join(found)}")
        return found[0] if found else page_id

    def _user_name(self, profile: Profile) -> str:
        """Return what the user is called: as set, else as learnt."""
        learnt = (attribute.value for attribute in profile.static if attribute.name == "name")
        return self.settings.user_name or next(learnt, "")

    def _notify(self, user_id: str, what: str) -> None:
        for listener in self._listeners:
            listener(user_id, what)
