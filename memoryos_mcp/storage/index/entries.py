"""
An entry: what the turn index keeps of a page, read once when it is added.

Per side its terms, length, word-piece ids, flags and the dates it mentions. Derived from the page alone; nothing of
neighbours, names or the question is in it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from ...domain.records import Page
from ...text import typed_text
from ...text.dates import find_dates
from ...text.terms import terms_of_parts
from .passage_spans import passage_spans

__all__ = ["MAX_PIECES", "Entry", "Ids", "Side", "make_entry", "project_term"]

Ids = NDArray[np.int32]
TokenIds = Callable[[Sequence[str]], Sequence[Ids]]
"""Returns the word pieces of texts."""

MAX_PIECES = 2048
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
    One turn: where its terms stand, how many it has, word-piece ids (none without a token table), flags, dates.

    `terms` maps each term to its positions among the turn's terms; `passages` are, for each passage, its numbers of
    terms, characters and word pieces. `dates` are inclusive intervals as ordinals of `datetime.date`; `language` is ""
    when unsure.
    """

    terms: Mapping[str, Sequence[int]]
    length: int
    passages: tuple[tuple[int, int, int], ...]
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


def make_entry(page: Page, token_ids: TokenIds | None) -> Entry:
    """Return the entry of *page*; *token_ids* gives the word pieces of texts, when the embedder has such."""
    label = {project_term(page.project): (0,)} if page.project else {}
    user, assistant = (_side(text, token_ids, page.timestamp, label) for text in (page.user_input, page.agent_response))
    return Entry(page.page_id, page.timestamp.timestamp(), page.timestamp.date().toordinal(), (user, assistant))


def project_term(label: str) -> str:
    """Return the term under which the turns of a project are posted: no text has it, and it has no length."""
    return "@" + quote(label, safe="")


def _side(text: str, token_ids: TokenIds | None, said: datetime, label: Mapping[str, Sequence[int]]) -> Side:
    text = typed_text(text)
    spans = passage_spans(text)
    parts = [text[start:end] for start, end in spans]
    found, language = terms_of_parts(parts)
    ids = _bounded(token_ids(parts)) if token_ids is not None else [np.zeros(0, np.int32)] * len(parts)
    mentions = find_dates(text[:_LONGEST_DATED], said)
    return Side(
        terms={**_positions(found), **label},
        length=sum(map(len, found)),
        passages=tuple(
            (len(own), end - start, len(pieces)) for own, (start, end), pieces in zip(found, spans, ids, strict=True)
        ),
        ids=np.concatenate(ids).astype(np.int32),
        asks=_ASKS.search(text) is not None,
        timed=_TIMED.search(text) is not None,
        dates=tuple((mention.first.toordinal(), mention.last.toordinal()) for mention in mentions),
        language=language,
    )


def _bounded(ids: Sequence[Ids]) -> list[Ids]:
    """Return the word pieces of the passages of a turn, `MAX_PIECES` in all."""
    left, kept = MAX_PIECES, []
    for own in ids:
        kept.append(np.asarray(own[:left], np.int32))
        left -= len(kept[-1])
    return kept


def _positions(parts: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """Return where each term stands among the terms of all *parts*."""
    found: dict[str, list[int]] = {}
    for at, term in enumerate(term for part in parts for term in part):
        found.setdefault(term, []).append(at)
    return found
