"""What is held in memory of the users who were active last: bounded, so that a thousand users on one folder fit."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

__all__ = ["ActiveUsers"]

T = TypeVar("T")


class ActiveUsers(Generic[T]):
    """
    A value for each of the users that were asked for last. Thread-safe: `_lock` guards `_held`.

    A value that leaves while a thread works on it is not lost to that thread, only made anew for the next.

    Args:
        most: How many users' values are held.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[str, T] = OrderedDict()

    def get(self, user_id: str) -> T | None:
        """Return a user's value, None when it is not held."""
        with self._lock:
            if user_id not in self._held:
                return None
            self._held.move_to_end(user_id)
            return self._held[user_id]

    def put(self, user_id: str, value: T) -> T:
        """Hold a user's value and return it; whoever has not been asked for the longest leaves."""
        with self._lock:
            self._held[user_id] = value
            self._held.move_to_end(user_id)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return value

    def drop(self, user_id: str) -> None:
        """Hold nothing of a user."""
        with self._lock:
            self._held.pop(user_id, None)

    def clear(self) -> None:
        """Hold nothing of anybody."""
        with self._lock:
            self._held.clear()
