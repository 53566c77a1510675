"""
Operations on a real memory whose process is killed just before a chosen write: run by `test_crash` in processes.

A write is a call into Chroma that changes something, a transaction of the turn index about to be committed, the
counter that tells other processes, a step of clearing files. Each is a point; `act` dies at point number *fatal*, by
SIGKILL where there is one. Nothing in the package knows of this: the libraries' own methods are wrapped.
"""

import os
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import memoryos_mcp.api.composition
import memoryos_mcp.storage.chroma.store
from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.storage.chroma import clients, erasure
from memoryos_mcp.storage.chroma.clients import WriteCounter
from memoryos_mcp.storage.chroma.migrations import ensure_format
from memoryos_mcp.storage.chroma.names import META
from memoryos_mcp.storage.index.index_file import IndexFile
from memoryos_mcp.updating.audit import audit, stored_pages

from .fakes import FirstWordEmbedder

__all__ = ["OPERATIONS", "act", "check", "prepare", "tell_pages"]

USER = "anna"
TALK = [
    ("Tea is what I drink in the morning.", "Green or black?"),
    ("Green tea, always green tea.", "Noted."),
    ("I am allergic to hazelnuts.", "I will remember the hazelnuts."),
    ("My car is an old Volvo.", "A solid car."),
    ("The Volvo needs new tyres.", "Winter is near."),
    ("I moved to Oslo last week.", "Enjoy Oslo!"),
    ("Tea in Oslo is dear.", "So I hear."),
    ("I play the cello.", "Lovely."),
]


@dataclass(frozen=True)
class Operation:
    """
    What is done before (`given`), in a process that lives, and what is done by the process that dies (`act`).

    `settings` are those of the latter, from `act` on; `embedder` replaces the bundled one then; `format` is the
    version of the store then. `forgets` says that pages may have gone.
    """

    act: Callable[[Memoryos], None]
    given: Callable[[Memoryos], None] = lambda memory: None
    settings: dict[str, Any] = field(default_factory=dict)
    embedder: bool = False
    format: int = 1
    forgets: bool = False


def say(memory: Memoryos, start: int = 0, end: int = len(TALK)) -> None:
    """Add the exchanges from *start* to *end*, a minute apart."""
    for number, (user_input, agent_response) in list(enumerate(TALK))[start:end]:
        memory.add_memory(user_input, agent_response, f"2026-05-08 12:{number:02}:00", user_id=USER)


def settle(memory: Memoryos) -> None:
    """Do all background work in this thread."""
    memory.parts.analysts.repairer.repair(USER)
    while memory.parts.analysts.updater.step(USER) or memory.parts.analysts.reembedder.step(USER):
        pass


def visit(memory: Memoryos) -> None:
    """Count a visit to every segment."""
    memory.parts.analysts.updater.visit(USER, {segment.segment_id: 1 for segment, _ in memory.segments(user_id=USER)})


def forget_some(memory: Memoryos) -> None:
    """Forget a page of each tier, as far as they are there still."""
    tiers = (
        memory.parts.tiers.mid_term.all_pages,
        memory.parts.tiers.mid_term.archived_pages,
        memory.parts.tiers.short_term.pages,
    )
    chosen = [page.page_id for tier in tiers for page in tier(USER) if page.timestamp.minute in (0, 3, 7)]
    if chosen:
        memory.forget_memory(page_ids=chosen, dry_run=False, user_id=USER)


def settled(memory: Memoryos) -> None:
    """Add all exchanges and do the background work."""
    say(memory)
    settle(memory)


def remember(memory: Memoryos) -> None:
    """Store a fact as told."""
    memory.remember_fact("Likes the sea.", "user", pinned=True, user_id=USER)


def forget_everything(memory: Memoryos) -> None:
    """Forget the user."""
    memory.forget_memory(everything=True, dry_run=False, user_id=USER)


OPERATIONS: dict[str, Operation] = {
    "add": Operation(say),
    "consolidation": Operation(settle, say),
    "promotion": Operation(settle, settled, {"heat_threshold": 0.5}),
    "eviction": Operation(settle, settled, {"mid_term_capacity": 1}),
    "visit": Operation(visit, settled),
    "remember": Operation(remember, say),
    "forget pages": Operation(forget_some, settled, {"mid_term_capacity": 2}, forgets=True),
    "forget everything": Operation(forget_everything, settled, forgets=True),
    "re-embedding": Operation(settle, settled, embedder=True),
    "migration": Operation(say, say, format=3),
}


def prepare(name: str, folder: Path) -> None:
    """Make the memory that the operation finds."""
    with opened(Operation(OPERATIONS[name].act), folder) as memory:
        OPERATIONS[name].given(memory)


def tell_pages(folder: Path, report: Path) -> None:
    """Write the ids of the pages there are into *report*."""
    with opened(OPERATIONS["visit"], folder) as memory:
        report.write_text(" ".join(stored_pages(memory.parts.tiers, USER)), encoding="utf-8")


def act(name: str, folder: Path, fatal: int, log: Path) -> None:
    """Do the operation and die at point *fatal*, or right after it; *log* gets a line for each point passed."""
    points = _Points(fatal, log)
    with points.wrapped(), opened(OPERATIONS[name], folder) as memory:
        OPERATIONS[name].act(memory)
        points.die("the end")


def check(name: str, folder: Path, report: Path) -> None:
    """Open what is left, do the operation again, and write into *report* what is wrong and what pages there are."""
    operation = OPERATIONS[name]
    wrong: list[str] = []
    with opened(operation, folder) as memory:
        found = stored_pages(memory.parts.tiers, USER)
        settle(memory)
        again = stored_pages(memory.parts.tiers, USER)
        wrong += [f"{page_id} is there {count} times" for page_id, count in again.items() if count > 1]
        wrong += [f"{page_id} came and went" for page_id in set(found) ^ set(again)]
        wrong += [f"{each.check}: {each.detail}" for each in audit(memory.parts.tiers, USER)]
        operation.act(memory)
        settle(memory)
        wrong += [f"the second time: {each.check}: {each.detail}" for each in audit(memory.parts.tiers, USER)]
        if pending := memory.parts.analysts.updater.pending_work(USER):
            wrong.append(f"{pending} pending")
        final = Counter(stored_pages(memory.parts.tiers, USER))
        if (folder / "forgetting.json").exists():
            wrong.append("forgetting is not finished")
    report.write_text("\n".join([" ".join(sorted(again)), " ".join(sorted(final)), *wrong]), encoding="utf-8")


@contextmanager
def opened(operation: Operation, folder: Path) -> Iterator[Memoryos]:
    """Open the memory as *operation* wants it, its background thread stopped before it did anything."""
    if operation.embedder:
        memoryos_mcp.api.composition.choose_embedder = lambda *_, **__: FirstWordEmbedder()  # type: ignore[attr-defined]
    if operation.format > 1:
        steps = {version: partial(_migrated, version) for version in range(1, operation.format)}
        memoryos_mcp.storage.chroma.store.ensure_format = partial(  # type: ignore[attr-defined]
            ensure_format, ours=operation.format, migrations=steps
        )
    values = {"embedder": "bundled", "analyzer": "local", "project": "none", "short_term_capacity": 2}
    settings = load_settings({**values, **operation.settings, "data_dir": folder}, environ={})
    with Memoryos(settings) as memory:
        memory.parts.worker.stop()
        if operation.format > 1:
            with memory.parts.store.fresh_client() as client:
                stamps = [dict(found.metadata or {}) for found in client.list_collections()]
            assert stamps
            assert all(stamp.get("format", 0) in (0, operation.format) for stamp in stamps)
            assert all(stamp.get("step", operation.format - 1) == operation.format - 1 for stamp in stamps)
        yield memory


def _migrated(version: int, client: Any) -> None:
    """A step of migration: every collection of a user says that it was made."""
    for found in client.list_collections():
        if found.name != META:
            found.modify(metadata={**(found.metadata or {}), "step": version})


class _Points:
    """Counts the writes of this process and ends it before the fatal one."""

    def __init__(self, fatal: int, log: Path) -> None:
        self._left = fatal
        self._log = log

    def pass_by(self, what: str) -> None:
        """Note that a write is about to happen."""
        with self._log.open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")
        if self._left == 0:
            self.die(what)
        self._left -= 1

    def die(self, _what: str) -> None:
        """End as `kill -9` does."""
        if hasattr(signal, "SIGKILL"):
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(9)

    @contextmanager
    def wrapped(self) -> Iterator[None]:
        """Wrap every way to the disk."""
        from chromadb.api.client import Client
        from chromadb.api.models.Collection import Collection

        for owner, names in (
            (Collection, ("upsert", "delete", "modify")),
            (Client, ("create_collection", "delete_collection")),
            (WriteCounter, ("advance",)),
            (clients, ("erase_deleted", "sync", "restore")),
            (erasure, ("_erase_vectors",)),
            (shutil, ("rmtree",)),
            (Path, ("unlink", "replace")),
        ):
            for name in names:
                setattr(owner, name, self._before(getattr(owner, name), name))
        using = IndexFile.transaction

        @contextmanager
        def before_commit(file: IndexFile) -> Iterator[Any]:
            with using(file) as db:
                yield db
                if db.in_transaction:
                    self.pass_by("commit of the turn index")

        IndexFile.transaction = before_commit  # type: ignore[method-assign,assignment]
        yield

    def _before(self, original: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.pass_by(f"{name} {getattr(arguments[0], 'name', '')}".strip())
            return original(*arguments, **options)

        return call
