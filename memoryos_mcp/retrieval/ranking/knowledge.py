"""
How much a line of knowledge has to do with a question: the share of the question's words it holds, rare ones counting
more, and the cosine of the two.

Deliberately strict: a fact that is not about the question costs room and misleads. The bars were set by reading.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np

from ...domain.protocols import Embedder, Vectors
from ...storage.index import TokenTable, View
from ...text.terms import query_terms, terms
from .words import idf

__all__ = ["Knowledge", "asks_for_profile", "word_shares"]

_BAR, _BAR_BY_WORDS = 0.6, 0.5
_CACHED = 2000

_PROFILE = re.compile(
    r"\b(?:who am i|who is (?:the )?user|describe me"
    r"|(?:know|knows|tell me|remember|summari[sz]e|describe)(?: everything| all| anything)?(?: you know)?"
    r" about (?:me|myself|the user)"
    r"|about (?:me|the user)[?.!]*$"
    r"|(?:my|the user['\u2019]?s|user) (?:profile|personality|character|traits?|preferences))",
    re.IGNORECASE,
)


def asks_for_profile(text: str, user_name: str) -> bool:
    """Whether a question asks who the user is, rather than for something they said."""
    named = user_name.strip() and re.search(
        rf"\b(?:who is|tell me about|describe|know about) {re.escape(user_name.strip())}\b[?.! ]*$", text, re.IGNORECASE
    )
    return bool(named) or _PROFILE.search(text) is not None


class Knowledge:
    """
    Scores lines of knowledge against questions; keeps the vectors of lines it has seen, which `_lock` guards.

    Vectors count only where they cost next to nothing, with a `TokenTable`: no model and no endpoint is asked.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder if isinstance(embedder, TokenTable) else None
        self._lock = Lock()
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._terms: OrderedDict[str, frozenset[str]] = OrderedDict()

    def relevant(self, view: View, bare: str, lines: Sequence[str]) -> list[float]:
        """Return for each of *lines* how far it is over the bar for *bare*: a fact is relevant from 0 on."""
        if not lines:
            return []
        shares = np.array(word_shares(view, bare, [self._terms_of(line) for line in lines]))
        if self._embedder is None:
            return [float(share) for share in shares - _BAR_BY_WORDS]
        cosines = self._units(lines) @ self._embedder.embed([bare])[0]
        return [float(value) for value in shares + np.maximum(cosines, 0) - _BAR]

    def _terms_of(self, line: str) -> frozenset[str]:
        with self._lock:
            held = self._terms.get(line)
            if held is None:
                held = self._terms[line] = frozenset(terms(line)[0])
                if len(self._terms) > _CACHED:
                    self._terms.popitem(last=False)
            return held

    def _units(self, lines: Sequence[str]) -> Vectors:
        assert self._embedder is not None
        with self._lock:
            missing = [line for line in dict.fromkeys(lines) if line not in self._vectors]
            if missing:
                self._vectors.update(zip(missing, self._embedder.embed(missing), strict=True))
            rows = np.stack([self._vectors[line] for line in lines])
            while len(self._vectors) > _CACHED:
                self._vectors.popitem(last=False)
        return rows


def word_shares(view: View, bare: str, lines: Sequence[frozenset[str]]) -> list[float]:
    """
    Return for each of *lines* the share, in [0, 1], of the question's words that it holds, weighted by rarity.

    Args:
        view: The memory, which knows how rare words are.
        bare: The question, names taken out.
        lines: The terms of each line.
    """
    wanted = query_terms(bare, view.languages)
    if not wanted or not lines:
        return [0.0] * len(lines)
    found = view.postings({form for forms in wanted for form in forms})
    weights = [
        float(idf(sum(len(found[form].turns) for form in forms if form in found), max(view.columns.turns, 1)))
        for forms in wanted
    ]
    held = [sum(w for forms, w in zip(wanted, weights, strict=True) if not line.isdisjoint(forms)) for line in lines]
    return [each / sum(weights) for each in held]
