"""
The structured half of `retrieve_context`, for hosts that show their model nothing else: labelled, and bounded.

It carries the texts as shown and what is needed to name their pages; metadata and segments come along while the whole
stays within one and a half times the characters of the text. Where turns are so short that their frames alone are more,
ids are short_forms and times become days, and then the least pages are left out. What is empty is left out, but for the
contract's lists. Scores and reasons come on request only, over and above the bound.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import views

if TYPE_CHECKING:  # see `api`: not before `initialize` is answered
    from collections.abc import Mapping

    from ..domain.records import Page, PageHit, Retrieval

__all__ = ["retrieval_view"]

Json = dict[str, Any]

_SHARE, _LEAST_CHARS = 1.5, 1_000
_METADATA_SHARE = 0.6


def retrieval_view(found: Retrieval, *, explain: bool = False) -> Json:
    """Return the structured result of `retrieve_context`; with *explain* each page has its score and its parts."""
    hits = [*found.mid_term, *found.short_term]
    pages = {hit.page.page_id: _page(hit) for hit in hits}
    view: Json = {
        "notice": views.RECALLED,
        "short_term": [pages[hit.page.page_id] for hit in found.short_term],
        "mid_term": [pages[hit.page.page_id] for hit in found.mid_term],
        "segments": [],
        "long_term": _fields(
            profile=found.profile,
            user_knowledge=[_without_empty(views.fact_view(fact)) for fact in found.user_knowledge],
            assistant_knowledge=[_without_empty(views.fact_view(fact)) for fact in found.assistant_knowledge],
        ),
        "token_count": found.token_count,
        "max_tokens": found.max_tokens,
        "omitted": found.omitted,
        "confidence": round(found.confidence, 2),
    }
    room = max(_LEAST_CHARS, int(_SHARE * len(found.text))) - _size(view)
    if room < 0:
        _shorten(view, hits, room)
    order = [hit.page for hit in hits]
    spent = _with_field("metadata", pages, order, room * _METADATA_SHARE)
    spent += _with_segments(view["segments"], found, room - spent)
    _with_field("segment_id", pages, order, room - spent)
    if explain:
        for hit in hits:
            pages[hit.page.page_id] |= {"score": round(hit.score, 4), "why": _rounded_parts(hit.why)}
    return view


def _page(hit: PageHit) -> Json:
    """Return a page with what is shown of it."""
    page = hit.page
    return _fields(
        page_id=page.page_id,
        user_input=page.user_input,
        agent_response=page.agent_response,
        timestamp=page.timestamp.isoformat(timespec="seconds"),
        project=page.project,
        notes=list(hit.notes),
    )


def _shorten(view: Json, hits: list[PageHit], room: int) -> None:
    """Make *view* smaller by -*room* characters: shorter ids and times, then fewer pages, the worst left out first."""
    from ..retrieval.rendering import short_forms  # not before `initialize` is answered

    short = short_forms(hit.page.page_id for hit in hits)
    for page in (*view["short_term"], *view["mid_term"]):
        whole = _size(page)
        page |= {"page_id": short[page["page_id"]], "timestamp": page["timestamp"][:10]}
        room += whole - _size(page)
    for hit in sorted(hits, key=lambda hit: hit.score):
        if room >= 0:
            break
        for pages in (view["short_term"], view["mid_term"]):
            for page in [page for page in pages if page["page_id"] == short[hit.page.page_id]]:
                pages.remove(page)
                view["omitted"] += 1
                room += _size(page) + 1


def _with_field(name: str, pages: Json, order: list[Page], room: float) -> float:
    """Add a field to the pages in *order* while there is *room*; return what it took."""
    spent = 0
    for page in order:
        more = _fields(**{name: dict(page.metadata) if name == "metadata" else page.segment_id})
        if more and spent + _size(more) <= room:
            pages[page.page_id] |= more
            spent += _size(more)
    return spent


def _with_segments(segments: list[Json], found: Retrieval, room: float) -> float:
    """Add segments while there is *room*, one that does not fit left out; return what they took."""
    spent = 0
    for segment, heat in found.segments:
        more = _without_empty(views.segment_view(segment, heat))
        if spent + _size(more) + 1 <= room:
            segments.append(more)
            spent += _size(more) + 1
    return spent


def _rounded_parts(parts: Mapping[str, float]) -> Json:
    return {part: round(value, 4) for part, value in parts.items()}


def _fields(**fields: Any) -> Json:
    return _without_empty(fields)


def _without_empty(fields: Json) -> Json:
    """Return *fields* without those that say nothing."""
    return {name: value for name, value in fields.items() if value not in ("", None, False, [], {})}


def _size(value: Json) -> int:
    """Return the characters that *value* takes in a compact result."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
