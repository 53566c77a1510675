"""
Turns that say the same again are shown once: the newest of them, with how often it was said and since when.

Two turns of one speaker are the same when they differ in case, punctuation and small words of courtesy alone, or when
a long one says all that an older one says and little more. What differs by a number, a name or a "not" is never the
same. Pure functions over the turns that may be shown.
"""

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from ..text import is_boilerplate, typed_text
from .recalled_text import ShownTurn
from .rendering import day_words

__all__ = ["without_boilerplate", "without_repeats"]

Key = tuple[str, ...]
"""The speaker, and the words that make two turns the same."""

_OPERATORS = "=<>+/\\|&^%$#@~"
_WORDS = re.compile(rf"(?:[^\W_]|[{re.escape(_OPERATORS)}])+")
_NO_SIGNS = str.maketrans({sign: " " for sign in string.punctuation if sign not in _OPERATORS})
"""The same for ASCII alone, several times as quick."""

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
_SPEAKERS = ("user", "assistant")
_LEAST_WORDS, _SHARE = 12, 0.9
_ACKNOWLEDGEMENT = 3
"""Words of an answer ("Noted.") of which it is idle to say how often it was given."""


def without_boilerplate(turns: Sequence[ShownTurn]) -> list[ShownTurn]:
    """Return *turns* without those that hold nothing, or nothing but what a host wrote."""
    sides = {turn.turn: _side(turn) for turn in turns}
    gone = {turn for turn, side in sides.items() if is_boilerplate(side)}
    return [turn for turn in turns if turn.turn not in gone and turn.text.strip()]


def without_repeats(turns: Sequence[ShownTurn]) -> list[ShownTurn]:
    """
    Return *turns* with each group of equals as one: the newest, at the place of the first, with a note.

    Args:
        turns: The best first, with the text that would be shown.
    """
    keys = [(_SPEAKERS[turn.turn % 2], *_words(turn.text)) for turn in turns]
    groups: dict[Key, list[int]] = {}
    for at, key in enumerate(keys):
        groups.setdefault(key, []).append(at)
    _join_nearly_equal(groups, turns)
    first = {min(places): places for places in groups.values() if places}
    return [_newest_turn([turns[at] for at in first[place]]) for place in sorted(first)]


def _side(turn: ShownTurn) -> str:
    return turn.page.agent_response if turn.turn % 2 else turn.page.user_input


@lru_cache(maxsize=2048)
def _words(text: str) -> tuple[str, ...]:
    """Return what must be equal: words and operators without small words; the text itself when that is all it is."""
    folded = text.casefold()
    found = folded.translate(_NO_SIGNS).split() if folded.isascii() else _WORDS.findall(folded)
    return tuple([word for word in found if word not in _SMALL]) or tuple(found) or (text.strip(),)


def _join_nearly_equal(groups: dict[Key, list[int]], turns: Sequence[ShownTurn]) -> None:
    """
    Let a long turn take in older ones that say nothing it does not say, and nearly as much.

    Only turns that share their longest word are held against each other: all pairs would be too many.
    """
    alike: dict[str, list[Key]] = {}
    for key in sorted((key for key in groups if len(key) > _LEAST_WORDS), key=len):
        alike.setdefault(max(key[1:], key=len), []).append(key)
    for keys in alike.values():
        for at, shorter in enumerate(keys):
            longer = next((each for each in keys[at + 1 :] if _takes_in(each, shorter, groups, turns)), None)
            if longer is not None:
                groups[longer] += groups[shorter]
                groups[shorter] = []


def _takes_in(longer: Key, shorter: Key, groups: Mapping[Key, list[int]], turns: Sequence[ShownTurn]) -> bool:
    """Whether *longer* says all of *shorter*, little more, and was said last."""
    if len(shorter) < _SHARE * len(longer) or not set(shorter) <= set(longer):
        return False
    newest = [max(_when(turns[place]) for place in groups[key]) for key in (shorter, longer)]
    return newest[0] <= newest[1] and not Counter(shorter) - Counter(longer)


def _when(turn: ShownTurn) -> tuple[float, int]:
    return turn.page.timestamp.timestamp(), turn.turn


def _newest_turn(turns: Sequence[ShownTurn]) -> ShownTurn:
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
