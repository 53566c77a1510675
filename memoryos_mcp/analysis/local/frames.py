"""
Frames: stretches of talk in which "I" is not the user: role play, fiction, a draft for somebody, an interview.

A frame opens at its opener and stays open over pages until an exit phrase, a change of topic or a pause of hours.
Inside a frame nothing is learnt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ...domain.records import Page
from .memo import remembered
from .rules import pattern_of

__all__ = ["Frame", "frame_of", "framed"]

_PAUSE = timedelta(hours=3)
_BACK = 40
_HEAD = 4_000
_PLAY = pattern_of("frames", "play")
_FICTION = pattern_of("frames", "fiction")
_DRAFT = pattern_of("frames", "draft")
_HOMEWORK = pattern_of("frames", "homework")
_GAME = pattern_of("frames", "game")
_EXIT = pattern_of("frames", "exit")
_TASK = pattern_of("frames", "task")
_GOES_ON = pattern_of("frames", "goes_on")


@dataclass(frozen=True, slots=True)
class Frame:
    """
    What a text opens: "play" goes on by itself, "fiction" while it is spoken of, "once" ends with its message.

    `before` is what was said before it was opened.
    """

    kind: str
    before: str


def frame_of(text: str) -> Frame | None:
    """Return the frame that *text* opens, None when it opens none."""
    return _opened(text[:_HEAD])


@remembered
def _opened(text: str) -> Frame | None:
    head = _EXIT.sub(" ", re.sub(r"\s*\n\s*", "\n", text))
    for kind, pattern in (
        ("play", _PLAY),
        ("play", _GAME),
        ("fiction", _FICTION),
        ("once", _DRAFT),
        ("once", _HOMEWORK),
    ):
        found = pattern.search(head)
        if found:
            return Frame(kind, "" if kind == "play" else head[: found.start()])
    return None


def framed(page: Page, before: Sequence[Page]) -> bool:
    """Whether *page* stands within a frame that one of the pages *before* it (oldest first) opened."""
    newest = page
    for earlier in reversed(before[-_BACK:]):
        if newest.timestamp - earlier.timestamp > _PAUSE or _leaves(newest.user_input):
            return False
        frame = frame_of(earlier.user_input)
        if frame and frame.kind != "once":
            stretch = [each for each in before if each.timestamp > earlier.timestamp] + [page]
            return all(_stays(each.user_input, frame) for each in stretch)
        newest = earlier
    return False


def _leaves(text: str) -> bool:
    return _exits(text[:1_000])


@remembered
def _exits(text: str) -> bool:
    return bool(_EXIT.search(text))


def _stays(text: str, frame: Frame) -> bool:
    """Whether a text after the opener is still within its frame: no exit, and no other topic."""
    if _leaves(text):
        return False
    if frame.kind == "play":
        return not (_TASK.search(text) and "?" in text)
    return bool(_GOES_ON.search(text)) or bool(frame_of(text))
