"""
Work counted in plain passes: one pass is what looking at every character of the text costs in Python.

Processor time against processor time of the same process, so a slow or busy machine counts as many as a quick one.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from time import thread_time

from .crafted import LIMIT, crafted

__all__ = ["MOST", "passes"]

MOST = 60.0
"""Plain passes that a text may cost: about 0.3 s where a pass takes 5 ms."""
_SIZES = (LIMIT // 16, LIMIT // 2)
_RUNS = 4


def passes(work: Callable[[str], object], name: str, most: float = MOST) -> float:
    """
    Return what *work* costs for the crafted text called *name*, in plain passes, the least of a few runs.

    Shorter texts come first and end it when they cost more than *most*: what grows with the square shows early. What
    costs more is measured once again with a new pass beside it: the machine may have become busier since the first.
    """
    cost = _passes(work, name, most)
    if cost > most:
        _pass.cache_clear()
        cost = min(cost, _passes(work, name, most))
    return cost


def _passes(work: Callable[[str], object], name: str, most: float) -> float:
    cost = 0.0
    for size in _SIZES:
        text = crafted(name, size)
        cost = _least(lambda text=text: work(text), most * _pass())  # type: ignore[misc]
        if cost > most * _pass():
            break
    return cost / _pass()


def _least(work: Callable[[], object], enough: float) -> float:
    """Return the least processor time of a few runs, of the first alone when that is little *enough*."""
    least = _timed(work)
    for _ in range(_RUNS - 1):
        if least <= enough or least > 4 * enough:
            break
        least = min(least, _timed(work))
    return least


def _timed(work: Callable[[], object]) -> float:
    """Return the processor time of *work*, without that of whoever traces its lines (coverage, a debugger)."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        start = thread_time()
        work()
        return thread_time() - start
    finally:
        sys.settrace(tracer)


@lru_cache(maxsize=1)
def _pass() -> float:
    """Return the processor time of one plain pass."""
    return min(_timed(lambda: sum(sign == "x" for sign in crafted("Chinese", _SIZES[-1]))) for _ in range(9))
