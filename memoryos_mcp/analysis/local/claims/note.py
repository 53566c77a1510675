"""What the extractors read and what they hand on: a clause with its time, and a line worth keeping."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..english.parse import Clause

__all__ = ["Note", "Said", "first_of"]


@dataclass(frozen=True, slots=True)
class Said:
    """
    One clause of one speaker.

    `raw` is the clause as said; `text` the same with its loose date taken out and named in `date` ("" when none);
    `clause` the reading of `text`, None when it is not about the speaker; `asks` that its sentence was a question.
    """

    raw: str
    text: str
    date: str
    clause: Clause | None
    when: datetime
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """
    A line of knowledge before it meets what is known.

    `attributes` are the static attributes that the line also states (an empty value removes one); `ends` says that
    something stopped; `weak` that it counts only while nothing of its key is known; `weight` orders the lines of
    one page, 1 is ordinary. When `corrects` is set, the text is no line but the words that take the place of those
    in what was said before.
    """

    text: str
    key: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    ends: bool = False
    weight: float = 1.0
    weak: bool = False
    corrects: str = ""


def first_of(readers: Sequence[Callable[[Said], list[Note]]], said: Said) -> list[Note]:
    """Return what the first of *readers* that claims the clause says of it."""
    return next((found for read in readers if (found := read(said))), [])
