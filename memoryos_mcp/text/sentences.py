"""
Where sentences end: at a full stop, question or exclamation mark before white space, at a CJK stop, at a line's end.

A version ("2.3.1"), an address ("example.com") and the number of a list's item ("1. Install it") end none. A fenced
block is one piece. Work is linear in the text.
"""

import re

from .fences import fences

__all__ = ["Span", "sentences"]

Span = tuple[int, int]
"""Where a passage of a text begins and ends, the end left out."""

_END = re.compile(r"\s+|[\u3002\uff01\uff1f\uff61]+[\u300d\u300f\u201d\u2019\uff09]*")
_SPACE = re.compile(r"\s*")
_STOPS = (".", "!", "?", "\u2026")
_CLOSERS = "\"')]*_\u201d\u2019\u00bb"
_MOST_CLOSERS = 4
_NUMBER = re.compile(r"\s*(?:\d{1,3}|[A-Za-z])\.\s*")


def sentences(text: str) -> list[Span]:
    """Return the sentences of *text* in order, white space behind each included: together they are the whole text."""
    spans: list[Span] = []
    at = 0
    blocks = fences(text)
    stops = [*(block.start for block in blocks[1:]), len(text)]
    for block, stop in zip(blocks, stops, strict=False):
        spans += _prose_sentences(text, at, block.start)
        behind = _SPACE.match(text, block.end, stop)
        at = behind.end() if behind else block.end
        spans.append((block.start, at))
    return [*spans, *_prose_sentences(text, at, len(text))]


def _prose_sentences(text: str, start: int, stop: int) -> list[Span]:
    spans: list[Span] = []
    for found in _END.finditer(text, start, stop):
        if _ends(text, found) and not _NUMBER.fullmatch(text, start, found.end()):
            spans.append((start, found.end()))
            start = found.end()
    return [*spans, (start, stop)] if start < stop else spans


def _ends(text: str, found: re.Match[str]) -> bool:
    """Whether a sentence ends with what was found: white space, or the stop of a script that puts none behind it."""
    space = found.group()
    if not space[0].isspace() or "".join(space.splitlines()) != space:
        return True
    before = text[max(0, found.start() - _MOST_CLOSERS) : found.start()].rstrip(_CLOSERS)
    return before.endswith(_STOPS)
