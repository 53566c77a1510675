"""How often the same thing failed in a row, counted for all threads that run an updater's steps."""

import threading
from collections import Counter

__all__ = ["FailureCounts"]


class FailureCounts:
    """Counts failures. Thread-safe: `_lock` guards `_botched` and `_unembedded`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._botched: Counter[str] = Counter()
        self._unembedded = 0

    def botched(self, page_id: str, most: int) -> int:
        """Return how often no use could be made of the answer on a batch, now too; from *most* on it begins anew."""
        with self._lock:
            self._botched[page_id] += 1
            times = self._botched[page_id]
            if times >= most:
                del self._botched[page_id]
        return times

    def unembedded(self) -> int:
        """Return how often in a row the embedder failed, now too."""
        with self._lock:
            self._unembedded += 1
            return self._unembedded

    def embedded(self) -> None:
        """Note that the embedder answered."""
        with self._lock:
            self._unembedded = 0
