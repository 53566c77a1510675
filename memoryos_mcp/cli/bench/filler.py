"""
Filling a large memory quickly: made-up or repeated pages, written straight into mid-term memory and the turn index.

What consolidation would write, without an analyzer: a segment for every twenty pages. For measuring size and speed
alone; the words are made up and mean nothing.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import accumulate, islice
from pathlib import Path

from ...api.composition import index_of
from ...domain.identity import page_id
from ...domain.records import Page, Segment
from ...domain.settings import Settings
from ...domain.similarity import unit
from ...retrieval.embedders import choose
from ...storage.chroma import open_store
from ...tiers.mid_term import MidTermMemory, SegmentVector
from .dialogues import read_dialogues

__all__ = ["Talk", "fill", "made_up_talk", "told_talk"]

_START = datetime(2020, 1, 1, 9, tzinfo=timezone.utc)
_SEGMENT_PAGES, _SESSION_PAGES, _BATCH = 20, 12, 500
_VOCABULARY = 6000
_ENDINGS = ("a", "e", "i", "o", "u", "ar", "en", "il", "on")
_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in _ENDINGS]
_FUNCTION = ("i", "the", "to", "a", "and", "my", "it", "was", "of", "in", "that", "you", "for", "is", "on", "so")


@dataclass(frozen=True, slots=True)
class Talk:
    """Endless exchanges, and questions that some of them answer."""

    exchanges: Iterator[tuple[str, str]]
    questions: tuple[str, ...]


def made_up_talk(seed: int = 0) -> Talk:
    """Return talk of made-up words, frequent and rare ones as in a language, the same for a seed."""
    dice = random.Random(seed)
    words = list(dict.fromkeys("".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))) for _ in range(_VOCABULARY)))
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))

    def sentence() -> str:
        content = dice.choices(words, cum_weights=weights, k=dice.randint(6, 14))
        return " ".join(word for each in content for word in (dice.choice(_FUNCTION), each)).capitalize() + "."

    def turns() -> Iterator[tuple[str, str]]:
        while True:
            yield f"{sentence()} {sentence()}", f"{sentence()} {sentence()}"

    questions = tuple(f"What did I say about {' and '.join(dice.sample(words, 3))}?" for _ in range(100))
    return Talk(turns(), questions)


def told_talk(files: Sequence[Path]) -> Talk:
    """Return the exchanges of *files* over and over, each round numbered so that no two are the same page."""
    dialogues = [dialogue for file in files for dialogue in read_dialogues(file)]
    pairs = [(each.user_input, each.agent_response) for found in dialogues for each in found.exchanges]

    def turns() -> Iterator[tuple[str, str]]:
        number = 0
        while True:
            yield from ((f"{user} ({number})" if number else user, assistant) for user, assistant in pairs)
            number += 1

    return Talk(turns(), tuple(question.text for found in dialogues for question in found.answerable))


def fill(settings: Settings, talk: Talk, first: int, end: int, progress: Callable[[int], None]) -> None:
    """
    Write pages *first* to *end* of a memory that holds *first* already; nobody else may have it open.

    Args:
        settings: Name the data folder, the user and the embedder.
        talk: Where the exchanges come from; read on from where it stands.
        first: Pages there before.
        end: Pages there afterwards.
        progress: Called with the number of pages written so far.
    """
    embedder = choose(settings.embedder, model="", api_key=None, base_url=None)
    store = open_store(settings)
    index = index_of(settings, store, embedder)
    tier = MidTermMemory(store, settings.mid_term_capacity, embedder.name)
    before: list[Page] = []
    try:
        for start in range(first, end, _BATCH):
            pages = [
                _page(number, f"s{start:08d}{(number - start) // _SEGMENT_PAGES:04d}", *texts)
                for number, texts in zip(range(start, min(start + _BATCH, end)), talk.exchanges, strict=False)
            ]
            with store.exclusive():
                tier.put_pages(settings.user_id, pages)
                segments = list(_segments(pages))
                tier.put_segments(settings.user_id, segments)
                vectors = embedder.embed([segment.summary for segment in segments])
                tier.put_vectors(
                    settings.user_id,
                    [SegmentVector(each.segment_id, unit(row)) for each, row in zip(segments, vectors, strict=True)],
                )
                index.add(settings.user_id, pages, before, [])
            before = pages[-2:]
            progress(start + len(pages))
    finally:
        index.close()
        store.close()


def _page(number: int, segment: str, user_input: str, agent_response: str) -> Page:
    session, place = divmod(number, _SESSION_PAGES)
    said = _START + timedelta(hours=9 * session, minutes=2 * place)
    page = Page("", user_input, agent_response, said, sequence=number + 1, noted=True, analyzer="local")
    return replace(page, page_id=page_id(user_input, agent_response, said), segment_id=segment)


def _segments(pages: Sequence[Page]) -> Iterator[Segment]:
    rest = iter(pages)
    while members := list(islice(rest, _SEGMENT_PAGES)):
        yield Segment(
            segment_id=members[0].segment_id,
            summary=members[0].user_input[:200],
            keywords=tuple(members[0].user_input.lower().split()[1:10:2]),
            created_at=members[0].timestamp,
            last_visit=members[-1].timestamp,
            pages=len(members),
            last_page_id=members[-1].page_id,
            last_sequence=members[-1].sequence,
            promoted_sequence=members[-1].sequence,
            analyzer="local",
        )
