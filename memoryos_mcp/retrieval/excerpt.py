"""
The part of a long turn that matters to a question, when the whole would eat the budget.

Sentences around the best one, in order, with an ellipsis where something was left out.
"""

import re
from collections.abc import Collection

from ..text.terms import terms

__all__ = ["excerpt"]

_SENTENCE = re.compile(r"[^.!?\u3002\uff01\uff1f\n]+[.!?\u3002\uff01\uff1f]*\s*|\n+|[.!?\u3002\uff01\uff1f]+\s*")
_PIECE = 200
_MOST = 5_000


def excerpt(text: str, wanted: Collection[str], longest: int) -> str:
    """
    Return *text*, or when it is longer than *longest* characters the passage that holds most of *wanted*.

    Args:
        text: One side of a page.
        wanted: Terms of the question.
        longest: In characters; at least 40 are taken.
    """
    longest = max(longest, 40)
    if len(text) <= longest:
        return text
    pieces = _pieces(text)
    scores = [len(set(terms(piece)[0]) & set(wanted)) for piece in pieces]
    first = max(range(len(pieces)), key=lambda at: scores[at])
    last = first
    size = len(pieces[first])
    while True:
        after = scores[last + 1] if last + 1 < len(pieces) else -1
        before = scores[first - 1] if first > 0 else -1
        if max(after, before) < 0:
            break
        step = last + 1 if after >= before else first - 1
        if size + len(pieces[step]) > longest:
            break
        size += len(pieces[step])
        first, last = min(first, step), max(last, step)
    passage = "".join(pieces[first : last + 1]).strip()
    return ("\u2026 " if first else "") + passage + (" \u2026" if last + 1 < len(pieces) else "")


def _pieces(text: str) -> list[str]:
    """Return the sentences of *text*, long ones cut; what is more full stops than words is cut by length alone."""
    sentences = _SENTENCE.findall(text)
    return _cut(text) if len(sentences) > _MOST else [part for found in sentences for part in _cut(found)]


def _cut(sentence: str) -> list[str]:
    """Cut what has no sentences (code, tables, other scripts) into pieces of 200 characters."""
    return [sentence[start : start + _PIECE] for start in range(0, len(sentence), _PIECE)]
