"""What is stored: does it open, in a format we know, and does it hold together?"""

from collections.abc import Iterator

from ..errors import StoreCorruptError, StoreError, StoreFormatError
from ..settings import Settings
from ..storage import open_store
from ..storage.folder import CHROMA
from ..storage.migrations import FORMAT
from .finding import Finding, error, ok

__all__ = ["memory"]


def memory(settings: Settings) -> Iterator[Finding]:
    """Open the store and look into it. A memory that is not there yet is not made."""
    if not settings.chroma and not (settings.data_dir / CHROMA).is_dir():
        yield ok("memory", "nothing is stored yet")
        return
    try:
        store = open_store(settings)
    except StoreFormatError as exc:
        yield error("memory", str(exc), "upgrade memoryos-mcp-server")
        return
    except StoreCorruptError as exc:
        yield error("memory", str(exc), "memoryos-mcp doctor --repair sets it aside and rescues what is readable")
        return
    except StoreError as exc:
        yield error("memory", str(exc), "see the message; nothing was changed")
        return
    try:
        users = store.users()
        yield ok("memory", f"format {FORMAT}, {store.description}, {len(users)} users")
    finally:
        store.close()
