"""
Products of matrices a tile at a time, so that numpy's OpenBLAS works in the calling thread alone.

It spreads larger products over all processors, and for the sizes of a question its threads cost more in waiting for
one another than they compute. A number of threads would be the whole process's setting, which is the caller's.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["products"]

_ALONE = 2**18
"""Multiplications up to which OpenBLAS stays in one thread (its SMP_THRESHOLD_MIN times GEMM_MULTITHREAD_THRESHOLD)."""


def products(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the scalar product of every row of *left* with every row of *right*, a row for each of the former."""
    found = np.empty((len(left), len(right)), np.float32)
    cells = max(1, _ALONE // max(1, left.shape[1]))
    wide = max(1, min(len(right), int(cells**0.5)))
    high = max(1, cells // wide)
    for column in range(0, len(right), wide):
        some = right[column : column + wide].T
        for row in range(0, len(left), high):
            np.matmul(left[row : row + high], some, out=found[row : row + high, column : column + wide])
    return found
