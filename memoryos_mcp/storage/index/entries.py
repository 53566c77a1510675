"""
An entry: what the turn index keeps of a page, read once when it is added.

Per side its terms, length, word-piece ids, flags and the dates it mentions. Derived from the page alone; nothing of
neighbours, names or the question is in it.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from ...domain.records import Page
from ...text.dates import find_dates
from ...text.terms import terms

__all__ = ["MAX_PIECES", "Entry", "Ids", "Side", "make_entry", "project_term"]

Ids = NDArray[np.int32]
MAX_PIECES = 1024
"""Word pieces kept of one turn; what comes later in a long document is found by its terms."""

_ASKS = re.compile(r"[?\uff1f\u061f][\s\"'\u201d\u2019)\]]*\Z")
_TIMED = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|ago|last|next|recently|soon|morning|afternoon|evening|week(?:end)?s?|months?|"
    r"years?|days?|january|february|march|april|may|june|july|august|september|october|november|december|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_LONGEST_DATED = 20_000


@dataclass(frozen=True, slots=True)
class Side:
    """
    One turn: term counts, their sum, word-piece ids (none without a token table), flags, dates.

    `dates` are inclusive intervals as ordinals of `datetime.date`; `language` is "" when unsure.
    """

    terms: Mapping[str, int]
    length: int
    ids: Ids
    asks: bool
    timed: bool
    dates: tuple[tuple[int, int], ...]
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A page as the index sees it; the sides are user, assistant.

    `stamp` is in seconds UTC, `day` the ordinal of the user's day.
    """

    page_id: str
    stamp: float
    day: int
    sides: tuple[Side, Side]


def make_entry(page: Page, token_ids: Callable[[Sequence[str]], Sequence[Ids]] | None) -> Entry:
    """Return the entry of *page*; *token_ids* gives the word pieces of texts, when the embedder has such."""
    texts = (page.user_input, page.agent_response)
    ids = token_ids(texts) if token_ids is not None else [np.zeros(0, np.int32)] * 2
    label = {project_term(page.project): 1} if page.project else {}
    user, assistant = (_side(text, own, page.timestamp, label) for text, own in zip(texts, ids, strict=True))
    return Entry(page.page_id, page.timestamp.timestamp(), page.timestamp.date().toordinal(), (user, assistant))


def project_term(label: str) -> str:
    """Return the term under which the turns of a project are posted: no text has it, and it has no length."""
    return "@" + quote(label, safe="")


def _side(text: str, ids: Ids, said: datetime, label: Mapping[str, int]) -> Side:
    found, language = terms(text)
    mentions = find_dates(text[:_LONGEST_DATED], said)
    return Side(
        terms={**Counter(found), **label},
        length=len(found),
        ids=np.asarray(ids[:MAX_PIECES], np.int32),
        asks=_ASKS.search(text) is not None,
        timed=_TIMED.search(text) is not None,
        dates=tuple((mention.first.toordinal(), mention.last.toordinal()) for mention in mentions),
        language=language,
    )
