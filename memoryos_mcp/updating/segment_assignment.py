"""
Which segment a page joins: equation 3 over a batch, as a pure function (paper, section 3.2).

Each page joins the segment of highest F_score above theta. The pages of a topic that find none start one segment
together: the topics of a batch are the analyzer's grouping, so a subject just begun is not split into fragments.

Where we depart from the paper: by equation 3 alone a segment grows without end. Its vector is the mean of its pages,
and the more pages, the nearer that mean comes to what all of a user's pages have in common; long answers with code are
at a cosine of .8 and more to it whatever they are about, so that one segment held 701 pages of a developer's history.
So the bar a page has to pass rises with the segment's size (`required_scores`), and a full one takes no more pages.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from ..domain.identity import new_id
from ..domain.protocols import Vectors
from ..domain.records import Page, Segment, Topic
from ..domain.similarity import f_scores, unit

__all__ = [
    "MAX_KEYWORDS",
    "MAX_PAGES",
    "MAX_SUMMARY_CHARS",
    "Assignment",
    "assign",
    "merge_keywords",
    "merge_summaries",
    "required_scores",
]

MAX_PAGES = 40
"""Pages of a full segment: the next page of its subject starts a new one."""
MAX_KEYWORDS = 16
MAX_SUMMARY_CHARS = 600
_SPEAKER = re.compile(r"\b(?:User|Assistant): ")
_SMALL = 4
_RISE = 0.1


@dataclass(frozen=True, slots=True)
class Assignment:
    """The outcome: the pages with their segment, and every segment that is new or changed with its unit vector."""

    pages: tuple[Page, ...]
    segments: tuple[Segment, ...]
    vectors: Mapping[str, Vectors]


class _Shelf:
    """The segments while a batch is assigned: rows of unit vectors beside keyword sets."""

    def __init__(self, segments: Mapping[str, Segment], vectors: Mapping[str, Vectors], dimensions: int) -> None:
        self.segments = {id_: segment for id_, segment in segments.items() if id_ in vectors}
        self.order = list(self.segments)
        self.changed: set[str] = set()
        rows = [vectors[id_] for id_ in self.order]
        self.rows = np.stack(rows) if rows else np.zeros((0, dimensions), dtype=np.float32)
        self.keywords = [frozenset(self.segments[id_].keywords) for id_ in self.order]

    def best(self, vector: Vectors, keywords: Collection[str], threshold: float) -> str | None:
        """Return the segment whose F_score lies highest above what it requires; None when none does."""
        if not self.order:
            return None
        sizes = [self.segments[id_].pages for id_ in self.order]
        above = f_scores(vector, keywords, self.rows, self.keywords) - required_scores(sizes, threshold)
        place = int(np.argmax(above))
        return self.order[place] if above[place] > 0 else None

    def join(self, segment_id: str, page: Page, vector: Vectors, now: datetime) -> None:
        """Add a page to a segment: counts, heat, newest page and the direction of its vector."""
        place, old = self.order.index(segment_id), self.segments[segment_id]
        self.rows[place] = unit(self.rows[place] * np.float32(old.pages) + vector)
        newest = page.sequence >= old.last_sequence
        self.segments[segment_id] = replace(
            old,
            pages=old.pages + 1,
            interactions=old.interactions + 1,
            last_visit=max(now, old.last_visit),
            last_page_id=page.page_id if newest else old.last_page_id,
            last_sequence=max(page.sequence, old.last_sequence),
        )
        self.changed.add(segment_id)

    def describe(self, segment_id: str, topic: Topic) -> None:
        """Add the words of a topic, all of whose pages are the segment's, to its own."""
        old = self.segments[segment_id]
        self.segments[segment_id] = replace(
            old,
            summary=merge_summaries(old.summary, topic.summary),
            keywords=merge_keywords(old.keywords, topic.keywords),
        )
        self.keywords[self.order.index(segment_id)] = frozenset(self.segments[segment_id].keywords)

    def start(self, vector: Vectors, now: datetime, analyzer: str) -> str:
        """Add an empty segment and return its id."""
        segment = Segment(new_id("s"), "", (), now, now, analyzer=analyzer)
        self.segments[segment.segment_id] = segment
        self.order.append(segment.segment_id)
        self.rows = np.vstack([self.rows, vector.reshape(1, -1)])
        self.keywords.append(frozenset(segment.keywords))
        return segment.segment_id


def required_scores(sizes: Sequence[int], threshold: float) -> Vectors:
    """
    Return the F_score above which a page joins segments of these sizes: theta up to four pages, then .1 more with each
    doubling; a full segment requires more than there is.
    """
    pages = np.asarray(sizes, dtype=np.float32)
    required = threshold + _RISE * np.log2(np.maximum(pages, _SMALL) / _SMALL)
    return np.where(pages >= MAX_PAGES, np.inf, required).astype(np.float32)


def assign(
    pages: Sequence[Page],
    page_vectors: Vectors,
    page_keywords: Sequence[Collection[str]],
    topics: Sequence[Topic],
    *,
    segments: Mapping[str, Segment],
    vectors: Mapping[str, Vectors],
    threshold: float,
    now: datetime,
    analyzer: str,
    summarize: Callable[[Sequence[Page]], Topic],
) -> Assignment:
    """
    Return *pages* with their segments.

    Args:
        pages: A batch, in any order; *page_vectors* (n, d) are its unit vectors, *page_keywords* its K_p.
        topics: A partition of the batch.
        segments: Every segment of the user by id; *vectors* their unit vectors (one without a vector cannot be joined).
        threshold: Theta: a page joins only above it, and more above it the larger the segment is.
        now: The time of this consolidation, for recency.
        analyzer: Who made the topics; noted on segments that are started.
        summarize: Gives the words of some pages of a topic, for when the topic falls to several segments: a segment's
            words come from its own pages alone, so that forgetting a page need not look elsewhere.
    """
    shelf = _Shelf(segments, vectors, page_vectors.shape[1])
    place_of = {page.page_id: place for place, page in enumerate(pages)}
    found: dict[str, str] = {}
    for topic in topics:
        places = [place_of[id_] for id_ in topic.page_ids]
        homeless: list[int] = []
        for place in places:
            best = shelf.best(page_vectors[place], page_keywords[place], threshold)
            if best is not None:
                shelf.join(best, pages[place], page_vectors[place], now)
                found[pages[place].page_id] = best
            else:
                homeless.append(place)
        for part in _parts(homeless):
            segment_id = shelf.start(unit(page_vectors[part].sum(axis=0)), now, analyzer)
            for place in part:
                shelf.join(segment_id, pages[place], page_vectors[place], now)
                found[pages[place].page_id] = segment_id
        homes = dict.fromkeys(found[pages[place].page_id] for place in places)
        for home in homes:
            own = [pages[place] for place in places if found[pages[place].page_id] == home]
            shelf.describe(home, topic if len(homes) == 1 else summarize(own))
    changed = [shelf.segments[id_] for id_ in shelf.order if id_ in shelf.changed]
    rows = {id_: shelf.rows[place] for place, id_ in enumerate(shelf.order) if id_ in shelf.changed}
    return Assignment(tuple(replace(page, segment_id=found[page.page_id]) for page in pages), tuple(changed), rows)


def _parts(places: Sequence[int]) -> list[list[int]]:
    """Return *places* in order, in as few runs of about equal length as fit a segment each."""
    count = -(-len(places) // MAX_PAGES)
    return [list(map(int, part)) for part in np.array_split(np.asarray(places, int), count)] if count else []


def merge_summaries(old: str, new: str, longest: int = MAX_SUMMARY_CHARS) -> str:
    """
    Return *old* followed by the sentences of *new* it does not hold, the newest kept when over *longest* characters.

    An extractive merge that needs no model; a promotion or a re-analysis writes a better one. Where it is cut it still
    begins with who spoke.
    """
    if not new or new in old:
        return old
    last = next(iter(reversed(_SPEAKER.findall(old))), "")
    merged, speaker = f"{old} {new.removeprefix(last)}".strip(), ""
    while len(merged) + (0 if _SPEAKER.match(merged) else len(speaker)) > longest:
        cut = merged.find(". ")
        if cut < 0 or cut + 2 >= len(merged):
            return merged[-longest:]
        speaker = next(iter(reversed(_SPEAKER.findall(merged[:cut]))), speaker)
        merged = merged[cut + 2 :]
    return merged if _SPEAKER.match(merged) else speaker + merged


def merge_keywords(old: Sequence[str], new: Sequence[str], most: int = MAX_KEYWORDS) -> tuple[str, ...]:
    """
    Return at most *most* of both: those of *old* that come again, then the rest of *new*, then what else *old* had.

    What comes up page after page names the subject and stands in front; what stood in one page only leaves soon.
    """
    fresh = list(dict.fromkeys(new))[:most]
    again = [word for word in old if word in fresh]
    return tuple(dict.fromkeys([*again, *fresh, *old]))[:most]
