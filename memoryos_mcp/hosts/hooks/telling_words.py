"""
How telling the words of a prompt are: rare in this memory, and no everyday word.

A telling word in one of the best turns says that the turn has to do with the prompt; nearness alone does not, since
something is always nearest. In a memory on one subject no word of the subject is rare: there it tells that a turn
holds nearly all that the prompt says.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from ...domain.records import WordCount, WordCounts
from ...retrieval.embedders.bundled import frequency_rank
from ...text import guess_language, words
from .typed_prompt import is_order

__all__ = ["Wording"]

_RARE = ((4, 0.27, 1.0), (5, 0.35, 0.7), (6, 0.45, 0.4))
"""
A word counts so much (the last number) that no more turns have than the first number, or turns ** the second: 4, 5 and
9 of 140 turns; 12, 25 and 63 of 10,000.
"""

_EVERYDAY = ((1_000, 0.0), (4_000, 0.35), (7_000, 0.65))
"""Words count so much that are among so many of the most frequent in English."""

_FOREIGN, _PAIR, _ORDER = 0.65, 0.5, 0.35
_TOGETHER = 0.4
"""What two words count more that stand together in the prompt and in a turn ("rate limit")."""

_LEAST = 0.3
"""What of its rarity a word keeps as a part of the whole that means next to nothing by itself."""

_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_ENGLISH = ("", "english")


@dataclass(frozen=True, slots=True)
class Wording:
    """
    The words of a prompt by their terms, in its order: how telling each is, and how much of the whole it is.

    1.0 of `telling` is enough to speak by itself; `parts` come to 1. Words that say nothing are left out of each. Of
    languages written without spaces, pairs of characters count, each half: a word is two or three of them. Of languages
    whose everyday words are not known here, every word counts less.
    """

    telling: Mapping[tuple[str, ...], float]
    parts: Mapping[tuple[str, ...], float]

    @classmethod
    def of(cls, typed: str, counts: WordCounts) -> "Wording":
        """Return the wording of a prompt, whose words are counted in *counts*."""
        foreign = guess_language(words(typed)) not in _ENGLISH
        meanings = {each.terms: _meaning(each, foreign) for each in counts.words}
        masses = {
            each.terms: log(1 + counts.turns / (each.turns + 0.5)) * (_LEAST + (1 - _LEAST) * meanings[each.terms])
            for each in counts.words
            if meanings[each.terms]
        }
        whole = sum(masses.values())
        weights = {each.terms: _rarity(each.turns, counts.turns) * meanings[each.terms] for each in counts.words}
        return cls(
            {terms: weight for terms, weight in weights.items() if weight},
            {terms: mass / whole for terms, mass in masses.items()},
        )

    def told_by(self, turn: Sequence[str]) -> float:
        """
        Return what the telling words come to that a *turn* holds, given by its terms in order.

        Words that stand together in both count more than one by one.
        """
        held = [(terms, weight) for terms, weight in self.telling.items() if not set(terms).isdisjoint(turn)]
        together = any(_beside(one, other, turn) for (one, _), (other, _) in pairwise(held))
        return sum(weight for _, weight in held) + (_TOGETHER if together else 0.0)

    def share_in(self, turn: Collection[str]) -> tuple[float, int]:
        """Return how much of the prompt a *turn*, given by its terms, holds, in [0, 1], and how many of its words."""
        held = [part for terms, part in self.parts.items() if not set(terms).isdisjoint(turn)]
        return sum(held), len(held)


def _beside(one: tuple[str, ...], other: tuple[str, ...], turn: Sequence[str]) -> bool:
    return any(first in one and second in other for first, second in pairwise(turn))


def _rarity(turns: int, total: int) -> float:
    """Return 0 for a word that no turn has, or many."""
    return next((value for few, exponent, value in _RARE if 0 < turns <= max(few, total**exponent)), 0.0)


def _meaning(each: WordCount, foreign: bool) -> float:
    word = each.word
    if _WIDE.match(word):
        return _PAIR if len(word) > 1 else 0.0
    if word.isdigit() or len(word) == 1:
        return 0.0
    usual = _FOREIGN if foreign else _everyday(each)
    return min(usual, _ORDER) if is_order(word) else usual


def _everyday(each: WordCount) -> float:
    known = [rank for form in (each.word, *each.terms) if (rank := frequency_rank(form)) is not None]
    rank = frequency_rank(each.word) or min(known, default=None)
    return next((value for most, value in _EVERYDAY if rank is not None and rank <= most), 1.0)
