"""
Continuity and topics: which page continues the one before it, and which pages of a batch belong together.

Closeness of two pages is equation 3's cosine plus Jaccard; a pause makes continuing less likely, a short answer or a
word that points back more. Grouping joins the two groups whose pages are closest on average, so topics partition the
batch; large groups must be closer, since long pages are all somewhat alike.
"""

import math
import re
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from ...domain.protocols import Vectors
from ...domain.records import (
    Page,
)
from ...domain.similarity import jaccard
from .english.lexicon import content_words
from .keywords import page_terms

__all__ = ["continues", "groups"]

_GAPS = (
    (timedelta(minutes=20), 0.25),
    (timedelta(hours=2), 0.40),
    (timedelta(hours=12), 0.60),
    (timedelta(days=3), 0.80),
)
_FAR = 0.95
_BACK = re.compile(
    r"^(?:yes|yeah|no|nope|ok(?:ay)?|sure|thanks|thank you|and|but|so|it|that|this|they|he|she|also|what about|"
    r"how about|why|then|or|exactly|right|great|cool|of course|sounds|wow|haha|really|definitely)\b",
    re.IGNORECASE,
)
_HELLO = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings|你好|hola|bonjour|hallo)\b", re.IGNORECASE
)
_JOIN = 0.55
_SMALL, _RISE = 4, 0.1


def continues(page: Page, before: Page, vectors: tuple[Vectors, Vectors]) -> bool:
    """Return whether *page* goes on with what *before* spoke of; *vectors* are theirs, unit, in that order."""
    needed = next((value for limit, value in _GAPS if page.timestamp - before.timestamp <= limit), _FAR)
    close = float(vectors[0] @ vectors[1]) + 2 * jaccard(page_terms(page).keys(), page_terms(before).keys())
    text = page.user_input.strip()
    if _BACK.match(text) or len(content_words(text[:200])) < 2:
        close += 0.25
    if _HELLO.match(text):
        close -= 0.25
    return close >= needed


def groups(pages: Sequence[Page], vectors: Vectors, linked: Sequence[bool]) -> list[list[int]]:
    """
    Return a partition of the pages' places into topics, each in order, the topics by their first page.

    Args:
        pages: The batch, oldest first; *vectors* (n, d) are its unit vectors.
        linked: For each page whether it continues the one before it: those stay together.
    """
    found: list[list[int]] = []
    for place in range(len(pages)):
        if found and place and linked[place]:
            found[-1].append(place)
        else:
            found.append([place])
    pairs = _closeness(pages, vectors)
    while len(found) > 1:
        scored = [
            (float(pairs[np.ix_(found[low], found[high])].mean()) - _required(found[low], found[high]), low, high)
            for high in range(len(found))
            for low in range(high)
        ]
        above, low, high = max(scored, key=lambda each: each[0])
        if above < 0:
            break
        found[low] = sorted(found[low] + found.pop(high))
    return sorted(found, key=lambda group: group[0])


def _required(one: Sequence[int], other: Sequence[int]) -> float:
    """Return how close two groups must be on average to be one: the more pages, the closer."""
    return _JOIN + _RISE * max(0.0, math.log2((len(one) + len(other)) / _SMALL))


def _closeness(pages: Sequence[Page], vectors: Vectors) -> Vectors:
    """Return cosine plus Jaccard for every pair of pages, shape (n, n)."""
    terms = [page_terms(page).keys() for page in pages]
    scores: Vectors = (vectors @ vectors.T).astype(np.float32)
    for first in range(len(pages)):
        for second in range(first):
            scores[first, second] += jaccard(terms[first], terms[second])
            scores[second, first] = scores[first, second]
    return scores
