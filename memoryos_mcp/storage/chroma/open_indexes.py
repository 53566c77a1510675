"""
How many vector indexes embedded Chroma has open: each takes up to five files and some megabytes.

Chroma 1.5 closes indexes by itself once there are as many as the files that the process may open allow, and then loses
sight of the vectors that it had not saved yet: questions fail until it is opened anew. So it is kept from that, and
its client is opened anew (`EmbeddedConnection.renew`) before there are too many.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .tested import unknown_chroma

__all__ = ["MOST_INDEXES", "indexes_kept_open", "most_indexes"]

MOST_INDEXES = 200
_FILES_EACH = 5
_NEVER_CLOSED = 100_000


def most_indexes() -> int:
    """Return how many indexes may be open: half of the files that this process may open, 200 at most."""
    if sys.platform == "win32":
        return MOST_INDEXES // 4
    import resource

    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_INDEXES if files < 0 else max(1, min(MOST_INDEXES, files // (2 * _FILES_EACH)))


@contextmanager
def indexes_kept_open() -> Iterator[None]:
    """Have a client that is made in the block close no index by itself; a Chroma that was not tested is left alone."""
    if unknown_chroma():
        yield
        return
    from chromadb.api import rust

    whole = rust.RustBindingsAPI

    class KeepingOpen(whole):  # type: ignore[misc, valid-type]
        def __init__(self, system: Any) -> None:
            super().__init__(system)
            self.hnsw_cache_size = _NEVER_CLOSED

    rust.RustBindingsAPI = KeepingOpen  # type: ignore[misc]
    try:
        yield
    finally:
        rust.RustBindingsAPI = whole  # type: ignore[misc]
