"""
`doctor --repair`: a damaged document store is set aside, and what `recovery` makes of snapshot and rest is put in its
place.

The new store is made whole beside the damaged one before either is moved, all under the folder's lock. Nothing of the
damaged one is deleted: that is for the person who has looked at what came back.
"""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from ...api.analysts import analysts_of
from ...api.composition import assemble
from ...domain.addresses import public_address
from ...domain.counting import counted
from ...domain.errors import StoreUnavailableError
from ...domain.settings import Settings
from ...storage.chroma import ChromaStore, open_store
from ...storage.chroma.clients import WriteCounter, writes_so_far
from ...storage.chroma.database import DATABASE, damage_of
from ...storage.chroma.names import user_digest
from ...storage.folder import CHROMA, DAMAGED, LOCK, WRITES, set_aside
from ...storage.lock import FolderLock, WorkLock
from ...storage.snapshots import recovery_of, taken_at_text
from ...tiers.long_term import Item
from ...tiers.memory import Memory
from ...updating.forgetting import Forgetter
from ...updating.repair import Repairer
from .finding import Finding, error, ok, warning
from .recovery import Recovered, recover

__all__ = ["repair"]

logger = logging.getLogger(__name__)

_CHECK = "repair"
_WORK_WAIT_S = 30.0


def repair(settings: Settings) -> Iterator[Finding]:
    """Set a damaged store aside and restore it; bring what is derived in step. Yields what was done."""
    if settings.chroma:
        server = public_address(settings.chroma)
        yield ok(_CHECK, f"the documents are kept by the Chroma server {server}; they are not touched here")
    elif writes_so_far(settings.data_dir / WRITES) or (settings.data_dir / CHROMA).is_dir():
        yield from _documents(settings)
    else:
        yield ok(_CHECK, "nothing is stored yet")
        return
    yield from _derived(settings)


def _documents(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    counter, lock = WriteCounter(folder / WRITES), FolderLock(folder / LOCK)
    try:
        with lock.hold():
            damage = damage_of(folder / CHROMA / DATABASE, used=counter.read() > 0)
            if damage:
                yield from _replace(settings, damage)
                counter.advance()  # other processes open the new store
            else:
                yield ok(_CHECK, "the document store is whole; it was left as it is")
    except OSError as exc:
        yield error(
            _CHECK, f"the damaged store cannot be set aside: {exc}", "close the hosts that use it, then try again"
        )
    finally:
        counter.close()
        lock.close()


def _replace(settings: Settings, damage: str) -> Iterator[Finding]:
    folder = settings.data_dir
    chroma, gone = folder / CHROMA, set_aside(folder)
    # a repair that was ended between its two moves has set the store aside and left nothing in its place
    interrupted = bool(gone) and (not chroma.exists() or not any(chroma.iterdir()))
    source = (gone[-1] if interrupted else chroma) / DATABASE
    scratch = recovery_of(folder)
    shutil.rmtree(scratch, ignore_errors=True)  # of a repair that was killed
    try:
        scratch.mkdir(parents=True, mode=0o700)
        done = recover(settings, source, scratch)
        aside = gone[-1] if interrupted else folder / f"{DAMAGED}{datetime.now(timezone.utc):%Y%m%d-%H%M%S}"
        if not interrupted:
            chroma.rename(aside)
        elif chroma.exists():
            chroma.rmdir()
        (scratch / CHROMA).rename(chroma)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    logger.warning("a damaged document store was set aside in %s: %s", aside, damage)
    yield ok(_CHECK, f"{damage}; the damaged store was set aside in {aside}")
    yield from _told(done, aside)


def _told(done: Recovered, aside: Path) -> Iterator[Finding]:
    """Say what was restored, of when, and what is lost."""
    keep = f"keep {aside} if somebody is to look further"
    if done.snapshot is None:
        yield warning(_CHECK, "there is no sound snapshot to restore", "put a backup in its place if you have one")
    else:
        yield ok(_CHECK, f"restored the snapshot of {taken_at_text(done.snapshot)}: {counted(done.pages, 'page')}")
    since = "" if done.snapshot is None else " since then"
    if done.unreadable:
        yield warning(
            _CHECK, f"nothing was read of the damaged database, {done.unreadable}: what came{since} is lost", keep
        )
        return
    added = ", ".join(counted(count, kind) for kind, count in sorted(done.added.items())) or "nothing"
    yield ok(_CHECK, f"read on in the damaged database: {added} added{since}")
    told = ", ".join(f"{count:,} in {place}" for place, count in sorted(done.lost.items())) or "none is known of"
    yield warning(_CHECK, f"lost records: {told}; what SQL cannot reach in the damaged database is lost too", keep)


def _derived(settings: Settings) -> Iterator[Finding]:
    """Finish what was interrupted, make the indexes anew where they lack something, user by user."""
    store = open_store(settings)
    try:
        memory = assemble(settings, store)
        try:
            analysis = analysts_of(
                settings.model_copy(update={"analyzer": "local"}), memory, None
            )  # no model is asked here
            yield from _forgotten(settings, store, memory, analysis.repairer)
            for user_id in set(memory.index.users()) - set(store.users()):
                memory.index.drop(user_id)  # a store of which nothing came back knows them no more
            for user_id in store.users():
                with WorkLock(settings.data_dir / "locks" / f"{user_digest(user_id)}.lock").hold(_WORK_WAIT_S):
                    cut = _cut_sources(memory, user_id)
                    analysis.repairer.repair(user_id)
                    while analysis.reembedder.step(user_id):
                        pass
                told = f"; {counted(cut, 'line')} of the profile named pages that are lost" if cut else ""
                yield ok(_CHECK, f"{user_id}: segments and indexes are in step with the documents{told}")
        finally:
            memory.index.close()
    finally:
        store.close()


def _forgotten(settings: Settings, store: ChromaStore, memory: Memory, repairer: Repairer) -> Iterator[Finding]:
    """Finish what a process that died had begun to forget."""
    try:
        if Forgetter(memory, repairer, store.erase, settings.data_dir).resume():
            yield ok(_CHECK, "what an earlier process had begun to forget is forgotten and gone from the files")
    except StoreUnavailableError as exc:
        yield error(_CHECK, str(exc), "make room on the disk, or close the hosts that use the files, then try again")


def _cut_sources(memory: Memory, user_id: str) -> int:
    """Take pages that are not there out of what names them as its source, and return how many did."""
    with memory.store.exclusive(user_id):
        there = {page.page_id for page in memory.short_term.pages(user_id)}
        there |= {*memory.mid_term.page_ids(user_id), *memory.mid_term.archived_ids(user_id)}
        long_term = memory.long_term
        items: list[Item] = [
            *long_term.facts(user_id).values(),
            *long_term.attributes(user_id).values(),
            *long_term.traits(user_id).values(),
        ]
        wrong = [item for item in items if not there.issuperset(item.page_ids)]
        long_term.put(
            user_id, [replace(item, page_ids=tuple(id_ for id_ in item.page_ids if id_ in there)) for item in wrong]
        )
    return len(wrong)
