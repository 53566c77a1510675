"""
What a person typed in a prompt, and whether it is more than an order or an acknowledgement.

"Proceed", "commit this", "Complete phase 2 and 3." ask nothing of a memory; what hosts write into prompts is nobody's
words. The words are in `prompt_words.txt` beside this module.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from ...text import guess_language, is_stopword, typed_text, words
from ...text.terms import stem

__all__ = ["asks_something", "is_about_the_past", "is_about_their_own", "is_order", "typed_prompt"]

_COMMAND = re.compile(r"/[a-z][\w:-]*(?=\s|$)", re.IGNORECASE)
_COMMENT = re.compile(r"\s*[!#]+\s*")
_NO_SPACES = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_OTHERS = ("phrases", "past", "past-phrases", "own", "own-phrases")
"""Kinds of the file that are no words of orders."""


def typed_prompt(prompt: str) -> str:
    """
    Return the words of a person in *prompt*, "" for a command of the host's ("/compact").

    A path, a number of an issue or a mark of the shell in front is part of what was typed.
    """
    typed = typed_text(prompt).strip()
    command = _COMMAND.match(typed)
    return "" if command else _COMMENT.sub("", typed, count=1) if _COMMENT.match(typed) else typed


def asks_something(typed: str) -> bool:
    """Whether *typed* holds a word that is neither an order nor an acknowledgement."""
    left = _listed("phrases").sub(" ", typed) if _NO_SPACES.search(typed) else typed
    found = words(left)
    language = guess_language(found) or "english"
    return any(
        not word.isdigit() and not is_stopword(word, language) and not is_order(word)
        for word in found
        if len(word) > 1 or _NO_SPACES.match(word)
    )


def is_order(word: str) -> bool:
    """Whether *word* (folded) is one of an order or an acknowledgement."""
    return word in _orders() or _stem(word) in _orders()


def is_about_the_past(typed: str) -> bool:
    """Whether *typed* speaks of what the speaker and the assistant have behind them: "we", "last time"."""
    return _has(typed, "past")


def is_about_their_own(typed: str) -> bool:
    """Whether *typed* speaks of what is the speaker's: "my budget", "do I"."""
    return _has(typed, "own")


def _has(typed: str, kind: str) -> bool:
    """Whether a word or a phrase of *kind* stands in *typed*."""
    listed = _listed(f"{kind}-phrases")
    return not _words_of(kind).isdisjoint(words(typed)) or listed.search(typed) is not None


def _stem(word: str) -> str:
    return stem([word], "english")[0]


@cache
def _kinds() -> Mapping[str, Sequence[str]]:
    """Return the words of the file by their kind."""
    lines = (files(__package__) / "prompt_words.txt").read_text("utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for kind, row in (line.split(":", 1) for line in lines if line and not line.startswith("#")):
        found.setdefault(kind, []).extend(row.split())
    return found


@cache
def _orders() -> frozenset[str]:
    plain = {word for kind, row in _kinds().items() if kind not in _OTHERS for word in row}
    return frozenset(plain | {_stem(word) for word in plain})


@cache
def _words_of(kind: str) -> frozenset[str]:
    return frozenset(_kinds()[kind])


@cache
def _listed(kind: str) -> re.Pattern[str]:
    """Return what finds one of the phrases of *kind*, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(_kinds()[kind], key=len, reverse=True))))
