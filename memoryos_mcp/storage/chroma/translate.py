"""Foreign exceptions of Chroma, SQLite, HTTP and the file system, told in our own error tree at the seam."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ...domain.errors import MemoryOSError, StoreCorruptError, StoreError, StoreUnavailableError

__all__ = ["translate_errors"]


@contextmanager
def translate_errors(doing: str) -> Iterator[None]:
    """
    Run a block of store calls; *doing* names it in the message ("add 3 records to mid_term").

    Raises:
        StoreUnavailableError: Unreachable, locked, full or read-only: the same call may succeed later.
        StoreCorruptError: The database says of itself that it is damaged.
        StoreError: Anything else the store refuses.
    """
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except MemoryOSError:
        raise
    except (OSError, httpx.HTTPError, sqlite3.OperationalError) as exc:
        raise StoreUnavailableError(f"cannot {doing}: {exc}") from exc
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:  # the latter from the message about a damaged name
        raise StoreCorruptError(f"cannot {doing}: the database is damaged: {exc}") from exc
    except ChromaError as exc:
        raise StoreError(f"cannot {doing}: {type(exc).__name__}: {exc}") from exc
