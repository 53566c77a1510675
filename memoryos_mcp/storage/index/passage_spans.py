"""
Passages: the parts of a long turn that are ranked and shown each by itself.

A turn of up to 625 characters is one passage. A longer one is cut into blocks of whole lines, of sentences where a line
is too long, and anywhere only where there is neither. The passages cover the text. Text in, positions out.
"""

import re
from collections.abc import Iterator

from ...text import Span

__all__ = ["passage_spans"]

_WHOLE, _MOST, _ENOUGH, _LEAST = 625, 500, 300, 125
_PASSAGES = 200
"""About how many passages a text has at most: those of a book are longer."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_SENTENCE_END = re.compile(
    r"(?:(?<=[.!?])|(?<=[.!?][\"'\u201d\u2019)\]]))\s+|(?<=[\u3002\uff01\uff1f])(?![\u3002\uff01\uff1f])"
)


def passage_spans(text: str) -> list[Span]:
    """Return the passages of *text* in order; at least one, each beginning where the one before ends."""
    if len(text) <= _WHOLE:
        return [(0, len(text))]
    most = max(_MOST, len(text) // _PASSAGES)
    ends: list[int] = []
    start = at = 0
    for size, breaks in _lines(text, most):
        held = at - start
        if held and (held + size > most or (breaks and held > most * _ENOUGH // _MOST)):
            ends.append(at)
            start = at
        at += size
    if ends and at - start < _LEAST:
        ends.pop()
    ends.append(at)
    return list(zip([0, *ends], ends, strict=False))


def _lines(text: str, most: int) -> Iterator[tuple[int, bool]]:
    """Yield the size of each line, or part of one too long, and whether a piece may well begin there."""
    blank = False
    for found in _LINE.finditer(text):
        line = found[0]
        breaks = blank or line.lstrip().startswith(("```", "~~~", "#"))
        blank = not line.strip()
        for size in _sizes(line, most):
            yield size, breaks
            breaks = False


def _sizes(line: str, most: int) -> Iterator[int]:
    """Yield the sizes of the parts of *line*: itself, its sentences, or so many characters at once."""
    if len(line) <= most:
        yield len(line)
        return
    start = 0
    for end in [*(found.end() for found in _SENTENCE_END.finditer(line)), len(line)]:
        while end - start > most:
            cut = line.rfind(" ", start + most // 2, start + most) + 1 or start + most
            yield cut - start
            start = cut
        if end > start:
            yield end - start
            start = end
