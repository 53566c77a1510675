"""
Turns that say the same again are shown once: the newest of them, with how often it was said and since when.

Two turns of one speaker are the same when they differ in case, punctuation and small words of courtesy alone, or when
a long one says all that an older one says and little more. What differs by a number, a name or a "not" is never the
same. Pure functions over the turns that may be shown.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ..text import is_boilerplate, typed_text
from .filling import Shown
from .rendering import day_words

__all__ = ["without_boilerplate", "without_repeats"]

_SIGNS = re.compile(r"[^\W_]+|[=<>+/\\|&^%$#@~]")
_SMALL = frozenset(
    [
        "a",
        "an",
        "the",
        "please",
        "pls",
        "thanks",
        "thank",
        "hi",
        "hello",
        "hey",
        "ok",
        "okay",
        "so",
        "well",
        "now",
        "just",
    ]
)
_LEAST_WORDS, _SHARE = 12, 0.9
_ACKNOWLEDGEMENT = 3
"""Words of an answer ("Noted.") of which it is idle to say how often it was given."""


def without_boilerplate(turns: Sequence[Shown]) -> list[Shown]:
    """Return *turns* without those that hold nothing but what a host wrote."""
    return [turn for turn in turns if not is_boilerplate(_side(turn))]


def without_repeats(turns: Sequence[Shown]) -> list[Shown]:
    """
    Return *turns* with each group of equals as one: the newest, at the place of the first, with a note.

    Args:
        turns: The best first, with the text that would be shown.
    """
    keys = [(turn.turn % 2, *_words(turn.text)) for turn in turns]
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, key in enumerate(keys):
        groups.setdefault(key, []).append(at)
    _join_nearly_equal(groups, turns)
    first = {min(places): places for places in groups.values() if places}
    return [_newest([turns[at] for at in first[place]]) for place in sorted(first)]


def _side(turn: Shown) -> str:
    return turn.page.agent_response if turn.turn % 2 else turn.page.user_input


def _words(text: str) -> tuple[str, ...]:
    """Return what must be equal: words and operators without small words; the text itself when that is all it is."""
    found = _SIGNS.findall(text.casefold())
    return tuple(word for word in found if word not in _SMALL) or tuple(found) or (text.strip(),)


def _join_nearly_equal(groups: dict[tuple[object, ...], list[int]], turns: Sequence[Shown]) -> None:
    """Let a long turn take in older ones that say nothing it does not say, and nearly as much."""
    long = sorted((key for key in groups if len(key) > _LEAST_WORDS), key=len)
    counts = {key: Counter(key) for key in long}
    for at, shorter in enumerate(long):
        for longer in long[at + 1 :]:
            if len(shorter) < _SHARE * len(longer):
                break
            ends = max(_when(turns[place]) for place in groups[shorter])
            if counts[shorter] <= counts[longer] and ends <= max(_when(turns[place]) for place in groups[longer]):
                groups[longer] += groups[shorter]
                groups[shorter] = []
                break


def _when(turn: Shown) -> tuple[float, int]:
    return turn.page.timestamp.timestamp(), turn.turn


def _newest(turns: Sequence[Shown]) -> Shown:
    """Return the newest of equal turns, with a note when whole turns are equal and it is worth saying."""
    newest = max(turns, key=_when)
    others = tuple(sorted({turn.turn for turn in turns} - {newest.turn}))
    if not others:
        return newest
    idle = newest.turn % 2 and len(newest.text.split()) <= _ACKNOWLEDGEMENT
    if idle or _words(typed_text(_side(newest))) != _words(newest.text):
        return replace(newest, repeats=others)
    since = min(turn.day for turn in turns)
    note = f"said {len(others) + 1} times" + (f" since {day_words(since)}" if since != newest.day else "")
    return replace(newest, notes=(*newest.notes, note), repeats=others)
