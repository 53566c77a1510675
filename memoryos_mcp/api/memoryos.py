"""
The whole memory as one object, and the Python API: a table of what it can do, and which part does it.

Every method is synchronous and may be called from any thread; `AsyncMemoryos` has the same, awaited.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from typing_extensions import Unpack

from ..domain.errors import ConfigError, ForkedError, StoreError, StoreUnavailableError
from ..domain.settings import Settings, load_settings
from ..updating.worker import OPENING_DELAY_S
from .arguments import SettingArguments
from .browsing import Browsing
from .closing_at_exit import close_at_exit
from .composition import Parts, compose
from .consolidating import Consolidating
from .delegation import delegated
from .forgetting import Forgetting
from .listeners import Listeners
from .memoryos_names import from_memoryos
from .recalling import Recalling
from .remembering import Remembering
from .reporting import Reporting
from .responding import Responding
from .transferring import Transfer

__all__ = ["Memoryos"]

logger = logging.getLogger(__name__)

Self = TypeVar("Self", bound="Memoryos")


def _browsing(memory: "Memoryos") -> Browsing:
    return memory.parts.browsing


def _consolidating(memory: "Memoryos") -> Consolidating:
    return memory.parts.consolidating


def _forgetting(memory: "Memoryos") -> Forgetting:
    return memory.parts.forgetting


def _listeners(memory: "Memoryos") -> Listeners:
    return memory.parts.listeners


def _recalling(memory: "Memoryos") -> Recalling:
    return memory.parts.recalling


def _remembering(memory: "Memoryos") -> Remembering:
    return memory.parts.remembering


def _reporting(memory: "Memoryos") -> Reporting:
    return memory.parts.reporting


def _responding(memory: "Memoryos") -> Responding:
    return memory.parts.responding


def _transfer(memory: "Memoryos") -> Transfer:
    return memory.parts.transfer


class Memoryos:
    """
    The memory of every user in one data folder. Close it, or use it in a `with` block.

        with Memoryos("memory", user_id="anna") as memory:
            memory.add_memory("I'm allergic to hazelnuts.", "Noted.")

    Args:
        data_dir: The folder, or all settings as one object; default: as environment and file say.
        settings: All settings as one object; nothing else is then given.
        single: Single settings by name, on top of environment and file; the names of the MemoryOS package's
            constructor are taken too (see `memoryos_names`).

    Raises:
        ConfigError: A setting is wrong.
        ValueError: Settings and single values were both given.
        StoreError: The data folder or server cannot be used.
    """

    def __init__(
        self,
        data_dir: str | Path | Settings | None = None,
        *,
        settings: Settings | None = None,
        **single: Unpack[SettingArguments],
    ) -> None:
        self.settings, response_tokens = _settings_of(data_dir, settings, single)
        self._process = os.getpid()
        self._lock = threading.Lock()  # guards `_before_close`
        self._before_close: list[Callable[[], None]] = []
        with ExitStack() as opening:
            self._parts = compose(self.settings, response_tokens, opening)
            self._start(opening)
            self._take_in_what_waits()
            self._closed_in_order = close_at_exit(self)
            self._closing = opening.pop_all()

    add = delegated(_remembering, Remembering.add)
    add_memory = delegated(_remembering, Remembering.add_memory)
    add_many = delegated(_remembering, Remembering.add_many)
    remember_fact = delegated(_remembering, Remembering.remember_fact)
    take_in_hook_inbox = delegated(_remembering, Remembering.take_in_hook_inbox)

    retrieve_context = delegated(_recalling, Recalling.retrieve_context)
    get_user_profile = delegated(_recalling, Recalling.get_user_profile)
    word_counts = delegated(_recalling, Recalling.word_counts)

    forget_memory = delegated(_forgetting, Forgetting.forget_memory)
    redact_secrets = delegated(_forgetting, Forgetting.redact_secrets)

    settle = delegated(_consolidating, Consolidating.settle)
    pending_analysis = delegated(_consolidating, Consolidating.pending_analysis)
    apply_analysis = delegated(_consolidating, Consolidating.apply_analysis)
    reanalyze = delegated(_consolidating, Consolidating.reanalyze)
    force_mid_term_analysis = delegated(_consolidating, Consolidating.force_mid_term_analysis)
    rebuild = delegated(_consolidating, Consolidating.rebuild)

    import_history = delegated(_transfer, Transfer.import_history)
    export = delegated(_transfer, Transfer.export)
    restore = delegated(_transfer, Transfer.restore)

    status = delegated(_reporting, Reporting.status)
    short_term = delegated(_browsing, Browsing.short_term)
    segments = delegated(_browsing, Browsing.segments)
    segment = delegated(_browsing, Browsing.segment)
    page = delegated(_browsing, Browsing.page)
    recent_page_ids = delegated(_browsing, Browsing.recent_page_ids)
    archive = delegated(_browsing, Browsing.archive)
    users = delegated(_browsing, Browsing.users)

    get_response = delegated(_responding, Responding.get_response)
    get_user_profile_summary = delegated(_responding, Responding.get_user_profile_summary)
    get_assistant_knowledge_summary = delegated(_responding, Responding.get_assistant_knowledge_summary)

    subscribe = delegated(_listeners, Listeners.subscribe)

    @property
    def parts(self) -> Parts:
        """What this memory consists of; every call goes through here. `ForkedError` in a forked process."""
        if os.getpid() != self._process:
            raise ForkedError(
                f"this memory was opened by process {self._process}, and process {os.getpid()} is a fork of it, "
                "without its threads: start processes with `spawn`, or fork before the first memory is opened"
            )
        return self._parts

    @classmethod
    def open(cls: type[Self], settings: Settings) -> Self:
        """Return the memory that *settings* name; the same as the constructor."""
        return cls(settings=settings)

    def on_close(self, action: Callable[[], None]) -> None:
        """Have *action* called before this memory closes."""
        with self._lock:
            self._before_close.append(action)

    def close(self) -> None:
        """
        Stop the worker (at most 2 s; unfinished work resumes at the next start) and release the store.

        In a fork nothing is closed: files and locks are the parent's.
        """
        if os.getpid() != self._process:
            return
        with self._lock:
            actions, self._before_close = self._before_close, []
        for action in reversed(actions):
            action()
        self._closing.close()
        self._closed_in_order()

    def leave(self) -> None:
        """Close as the interpreter ends, with no thread left inside a library that is going away."""
        self.close()
        if os.getpid() == self._process:
            self.parts.worker.stop()  # a step that was under way finds the store closed

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, opening: ExitStack) -> None:
        """Finish what an earlier process had begun to forget, and have the worker look at what it left undone."""
        parts = self.parts
        _finish_forgetting(parts)
        parts.store.on_loss = lambda user_id, place: parts.worker.repair_again(user_id)
        parts.analysts.use.begin()
        parts.worker.start()
        opening.callback(_stop, parts)
        for user_id in parts.store.users():
            parts.worker.wake(user_id, OPENING_DELAY_S)

    def _take_in_what_waits(self) -> None:
        """Store the exchanges that hooks left; if that fails they stay there, and reading may work all the same."""
        try:
            self.take_in_hook_inbox()
        except StoreError as exc:
            logger.warning("exchanges left by hooks wait on: %s", exc)


def _settings_of(
    data_dir: str | Path | Settings | None, settings: Settings | None, single: SettingArguments
) -> tuple[Settings, int]:
    """Return the settings that constructor arguments mean, and the budget of what is recalled for an answer."""
    if isinstance(data_dir, Settings):
        if settings is not None:
            raise ValueError("settings were given twice")
        data_dir, settings = None, data_dir
    if settings is None and not isinstance(data_dir, str | Path | None):
        raise ConfigError(f"data_dir must be a folder, got {data_dir!r}; write Memoryos('folder', user_id='anna')")
    given = dict(single) if data_dir is None else {"data_dir": data_dir, **single}
    if settings is not None and given:
        raise ValueError("give settings or single values, not both")
    names = from_memoryos(given)
    return settings or load_settings(names.settings), names.response_tokens


def _finish_forgetting(parts: Parts) -> None:
    """Finish what a process that died had begun to forget; a disk that is full must not keep memory closed."""
    try:
        if parts.forgetter.resume():
            logger.warning("finished forgetting what an earlier process had begun to forget")
    except StoreUnavailableError as exc:
        logger.warning("not all that was forgotten is gone from the files yet: %s", exc)


def _stop(parts: Parts) -> None:
    """Stop the worker; a model that it waits for is left first."""
    started = time.monotonic()
    if parts.model is not None:
        parts.model.close()
    if not parts.worker.stop():
        logger.warning("the worker did not end within %.1f s; its work resumes later", time.monotonic() - started)
