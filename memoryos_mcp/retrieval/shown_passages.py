"""
What is shown of a long turn: chosen passages in the turn's order, what was left out between them marked.

A fence that is not shown whole is shown as its first line, the chosen lines, and its closing line, so that no reply
ends inside one. Pure functions over one text and spans of it; which passages are worth their room is not decided here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

from ..text import Fence, Span, fences, with_fences_closed

__all__ = ["GAP", "text_of_passages"]

GAP = "\u2026"
"""Stands where something was left out."""

_BLANK = 100
_LONG_LINE = 300
_WORD = 20
_HEADING = ("# ", "## ", "### ", "#### ", "##### ", "###### ")
_FIRST_UNSPACED = "\u2e80"


@dataclass(frozen=True, slots=True)
class _Part:
    """
    A piece of the reply: the span of the text it stands for, how it reads, and whether it is a fence.

    `gaps` say whether a fence shows by a mark within that its beginning, or its end, is left out.
    """

    start: int
    end: int
    words: str
    fenced: bool = False
    gaps: tuple[bool, bool] = (False, False)


def text_of_passages(text: str, spans: Iterable[Span]) -> str:
    """
    Return the passages *spans* of *text* in its order: the text itself, its last fence closed, when they cover it.

    Args:
        text: One side of a page.
        spans: In any order; they may overlap. Those of white space alone are left out.
    """
    parts = _without_lone_headings(text, _parts(text, _merged_spans(text, spans)))
    if not parts:
        return ""
    pieces = [_mark_before(text, parts[0]), parts[0].words]
    for part, following in pairwise(parts):
        pieces += [_text_between(text, part, following), following.words]
    return "".join([*pieces, _mark_behind(text, parts[-1])])


def _merged_spans(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return *spans* in order and trimmed; those are joined that touch or have little but white space between them."""
    merged: list[Span] = []
    for span in sorted(spans):
        start, end = _trimmed_span(text, max(0, span[0]), min(span[1], len(text)))
        if start >= end:
            continue
        start -= _letters_behind(text[max(0, start - _WORD) : start + 1][::-1])
        end += _letters_behind(text[end - 1 : end + _WORD])
        if merged and (start <= merged[-1][1] or _is_blank(text, merged[-1][1], start)):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _trimmed_span(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), start + len(words.rstrip())


def _letters_behind(edge: str) -> int:
    """Return how many letters behind the first one of *edge* belong to its word; 0 for what is too long to be one."""
    count = 0
    while count < len(edge) and edge[count].isalnum() and edge[count] < _FIRST_UNSPACED:
        count += 1
    return max(0, count - 1) if count <= _WORD else 0


def _is_blank(text: str, start: int, end: int) -> bool:
    return end - start <= _BLANK and not text[start:end].strip()


def _parts(text: str, spans: Sequence[Span]) -> list[_Part]:
    """Return *spans* cut at fences; all that is shown of one fence is one part."""
    parts: list[_Part] = []
    ends = [end for _, end in spans]
    at = 0
    for block in fences(text):
        parts += [_prose_part(text, span) for span in _spans_within(spans, ends, at, block.start)]
        parts += _fence_parts(text, block, _spans_within(spans, ends, block.start, block.end))
        at = block.end
    parts += [_prose_part(text, span) for span in _spans_within(spans, ends, at, len(text))]
    return [part for part in parts if part.words]


def _spans_within(spans: Sequence[Span], ends: Sequence[int], start: int, end: int) -> list[Span]:
    """Return what of *spans*, which are in order and apart, lies from *start* to *end*."""
    found: list[Span] = []
    for at in range(bisect_right(ends, start), len(spans)):
        if spans[at][0] >= end:
            break
        found.append((max(start, spans[at][0]), min(end, spans[at][1])))
    return found


def _prose_part(text: str, span: Span) -> _Part:
    start, end = _trimmed_span(text, *span)
    if fences(text[start:end]):  # code within a line, cut in two so that it looks like a fence: its whole line is none
        start, end = _whole_lines(text, start, end)
    return _Part(start, end, text[start:end])


def _whole_lines(text: str, start: int, end: int) -> Span:
    before, behind = text[:start].splitlines(keepends=True), text[end:].splitlines()
    if before and before[-1].splitlines()[0] == before[-1]:
        start -= len(before[-1])
    return _trimmed_span(text, start, end + (len(behind[0]) if behind else 0))


def _without_lone_headings(text: str, parts: Sequence[_Part]) -> list[_Part]:
    """Return *parts* without a heading at the end of one of which nothing is shown; a part of headings alone stays."""
    kept: list[_Part] = []
    for part, following in zip_longest(parts, parts[1:]):
        next_start = len(text) if following is None else following.start
        lines = part.words.splitlines()
        while not part.fenced and len(lines) > 1 and (lines[-1].startswith(_HEADING) or not lines[-1].strip()):
            lines.pop()
        cut = len(lines) < len(part.words.splitlines()) and bool(text[part.end : next_start].strip())
        words = "\n".join(lines)
        kept.append(replace(part, end=part.start + len(words), words=words) if cut else part)
    return kept


def _fence_parts(text: str, block: Fence, spans: Sequence[Span]) -> list[_Part]:
    """Return what is shown of a fence: the lines that were chosen, one of them where only its marks were."""
    if not spans:
        return []
    lines, whole = _lines_inside(text, block, spans)
    if not lines and not whole:
        lines, whole = _lines_inside(text, block, [_nearest_line(text, block, spans[0])])
    if whole:
        return [_Part(block.start, block.end, with_fences_closed(text[block.start : block.end].rstrip()), fenced=True)]
    opening = text[block.start : block.body].rstrip()[:_LONG_LINE]
    closing = block.closing if block.is_open else text[block.close : block.end]
    gaps = lines[0].strip() == GAP, lines[-1].strip() == GAP
    return [_Part(block.start, block.end, "\n".join([opening, *lines, closing]), fenced=True, gaps=gaps)]


def _nearest_line(text: str, block: Fence, span: Span) -> Span:
    """Return the first line of a fence, or the last one when *span* lies behind it."""
    start, end = _trimmed_span(text, block.body, block.close)
    return (start, start + 1) if span[0] < block.body else (end - 1, end)


def _lines_inside(text: str, block: Fence, spans: Sequence[Span]) -> tuple[list[str], bool]:
    """Return the lines of a fence that *spans* touch, gaps marked, and whether they are all it holds."""
    ends = [end for _, end in spans]
    gap = block.closing[: len(block.closing) - len(block.closing.lstrip())] + GAP
    lines: list[str] = []
    waiting: list[str] = []  # blank lines, or the mark of a gap, until a chosen line follows
    whole = True
    at = block.body
    for line in text[block.body : block.close].splitlines(keepends=True):
        start, at = at, at + len(line)
        words = _of_line(text, (start, at), _spans_within(spans, ends, start, at))
        if words:
            whole = whole and words == line.rstrip()
            lines += [*waiting, words]
            waiting = []
        elif line.strip():
            waiting, whole = [gap], False
        elif waiting != [gap]:
            waiting.append("")
    return [*lines, *(waiting if lines and waiting == [gap] else [])], whole


def _of_line(text: str, line: Span, chosen: Sequence[Span]) -> str:
    """Return a line of code of which *chosen* is wanted: whole unless it is very long, "" when nothing is."""
    start, end = line[0], line[0] + len(text[line[0] : line[1]].rstrip())
    chosen = [(first, last) for first, last in chosen if first < end and text[first:last].strip()]
    if not chosen or end - start <= _LONG_LINE:
        return text[start:end] if chosen else ""
    first, last = chosen[0][0], min(chosen[-1][1], end)
    return f"{GAP if first > start else ''}{text[first:last]}{GAP if last < end else ''}"


def _mark_before(text: str, first: _Part) -> str:
    """Return what marks that the turn begins earlier; nothing where the fence itself does."""
    if not text[: first.start].strip() or first.gaps[0]:
        return ""
    return f"{GAP}\n" if first.fenced else f"{GAP} "


def _mark_behind(text: str, last: _Part) -> str:
    """Return what marks that the turn goes on; nothing where the fence itself does."""
    if not text[last.end :].strip() or last.gaps[1]:
        return ""
    return f"\n{GAP}" if last.fenced else f" {GAP}"


def _text_between(text: str, part: _Part, following: _Part) -> str:
    """Return what stands between two parts: the text's white space, or the mark of a gap where no fence has one."""
    gap = text[part.end : following.start]
    if _is_blank(text, part.end, following.start):
        return gap
    if part.fenced or following.fenced:
        return "\n" if part.gaps[1] or following.gaps[0] else f"\n{GAP}\n"
    return f"\n{GAP} " if len(gap.splitlines()) > 1 else f" {GAP} "
