"""
Vectors that were made lately, in one array: looking up hundreds of them is one step of numpy, not hundreds.
"""

from collections.abc import Hashable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ...domain.protocols import Vectors

__all__ = ["VectorCache"]


class VectorCache:
    """
    Up to *capacity* vectors of one length by key, as half floats; the one put in first leaves first. Thread-safe.

    Args:
        capacity: Memory is taken as it is filled: 512 bytes for a vector of 256.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = Lock()
        self._slots: dict[Hashable, int] = {}
        self._keys: list[Hashable] = []
        self._next = 0
        self._data: NDArray[np.float16] = np.zeros((0, 0), np.float16)

    def rows(self, keys: Sequence[Hashable]) -> tuple[Vectors, NDArray[np.int64]]:
        """Return a row for each of *keys* and the places of those that are missing, whose rows hold anything."""
        with self._lock:
            slots = np.array([self._slots.get(key, -1) for key in keys], np.int64)
            missing = np.flatnonzero(slots < 0)
            if not self._slots:
                return np.zeros((len(keys), self._data.shape[1]), np.float32), missing
            return self._data[slots].astype(np.float32), missing

    def put(self, keys: Sequence[Hashable], vectors: Vectors) -> None:
        """Add vectors under *keys*, those that are not there yet; of more than the capacity, the last ones."""
        with self._lock:
            new = [at for at, key in enumerate(keys) if key not in self._slots]
            if new:
                self._put([keys[at] for at in new], vectors[new])

    def _put(self, keys: Sequence[Hashable], vectors: Vectors) -> None:
        keys, vectors = keys[-self._capacity :], vectors[-self._capacity :]
        if self._data.shape[1] != vectors.shape[1]:
            self._data = np.zeros((self._capacity, vectors.shape[1]), np.float16)
        slots = (self._next + np.arange(len(keys))) % self._capacity
        for key, slot in zip(keys, slots.tolist(), strict=True):
            if slot < len(self._keys):
                del self._slots[self._keys[slot]]
                self._keys[slot] = key
            else:
                self._keys.append(key)
            self._slots[key] = slot
        self._data[slots] = vectors
        self._next = int(self._next + len(keys)) % self._capacity
