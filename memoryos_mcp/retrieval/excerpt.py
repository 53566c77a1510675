"""
The passages of a long turn that matter to a question, when the whole would eat the budget.

Sentences and lines of code that hold the question's words, the best first, each with its better neighbour, while there
is room; without such words the beginning.
"""

from collections.abc import Collection, Iterable

from ..text import Span, fences, sentences
from ..text.terms import terms
from .shown_passages import text_of_passages

__all__ = ["excerpt"]

_PIECE, _MOST_PIECES = 200, 5_000
_LEAST = 40
_MARK = 4
"""Characters that the mark of a gap takes, with what is around it."""


def excerpt(text: str, wanted: Collection[str], longest: int) -> str:
    """
    Return *text*, or when it is longer than *longest* characters the passages that hold most of *wanted*.

    Args:
        text: One side of a page.
        wanted: Terms of the question.
        longest: In characters; at least 40 are taken. The marks of gaps at the ends come on top.
    """
    longest = max(longest, _LEAST)
    if len(text) <= longest:
        return text
    pieces = _pieces(text)
    scores = [len(set(terms(text[start:end])[0]) & set(wanted)) for start, end in pieces]
    best = max(range(len(pieces)), key=lambda at: scores[at])
    order = sorted(range(len(pieces)), key=lambda at: (-scores[at], abs(at - best)))
    chosen: list[int] = []
    room = longest
    for at in _with_neighbours(order, scores):
        if at in chosen:
            continue
        room -= pieces[at][1] - pieces[at][0]
        if room < 0:
            break
        chosen.append(at)
    return _text_that_fits(text, [pieces[at] for at in chosen or order[:1]], longest)


def _text_that_fits(text: str, chosen: list[Span], longest: int) -> str:
    """Return what is shown of *chosen*, the best first, without the last ones if gaps and fences make it too long."""
    shown = text_of_passages(text, chosen)
    while len(shown) > longest + _MARK and len(chosen) > 1:
        chosen = chosen[:-1]
        shown = text_of_passages(text, chosen)
    return shown


def _pieces(text: str) -> list[Span]:
    """Return sentences and lines of code, long ones cut; what is more full stops than words is cut by length alone."""
    spans = _spans(text)
    return [
        piece for span in ([(0, len(text))] if len(spans) > _MOST_PIECES else spans) for piece in _short_pieces(span)
    ]


def _spans(text: str) -> list[Span]:
    """Return the sentences of prose and the lines of code."""
    code = {block.start: block for block in fences(text)}
    found: list[Span] = []
    for start, end in sentences(text):
        if start not in code:
            found.append((start, end))
            continue
        at = start
        for line in text[start:end].splitlines(keepends=True):
            found.append((at, at + len(line)))
            at += len(line)
    return found


def _short_pieces(span: Span) -> list[Span]:
    """Cut what has no sentences (tables, other scripts) into pieces of 200 characters."""
    start, end = span
    return [(at, min(at + _PIECE, end)) for at in range(start, end, _PIECE)]


def _with_neighbours(order: list[int], scores: list[int]) -> Iterable[int]:
    """Yield the places of *order*, each followed by the better of its neighbours; those behind it win a tie."""
    for at in order:
        yield at
        beside = [near for near in (at + 1, at - 1) if 0 <= near < len(scores)]
        if beside:
            yield max(beside, key=lambda near: scores[near])
