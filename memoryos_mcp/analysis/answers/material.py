"""
The material of a question: pages under short names (p1, p2 ...), known facts (f1, f2 ...), all of it fenced as data.

Short names cost a fraction of the ids; where question and answer are two calls, the ids themselves are the names. An
answer can name nothing that was not asked. Each side of a page is one line behind its label, so a recalled text cannot
close the fence (see `cleaning`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...domain.records import Batch, Fact, Page
from ...text import guess_language, is_stopword, words
from .cleaning import clipped, fitted, one_line

__all__ = ["BatchMaterial", "SegmentMaterial", "batch_material", "segment_material"]

_BATCH_ROOM = 700
_SEGMENT_ROOM = 500
_USER_SHARE, _ASSISTANT_SHARE = 2.0, 1.0
_READ = 20_000
_FACTS_ROOM = 1_200
_FACT_CHARS = 140
_NEWEST_FACTS = 8
_SUMMARY_CHARS = 300
_NAME_CHARS = 60


@dataclass(frozen=True, slots=True)
class BatchMaterial:
    """
    What a model is shown of a batch, and what the names in its answer stand for.

    `before` is the name of the page before the batch, "" when there is none.
    """

    text: str
    pages: Mapping[str, Page]
    facts: Mapping[str, Fact]
    batch: Batch
    before: str


@dataclass(frozen=True, slots=True)
class SegmentMaterial:
    """What a model is shown of a segment's pages, and what the names in its answer stand for."""

    text: str
    pages: Mapping[str, Page]
    facts: Mapping[str, Fact]


def batch_material(
    batch: Batch,
    known: Iterable[Fact],
    *,
    user_name: str = "",
    assistant_name: str = "",
    room: int | None = None,
    short_names: bool = True,
) -> BatchMaterial:
    """
    Return the material of a batch.

    Args:
        batch: The pages, oldest first; the page before them is shown as p0.
        known: Facts that hold; the ones that bear on the pages are shown.
        user_name: The user's name, when known.
        assistant_name: The assistant's, likewise.
        room: Most characters for the texts of the pages, 700 a page at most.
        short_names: p1, f1 ... instead of the ids.
    """
    pages = {f"p{place}" if short_names else page.page_id: page for place, page in enumerate(batch.pages, 1)}
    relevant = _relevant_facts(known, batch.pages)
    facts = {f"f{number}" if short_names else fact.fact_id: fact for number, fact in enumerate(relevant, 1)}
    before = "" if batch.previous is None else "p0" if short_names else batch.previous.page_id
    lines = [_page_before(before, batch.previous)] if batch.previous is not None else []
    lines += _page_lines(pages, _room_within(_BATCH_ROOM * len(pages), room))
    return BatchMaterial(_frame(_who(user_name, assistant_name), facts, lines), pages, facts, batch, before)


def segment_material(
    summary: str,
    pages: Sequence[Page],
    known: Iterable[Fact],
    *,
    user_name: str = "",
    assistant_name: str = "",
    room: int | None = None,
) -> SegmentMaterial:
    """Return the material of a segment's *pages* (oldest first), their texts in 500 characters a page at most."""
    named = {f"p{place}": page for place, page in enumerate(pages, 1)}
    facts = {f"f{number}": fact for number, fact in enumerate(_relevant_facts(known, pages), 1)}
    shown = _page_lines(named, _room_within(_SEGMENT_ROOM * len(named), room))
    about = [f"topic: {one_line(summary, _SUMMARY_CHARS)}"] if summary.strip() else []
    return SegmentMaterial(_frame(_who(user_name, assistant_name), facts, [*about, *shown]), named, facts)


def _frame(who: str, facts: Mapping[str, Fact], lines: Sequence[str]) -> str:
    known = [f"[{name} {fact.said_at:%Y-%m-%d} {fact.about}] {_fact(fact)}" for name, fact in facts.items()]
    head = ["Known:", *known, ""] if known else []
    return "\n".join([who, *head, "Pages:", *lines, "End of the data."])


def _who(user_name: str, assistant_name: str) -> str:
    names = [one_line(name, _NAME_CHARS) for name in (user_name, assistant_name)]
    user, assistant = (f" ({name})" if name else "" for name in names)
    return f"U is the user{user}, A the assistant{assistant}."


def _room_within(wanted: int, room: int | None) -> int:
    return wanted if room is None else min(wanted, room)


def _page_before(name: str, page: Page) -> str:
    """Return the one line on the page before the batch: what its chain was about."""
    about = page.chain_summary or page.user_input[:_READ]
    return f"[{name} {page.timestamp:%Y-%m-%d %H:%M}] {one_line(about, _SUMMARY_CHARS)}"


def _page_lines(pages: Mapping[str, Page], room: int) -> list[str]:
    """Return three lines a page: its name and time, what the user said, what the assistant answered."""
    sides = [one_line(side, _READ) for page in pages.values() for side in (page.user_input, page.agent_response)]
    texts = fitted(sides, [_USER_SHARE, _ASSISTANT_SHARE] * len(pages), room)
    lines: list[str] = []
    for place, (name, page) in enumerate(pages.items()):
        lines += [f"[{name} {page.timestamp:%Y-%m-%d %H:%M}]", f"U: {texts[2 * place]}", f"A: {texts[2 * place + 1]}"]
    return lines


def _relevant_facts(known: Iterable[Fact], pages: Sequence[Page]) -> list[Fact]:
    """Return the facts in force that share words with *pages*, and the newest, within 1,200 characters."""
    holding = sorted((fact for fact in known if fact.superseded_by is None), key=lambda fact: fact.said_at)
    said = _content_words(" ".join(f"{page.user_input[:_READ]} {page.agent_response[:_READ]}" for page in pages))
    newest = {fact.fact_id for fact in holding[-_NEWEST_FACTS:]}
    ranked = sorted(
        ((len(_content_words(fact.fact) & said), fact.fact_id in newest, place) for place, fact in enumerate(holding)),
        reverse=True,
    )
    chosen, left = list[int](), _FACTS_ROOM
    for shared, recent, place in ranked:
        left -= len(_fact(holding[place])) + 24
        if left < 0 or not (shared or recent):
            break
        chosen.append(place)
    return [holding[place] for place in sorted(chosen)]


def _content_words(text: str) -> frozenset[str]:
    found = words(text)
    language = guess_language(found) or "english"
    return frozenset(word for word in found if len(word) > 1 and not is_stopword(word, language))


def _fact(fact: Fact) -> str:
    return clipped(one_line(fact.fact, 2 * _FACT_CHARS), _FACT_CHARS)
