"""
A cache of what texts were read as: consolidation, summaries and promotion each read the same pages again.

A process's memory alone, bounded; nothing of it is written. Long texts are read anew: few of them would fill it.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

__all__ = ["remembered"]

_LONGEST = 4_000
_KEPT = 1_024

P = ParamSpec("P")
T = TypeVar("T")


def remembered(read: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """Return *read*, a pure function of a text and other hashable values, with its latest 1,024 results kept."""
    kept = cast(Callable[..., T], lru_cache(maxsize=_KEPT)(cast(Callable[..., Any], read)))

    @wraps(read)
    def reading(text: str, /, *arguments: P.args, **options: P.kwargs) -> T:
        return kept(text, *arguments, **options) if len(text) <= _LONGEST else read(text, *arguments, **options)

    return reading
