"""
The model's books: what it cost one user's memory in total, kept in the store beside the tiers.

Counters since start are the model's own (`llm.Usage`); this adds what is new of them to the total on disk.
"""

import json

from .llm import Usage
from .protocols import Record, Store

__all__ = ["UsageLedger"]

_PLACE = "usage"
_ID = "total"


class UsageLedger:
    """Totals by user. The caller adds differences; reading a total that was never written gives zeros."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def total(self, user_id: str) -> Usage:
        """Return everything asked for this user, by all processes."""
        found = self._store.get(user_id, _PLACE, [_ID])
        return Usage.from_dict(json.loads(found[0].document)) if found else Usage()

    def add(self, user_id: str, usage: Usage) -> None:
        """Add to the total; nothing is written for nothing."""
        if usage == Usage():
            return
        with self._store.exclusive():
            total = self.total(user_id) + usage
            self._store.put(user_id, _PLACE, [Record(_ID, json.dumps(total.as_dict()))])
