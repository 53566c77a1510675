"""
Collection names: any user id becomes a name Chroma accepts, and comes back from the collection's metadata.

Chroma takes 3-512 characters of `[a-zA-Z0-9._-]`; a user id may be anything, so the name carries a hash of it and the
metadata the id itself. Nothing else of a user id ever reaches a file name.
"""

import hashlib

__all__ = ["META", "collection_name", "is_vector_place", "user_digest"]

META = "memoryos-meta"


def user_digest(user_id: str) -> str:
    """Return 40 hexadecimal digits that stand for *user_id* in names (BLAKE2b, 160 bits)."""
    return hashlib.blake2b(user_id.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def collection_name(user_id: str, place: str) -> str:
    """Return the name of *place* of *user_id*: `u-<digest>-<place>`."""
    return f"u-{user_digest(user_id)}-{place}"


def is_vector_place(place: str) -> bool:
    """Whether *place* is derived and named after an embedder ("turns.bundled"): its vectors are all it holds."""
    return "." in place
