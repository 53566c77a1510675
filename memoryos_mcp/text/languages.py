"""
Which language a text is in, as far as stopwords need to know, and the stopwords themselves.

A guess from script and function words: good for a sentence, unsure about a few words, and then it says so by
returning "". Languages carry their Snowball names. The words are in `stopwords.txt`, folded.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

__all__ = ["guess_language", "is_stopword", "languages", "stopwords"]

_SCRIPTS = (
    (re.compile("[\u0400-\u04ff]"), "russian"),
    (re.compile("[\u0370-\u03ff]"), "greek"),
    (re.compile("[\u0600-\u06ff]"), "arabic"),
    (re.compile("[\u0530-\u058f]"), "armenian"),
    (re.compile("[\u0900-\u097f]"), "hindi"),
    (re.compile("[\u0b80-\u0bff]"), "tamil"),
)
_LATIN = re.compile("[a-z]")
_ENOUGH = 200


@lru_cache(maxsize=1)
def _table() -> Mapping[str, frozenset[str]]:
    """Read the stopwords that are shipped with the package, by language."""
    lines = files(__package__).joinpath("stopwords.txt").read_text("utf-8").splitlines()
    pairs = (line.split(":", 1) for line in lines if line and not line.startswith("#"))
    return {language: frozenset(found.split()) for language, found in pairs}


@lru_cache(maxsize=1)
def _speakers() -> Mapping[str, tuple[str, ...]]:
    """Return for each stopword in Latin script the languages that have it."""
    by_word: dict[str, tuple[str, ...]] = {}
    for language, found in _table().items():
        for word in found:
            by_word[word] = (*by_word.get(word, ()), language)
    return by_word


def languages() -> tuple[str, ...]:
    """Return the languages that have stopwords here, English first."""
    return tuple(_table())


def stopwords(language: str) -> frozenset[str]:
    """Return the function words of *language*, folded; none for a language not known."""
    return _table().get(language, frozenset())


def is_stopword(word: str, language: str) -> bool:
    """Whether *word* (folded) is a function word of *language*; False for a language not known."""
    return word in stopwords(language)


def guess_language(words: Sequence[str]) -> str:
    """Return the language of a text given as folded words, or "" when nothing tells."""
    counts: dict[str, int] = {}
    for word in words[:_ENOUGH]:
        if not _LATIN.match(word):
            for script, language in _SCRIPTS:
                if script.match(word):
                    counts[language] = counts.get(language, 0) + 1
        for language in _speakers().get(word, ()):
            counts[language] = counts.get(language, 0) + 1
    return max(counts, key=lambda language: counts[language], default="")
