"""
What a model cost one user's memory: since the start of this process, and in total, which is in the store.

A question is charged to the user for whom it is asked (`UsageLedger.charged`), whatever other threads ask meanwhile.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..domain.protocols import Record, Store
from .llm import Meter, Usage, charged_to

__all__ = ["UsageLedger"]

_PLACE = "usage"
_ID = "total"


class UsageLedger:
    """
    Totals by user; reading a total that was never written gives zeros. Thread-safe.

    `_lock` guards `_meters`; the store's lock guards `_booked`, what of the meters is in the store already.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._meters: dict[str, Meter] = {}
        self._booked: dict[str, Usage] = {}

    @contextmanager
    def charge_to(self, user_id: str) -> Iterator[None]:
        """Charge what is asked in the block to *user_id*; it is written down at the end, failed or not."""
        try:
            with charged_to(self._meter(user_id)):
                yield
        finally:
            self._book(user_id)

    def since_start(self, user_id: str) -> Usage:
        """Return what this process asked for this user."""
        return self._meter(user_id).total()

    def total_with_open(self, user_id: str) -> Usage:
        """Return everything asked for this user, what is not written down yet included."""
        with self._store.exclusive(user_id):
            return self.total(user_id) + self._not_booked(user_id)

    def total(self, user_id: str) -> Usage:
        """Return everything written down for this user, by all processes."""
        found = self._store.get(user_id, _PLACE, [_ID])
        return Usage.from_dict(json.loads(found[0].document)) if found else Usage()

    def add(self, user_id: str, usage: Usage) -> None:
        """Add to the total; nothing is written for nothing."""
        if usage == Usage():
            return
        with self._store.exclusive(user_id):
            total = self.total(user_id) + usage
            self._store.put(user_id, _PLACE, [Record(_ID, json.dumps(total.as_dict()))])

    def forget(self, user_id: str) -> None:
        """Drop what is held of a user of whom everything was forgotten."""
        with self._store.exclusive(user_id), self._lock:
            self._meters.pop(user_id, None)
            self._booked.pop(user_id, None)

    def _meter(self, user_id: str) -> Meter:
        with self._lock:
            return self._meters.setdefault(user_id, Meter())

    def _not_booked(self, user_id: str) -> Usage:
        """Return what is not written down yet. Under the store's lock."""
        return self.since_start(user_id) - self._booked.get(user_id, Usage())

    def _book(self, user_id: str) -> None:
        """Write down what is new; no book, not even an empty one, is kept of a user who was forgotten."""
        if self.since_start(user_id) == Usage():
            return
        with self._store.exclusive(user_id):
            new = self._not_booked(user_id)
            if new != Usage() and user_id in self._store.users():
                self.add(user_id, new)
                self._booked[user_id] = self._booked.get(user_id, Usage()) + new
