"""
Terms: stems without stopwords, what the lexical index matches by.

A text is stemmed by the language it seems to be in; a question by every language that its words or the memory's
may be in, since a few words do not tell.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from threading import local
from typing import Protocol

from . import guess_language, stopwords, words

__all__ = ["DEFAULT_LANGUAGE", "query_terms", "query_words", "stem", "terms", "terms_of_parts"]

DEFAULT_LANGUAGE = "english"
_LONGEST = 40


class _Stemmer(Protocol):
    """What we use of PyStemmer, which has no types."""

    def stemWords(self, words: list[str]) -> list[str]: ...  # noqa: N802 - its name


class _Stemmers(local):
    """A stemmer per language and thread: they keep a cache and are not safe to share."""

    def __init__(self) -> None:
        self.by_language: dict[str, _Stemmer | None] = {}


_stemmers = _Stemmers()


def stem(found: Sequence[str], language: str) -> list[str]:
    """Return the stems of *found* in *language*; unchanged for a language without a Snowball stemmer."""
    if language not in _stemmers.by_language:
        snowball = import_module("Stemmer")
        known = language in snowball.algorithms()
        _stemmers.by_language[language] = snowball.Stemmer(language) if known else None
    stemmer = _stemmers.by_language[language]
    return [word[:_LONGEST] for word in (list(found) if stemmer is None else stemmer.stemWords(list(found)))]


def terms(text: str) -> tuple[list[str], str]:
    """Return the terms of a text, in order and with repeats, and the language they were read in ("" = unsure)."""
    (found,), language = terms_of_parts([text])
    return found, language


def terms_of_parts(parts: Sequence[str]) -> tuple[list[list[str]], str]:
    """Return the terms of each part of one text, and the language that all were read in ("" = unsure)."""
    found = [words(part) for part in parts]
    language = guess_language([word for part in found for word in part])
    reading = language or DEFAULT_LANGUAGE
    left_out = stopwords(reading)
    return [stem([word for word in part if word not in left_out], reading) for part in found], language


def query_terms(text: str, spoken: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """
    Return for each word of a question its possible terms, without repeats.

    Args:
        text: The question, names taken out.
        spoken: The languages of the memory, the most frequent first.
    """
    return list(dict.fromkeys(forms for _, forms in query_words(text, spoken)))


def query_words(text: str, spoken: Sequence[str] = ()) -> list[tuple[str, tuple[str, ...]]]:
    """Return the words of a question, folded, with their possible terms; arguments as for `query_terms`."""
    return list(_query_words(text, tuple(spoken[:2])))


@lru_cache(maxsize=64)
def _query_words(text: str, spoken: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what `query_words` does; a question is read several times on its way."""
    found = list(dict.fromkeys(words(text)))
    own = guess_language(found)
    readings = list(dict.fromkeys([own or DEFAULT_LANGUAGE, *spoken, DEFAULT_LANGUAGE]))
    left_out = stopwords(readings[0])
    kept = [word for word in found if word not in left_out]
    stems = [stem(kept, language) for language in readings]
    return tuple(
        (word, tuple(dict.fromkeys(forms))) for word, forms in zip(kept, zip(*stems, strict=True), strict=True)
    )
