"""Foreign exceptions of Chroma, SQLite, HTTP and the file system, told in our own error tree at the seam."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ...domain.errors import MemoryOSError, StoreCorruptError, StoreError, StoreUnavailableError

__all__ = ["translate_errors"]

_LATER = {429, 502, 503, 504}
"""Answers of an HTTP server that may be another one next time."""
_SHOWN = 200


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
        kind = StoreUnavailableError if exc.code() in _LATER else StoreError
        raise kind(f"cannot {doing}: {type(exc).__name__}: {exc}") from exc
    except Exception as exc:  # of a status that is not its server's, Chroma's HTTP client raises a bare one
        if (refusal := _refusal(doing, exc)) is None:
            raise
        raise refusal from exc


def _refusal(doing: str, exc: Exception) -> StoreError | None:
    """Return the error for an answer over HTTP that no Chroma server gave, None when *exc* is something else."""
    import httpx

    answer = exc.__context__
    if type(exc) is not Exception or not isinstance(answer, httpx.HTTPStatusError):
        return None
    status = answer.response.status_code
    kind = StoreUnavailableError if status in _LATER else StoreError
    return kind(f"cannot {doing}: the server's answer is {status}: {str(exc)[:_SHOWN]}")
