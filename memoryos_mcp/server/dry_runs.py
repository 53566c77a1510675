"""
Tokens of dry runs: each lets one real run of the same user and selection through, once and for a while.

They live in the process that gave them: a token that another process took would need a key on disk, which whatever
reads the data folder could read too. A host speaks to one process; after a restart it makes a new dry run.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["DryRuns"]

Key = tuple[Any, ...]


class DryRuns:
    """
    The dry runs of one process.

    Args:
        user_id: Whose memory, when a call names nobody.
        clock: Seconds that only go forward.
    """

    MINUTES = 10
    MOST = 100
    """Tokens held at once; the oldest goes."""

    def __init__(self, user_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._user_id = user_id
        self._clock = clock
        self._given: dict[str, tuple[Key, float]] = {}

    @staticmethod
    def wanted(selection: Mapping[str, Any]) -> bool:
        """Whether *selection* names no ids, so that nobody can see in the call itself what it takes."""
        return bool(selection.get("everything") or selection.get("before"))

    def token(self, selection: Mapping[str, Any]) -> str:
        """Return a new token for *selection*."""
        while len(self._given) >= self.MOST:
            del self._given[next(iter(self._given))]
        token = secrets.token_hex(4)
        self._given[token] = (self._key(selection), self._clock() + 60 * self.MINUTES)
        return token

    def spend(self, selection: Mapping[str, Any]) -> bool:
        """Return whether the token in *selection* is of a dry run of the same; it is used up by that."""
        key, until = self._given.get(str(selection.get("confirm")), ((), 0.0))
        if key != self._key(selection) or self._clock() > until:
            return False
        del self._given[str(selection["confirm"])]
        return True

    def _key(self, selection: Mapping[str, Any]) -> Key:
        ids = [tuple(sorted(selection.get(name, ()))) for name in ("page_ids", "fact_ids")]
        others = {k: v for k, v in selection.items() if k not in ("page_ids", "fact_ids", "dry_run", "confirm")}
        others = {"user_id": self._user_id, "everything": False, **others}
        return (*ids, tuple(sorted(others.items())))
