"""How frequent an English word is: the shipped vocabulary lists whole words by how often its makers met them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

__all__ = ["frequency_rank"]

_VOCABULARY, _FIRST = "vocab.txt", "the"


def frequency_rank(word: str) -> int | None:
    """Return the place of *word* (folded) among the most frequent ones, from 1; None for one that is not listed."""
    return _ranks().get(word)


@cache
def _ranks() -> Mapping[str, int]:
    pieces = (files(__package__) / _VOCABULARY).read_text("utf-8").split("\n")
    return {piece: place for place, piece in enumerate(pieces[pieces.index(_FIRST) :], 1)}
