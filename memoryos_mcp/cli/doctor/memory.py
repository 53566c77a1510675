"""What is stored: is it whole, does it open in a format we know, and does it pass the audit's checks?"""

from collections.abc import Iterator
from pathlib import Path

from ...api.composition import assemble
from ...domain.counting import counted
from ...domain.errors import MemoryOSError, StoreCorruptError, StoreFormatError
from ...domain.settings import Settings
from ...storage.chroma import ChromaStore, open_store
from ...storage.chroma.clients import writes_so_far
from ...storage.chroma.database import DATABASE, damage_of
from ...storage.chroma.migrations import FORMAT
from ...storage.chroma.vector_files import FlawError, UnknownLayoutError, entries
from ...storage.folder import CHROMA, WRITES, bytes_in, set_aside
from ...transfer.snapshots import told_of_snapshots
from ...updating.audit import CHECKS, audit
from ...updating.forgetting import MARKER
from ...updating.secret_removal import stored_secrets
from .finding import Finding, error, ok, warning

__all__ = ["memory"]

_UNKNOWN = "nothing needs doing: it was left as it is; `memoryos-mcp rebuild` makes it anew if answers seem wrong"
_REPAIR = "memoryos-mcp doctor --repair"
_MENDS = "sets it aside, restores the newest snapshot and adds what is readable"
_DERIVED = {"segment vectors", "turn index", "turn vectors"}
_SOUND = f"all {len(CHECKS)} checks of what is stored pass (docs/architecture.md, Invariants)"
_MB = 1 << 20


def memory(settings: Settings) -> Iterator[Finding]:
    """Look at the files, open the store, audit every user. A memory that is not there yet is not made."""
    if not settings.chroma:
        if not (settings.data_dir / CHROMA).is_dir() and not writes_so_far(settings.data_dir / WRITES):
            yield ok("memory", "nothing is stored yet")
            return
        yield ok("memory", told_of_snapshots(settings))
        found = list(_files(settings))
        yield from found
        if found[-1].level != "ok":
            return  # opening it would take damaged indexes away, and nothing is changed here
    else:
        yield ok("memory", told_of_snapshots(settings))
    try:
        store = open_store(settings)
    except StoreFormatError as exc:
        yield error("memory", str(exc), "upgrade memoryos-mcp-server")
    except StoreCorruptError as exc:
        yield error("memory", str(exc), f"{_REPAIR} {_MENDS}")
    except MemoryOSError as exc:
        yield error("memory", str(exc), "see the message; nothing was changed")
    else:
        try:
            yield from _store_findings(settings, store)
        finally:
            store.close()


def _files(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir / CHROMA
    for aside in set_aside(settings.data_dir):
        what = (
            f"{aside.name} holds {bytes_in(aside) / _MB:,.1f} MB of a damaged store that was set aside, forgotten text"
        )
        yield warning("memory", f"{what} included", f"delete {aside} when nothing in it is missed")
    damage = damage_of(folder / DATABASE, used=writes_so_far(settings.data_dir / WRITES) > 0)
    if damage:
        yield error("memory", f"the document store is damaged: {damage}", f"{_REPAIR} {_MENDS}")
        return
    yield from _vector_files(folder)


def _vector_files(folder: Path) -> Iterator[Finding]:
    held, damaged, unknown = [], False, 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir():
            try:
                held.append(entries(path) or 0)
            except UnknownLayoutError as exc:
                yield warning("memory", f"the vector index {path.name} is not checked: {exc}", _UNKNOWN)
                unknown += 1
            except FlawError as exc:
                remedy = f"it is made anew from the documents when a host next uses it; {_REPAIR} does it now"
                yield warning("memory", f"the vector index {path.name} is damaged: {exc}", remedy)
                damaged = True
    if not damaged:
        checked = f"{counted(len(held), 'vector index', 'vector indexes')}, {counted(sum(held), 'vector')} on disk"
        yield ok("memory", f"the document store is whole; {checked}{f'; {unknown} not checked' if unknown else ''}")


def _store_findings(settings: Settings, store: ChromaStore) -> Iterator[Finding]:
    users = store.users()
    yield ok("memory", f"format {FORMAT}, {store.description}, {counted(len(users), 'user')}")
    with store.exclusive():  # nobody is forgetting just now
        left = (settings.data_dir / MARKER).exists()
    if left:
        yield error(
            "memory",
            f"what was forgotten may still be in the files: {settings.data_dir / MARKER} says that it was begun and "
            "not finished",
            f"{_REPAIR} finishes it; so does the next start of a host",
        )
    tiers = assemble(settings, store)
    try:
        for user_id in users:
            with store.exclusive(user_id):
                violations = audit(tiers, user_id)
                pages = len(tiers.short_term.pages(user_id)) + tiers.mid_term.page_count(user_id)
            for violation in violations:
                what = f"{user_id}: {violation.check}: {violation.detail}"
                if violation.check in _DERIVED:
                    yield warning(
                        "memory", what, f"made anew in the background by a running host; {_REPAIR} does it now"
                    )
                else:
                    yield error("memory", what, f"{_REPAIR} finishes what was interrupted")
            if not violations:
                yield ok("memory", f"{user_id}: {counted(pages, 'page')}; {_SOUND}")
            if secrets := stored_secrets(tiers, user_id).kinds:
                what = ", ".join(f"{count} {kind}" for kind, count in sorted(secrets.items()))
                yield warning("memory", f"{user_id}: secrets are stored: {what}", "memoryos-mcp redact takes them out")
    finally:
        tiers.index.close()
