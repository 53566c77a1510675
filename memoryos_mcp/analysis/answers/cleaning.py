"""
Text on its way to and from a model: one line, bounded, without what could be taken for our own framing.

A recalled text is always a single line behind a label, so it cannot begin a line of its own: whatever it holds, it
can neither close the data nor start a section. The same holds for what a model writes into memory.
"""

import re
from collections.abc import Sequence

from ...domain.inputs import clean

__all__ = ["clipped", "fitted", "one_line"]

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_READ = 8


def one_line(value: object, longest: int) -> str:
    """Return *value* as a clean single line of at most *longest* characters, "" when it is no text."""
    if not isinstance(value, str):
        return ""
    return clipped(" ".join(_INVISIBLE.sub("", clean(value[: longest * _READ])).split()), longest)


def clipped(text: str, longest: int) -> str:
    """Return *text* cut to *longest* characters, at a word where there is one in reach."""
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    return (head.rpartition(" ")[0] if " " in head[longest // 2 :] else head).rstrip(" ,;:-") + "\u2026"


def fitted(texts: Sequence[str], weights: Sequence[float], room: int) -> list[str]:
    """
    Return *texts* cut so that together they have at most *room* characters, or so: short ones stay whole.

    Each may take its weight's part of the room; what short ones leave goes to the long ones. A cut text keeps its
    beginning and its end, where people say what they want.
    """
    if sum(map(len, texts)) <= room:
        return list(texts)
    low, high = 0.0, float(max(map(len, texts))) / min(weights)
    for _ in range(30):
        middle = (low + high) / 2
        taken = sum(min(len(text), middle * weight) for text, weight in zip(texts, weights, strict=True))
        low, high = (middle, high) if taken <= room else (low, middle)
    return [_cut_text(text, int(low * weight)) for text, weight in zip(texts, weights, strict=True)]


def _cut_text(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    tail = longest // 4 if longest > 80 else 0
    head = clipped(text, max(1, longest - tail))
    return f"{head} {text[-tail:].partition(' ')[2]}" if tail else head
