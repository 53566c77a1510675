"""
Fenced code in Markdown: where it stands in a text, and how a text that ends inside a fence is closed.

By CommonMark, except that a fence may be indented as far as it likes: models put them under list items. A line ends
where `str.splitlines` says so, since a recalled text is shown with those breaks. Work is linear in the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Fence", "fences", "starts_with_fence", "with_fences_closed"]

_MARKS = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class Fence:
    """
    One fenced block, as positions in its text.

    `start` is where the opening line begins, `body` where the first line inside does, `close` where the closing line
    begins, `end` where it ends, its line break left out. Without a closing line `close` and `end` are the text's end.
    `closing` is the line that closes it, indented like the opening one.
    """

    start: int
    body: int
    close: int
    end: int
    closing: str

    @property
    def is_open(self) -> bool:
        """Whether the text ends before the fence is closed."""
        return self.close == self.end


def fences(text: str) -> list[Fence]:
    """Return the fenced blocks of *text* in order."""
    if not any(mark in text for mark in _MARKS):
        return []
    found: list[Fence] = []
    opened: tuple[int, int, str] | None = None
    for start, line in _lines(text):
        end = start + len(line)
        if opened is None:
            mark = _opening(line)
            opened = (start, end, mark) if mark else None
        elif _closes(line, opened[2]):
            found.append(Fence(*opened[:2], start, start + len(line.rstrip()), opened[2]))
            opened = None
    if opened is not None:
        found.append(Fence(*opened[:2], len(text), len(text), opened[2]))
    return found


def with_fences_closed(text: str) -> str:
    """Return *text*, with the closing line added when it ends inside a fence."""
    blocks = fences(text)
    if not blocks or not blocks[-1].is_open:
        return text
    return f"{text.rstrip()}\n{blocks[-1].closing}"


def starts_with_fence(text: str) -> bool:
    """Whether the first line of *text* opens a fence."""
    return bool(_opening(text.split("\n", 1)[0]))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield start, line
        start += len(line)


def _opening(line: str) -> str:
    """Return the line that will close what *line* opens, "" when it opens nothing."""
    bare = line.lstrip()
    if not bare.startswith(_MARKS):
        return ""
    info = bare.lstrip(bare[0])
    if bare[0] == "`" and "`" in info:  # code within a line
        return ""
    return line[: len(line) - len(info)]


def _closes(line: str, closing: str) -> bool:
    bare, mark = line.strip(), closing.strip()
    return len(bare) >= len(mark) and set(bare) == {mark[0]}
