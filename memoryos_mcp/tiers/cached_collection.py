"""
One small place of the store, held in memory while no other process writes.

Short-term pages, segments and long-term memory are bounded and read at almost every call; pages of mid-term memory
are not, and are never cached here. What was read under another generation of the store is read anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from ..domain.protocols import Record, Store
from ..storage.active_users import ActiveUsers

__all__ = ["CachedPlace"]

T = TypeVar("T")

_USERS = 64


class CachedPlace(Generic[T]):
    """
    All records of *place* by user, decoded. Thread-safe through the lock of each user in the store.

    Args:
        store: Where the records live.
        place: Which place of each user.
        encode: Record of an item; its id is the item's key.
        decode: Item of a record.
        vectors: Whether items need their vectors read.
    """

    def __init__(
        self,
        store: Store,
        place: str,
        encode: Callable[[T], Record],
        decode: Callable[[Record], T],
        *,
        vectors: bool = False,
    ) -> None:
        self._store = store
        self._place = place
        self._encode = encode
        self._decode = decode
        self._with_vectors = vectors
        self._users: ActiveUsers[tuple[int, dict[str, T]]] = ActiveUsers(_USERS)

    def all(self, user_id: str) -> Mapping[str, T]:
        """Return every item of a user by id; a copy, safe to keep."""
        with self._store.exclusive(user_id):
            return dict(self._items(user_id))

    def put(self, user_id: str, items: Sequence[T]) -> None:
        """Add or replace *items*; durable on return."""
        if not items:
            return
        with self._store.exclusive(user_id):
            records = [self._encode(item) for item in items]
            known = self._items(user_id)
            with self._dropped_on_error(user_id):
                self._store.put(user_id, self._place, records)
            known.update({record.id: item for record, item in zip(records, items, strict=True)})

    def remove(self, user_id: str, ids: Sequence[str]) -> None:
        """Remove by id; unknown ids are ignored."""
        if not ids:
            return
        with self._store.exclusive(user_id):
            known = self._items(user_id)
            with self._dropped_on_error(user_id):
                self._store.delete(user_id, self._place, ids)
            for id_ in ids:
                known.pop(id_, None)

    def forget(self, user_id: str) -> None:
        """Drop what is held in memory of a user whose place was dropped."""
        with self._store.exclusive(user_id):
            self._users.drop(user_id)

    @contextmanager
    def _dropped_on_error(self, user_id: str) -> Iterator[None]:
        """A write that fails midway may have written some: then what is in memory is no longer believed."""
        try:
            yield
        except BaseException:
            self._users.drop(user_id)
            raise

    def _items(self, user_id: str) -> dict[str, T]:
        generation = self._store.generation()
        held = self._users.get(user_id)
        if held is None or held[0] != generation:
            records = self._store.get(user_id, self._place, vectors=self._with_vectors)
            held = self._users.put(user_id, (generation, {record.id: self._decode(record) for record in records}))
        return held[1]
