"""
The version of what is stored, and the named steps from an older one.

The version stands in the metadata of one collection, so it travels with the data. A newer version than ours is
refused untouched; an older one is migrated step by step, each step idempotent, before anything else is read.
"""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...domain.errors import StoreCorruptError, StoreFormatError
from .names import META

if TYPE_CHECKING:
    from chromadb.api.client import Client

__all__ = ["FORMAT", "MIGRATIONS", "ensure_format"]

logger = logging.getLogger(__name__)

FORMAT = 1

Migration = Callable[["Client"], None]

MIGRATIONS: Mapping[int, Migration] = {}
"""From-version to the step that makes the next version of it. Format 1 is the first, so there is none yet."""


def ensure_format(client: "Client", *, ours: int = FORMAT, migrations: Mapping[int, Migration] = MIGRATIONS) -> None:
    """
    Bring the store behind *client* to format *ours*; a new store is stamped with it.

    Raises:
        StoreFormatError: The store was written by a newer version; nothing was touched.
        StoreCorruptError: The version stamp is unreadable.
    """
    found = _read_format(client)
    if found is None:
        client.create_collection(META, embedding_function=None, metadata={"format": ours}, get_or_create=True)
        return
    if found > ours:
        raise StoreFormatError(
            f"the stored memory has format {found}, this version of memoryos-mcp-server reads up to {ours}: upgrade it"
        )
    for version in range(found, ours):
        logger.warning("migrating the stored memory from format %d to %d", version, version + 1)
        migrations[version](client)
        client.get_collection(META, embedding_function=None).modify(metadata={"format": version + 1})


def _read_format(client: "Client") -> int | None:
    from chromadb.errors import NotFoundError

    try:
        metadata = client.get_collection(META, embedding_function=None).metadata or {}
    except NotFoundError:
        return None
    value = metadata.get("format")
    if not isinstance(value, int) or value < 1:
        raise StoreCorruptError(f"the collection {META} holds no readable format version: {value!r}")
    return value
