"""Which segment a page joins."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from memoryos_mcp.domain.protocols import Vectors
from memoryos_mcp.domain.records import Segment, Topic
from memoryos_mcp.updating.segment_assignment import (
    MAX_PAGES,
    Assignment,
    assign,
    merge_keywords,
    merge_summaries,
    required_scores,
)

from .make import NOON, page, segment

EAST = np.array([1.0, 0.0], np.float32)
NORTH = np.array([0.0, 1.0], np.float32)


def run(
    vectors: Sequence[Vectors],
    keywords: Sequence[Collection[str]],
    topics: Sequence[Topic],
    segments: Mapping[str, Segment] | None = None,
    rows: Mapping[str, Vectors] | None = None,
    threshold: float = 0.6,
) -> Assignment:
    """Assign pages p0, p1 ... with these vectors and keyword sets."""
    pages = [page(number) for number in range(len(vectors))]
    return assign(
        pages,
        np.stack(vectors),
        keywords,
        topics,
        segments=segments or {},
        vectors=rows or {},
        threshold=threshold,
        now=NOON,
        analyzer="local",
        summarize=lambda own: Topic((), "own words of " + " ".join(item.page_id for item in own), ("own",)),
    )


def test_a_page_joins_the_best_segment_above_theta() -> None:
    """The paper's: F = cos + Jaccard = 0 + 1/2 for "north", 1 + 0 for "east": east wins, above 0.6."""
    segments = {"east": segment("east", pages=1), "north": segment("north", keywords=("tea", "cup"), pages=1)}
    outcome = run([EAST], [{"tea"}], [Topic(("p0",), "", ())], segments, {"east": EAST, "north": NORTH})
    assert outcome.pages[0].segment_id == "east"
    assert [item.segment_id for item in outcome.segments] == ["east"]
    assert (outcome.segments[0].pages, outcome.segments[0].interactions) == (2, 1)


def test_a_page_at_theta_starts_a_segment_of_its_own() -> None:
    """The paper's: above the threshold, not at it. F = 0.6 exactly."""
    rows = {"s": np.array([0.6, 0.8], np.float32)}
    outcome = run([EAST], [()], [Topic(("p0",), "tea", ("tea",))], {"s": segment("s", pages=1)}, rows, 0.6000001)
    assert outcome.pages[0].segment_id != "s"
    assert outcome.segments[0].summary == "tea"


def test_the_homeless_pages_of_a_topic_start_one_segment_together() -> None:
    """Ours: the analyzer's grouping holds a new subject together, even where its vectors differ."""
    outcome = run([EAST, NORTH], [(), ()], [Topic(("p0", "p1"), "trip", ("trip",))])
    assert len({item.segment_id for item in outcome.pages}) == 1
    assert (outcome.segments[0].pages, outcome.segments[0].last_page_id) == (2, "p1")


def test_the_pages_of_two_topics_start_two_segments() -> None:
    """Ours: unlike topics are not thrown together for arriving together."""
    outcome = run([EAST, NORTH], [(), ()], [Topic(("p0",), "tea", ()), Topic(("p1",), "work", ())])
    assert len(outcome.segments) == 2


def test_a_topic_that_falls_to_two_segments_gives_each_the_words_of_its_own_pages() -> None:
    """Ours: forgetting a page rewrites its own segment alone, so no other may hold its words."""
    segments = {"east": segment("east", pages=1)}
    outcome = run([EAST, NORTH], [(), ()], [Topic(("p0", "p1"), "both", ("both",))], segments, {"east": EAST})
    words = {item.segment_id: (item.summary, item.keywords) for item in outcome.segments}
    assert words["east"] == ("east own words of p0", ("own",))
    assert [value for name, value in words.items() if name != "east"] == [("own words of p1", ("own",))]


def test_a_segment_vector_is_the_direction_of_the_mean_of_its_pages() -> None:
    """Ours: one page east, one north, so the segment points north-east."""
    outcome = run([EAST, NORTH], [(), ()], [Topic(("p0", "p1"), "", ())])
    (vector,) = outcome.vectors.values()
    np.testing.assert_allclose(vector, [2**-0.5, 2**-0.5], rtol=1e-6)


def test_a_segment_without_a_vector_cannot_be_joined() -> None:
    """Ours: after a change of embedder its vector may not be made yet; the page starts another segment."""
    outcome = run([EAST], [{"tea"}], [Topic(("p0",), "", ())], {"s": segment("s", keywords=("tea",))}, {})
    assert outcome.pages[0].segment_id != "s"


def test_summaries_merge_without_repeating_and_keep_the_newest_sentences() -> None:
    """Ours: bounded by characters, cut at sentences."""
    assert merge_summaries("Tea. Cups.", "Cups.") == "Tea. Cups."
    assert merge_summaries("First one. Second one.", "Third.", longest=20) == "Second one. Third."
    assert merge_summaries("", "x" * 9, longest=5) == "xxxxx"


def test_keywords_merge_and_the_oldest_leave() -> None:
    """Ours: bounded, so that Jaccard with a page's few keywords keeps its meaning."""
    assert merge_keywords(("a", "b"), ("b", "c")) == ("b", "c", "a")
    assert merge_keywords(("a", "b"), ("c", "d"), most=3) == ("c", "d", "a")


def test_the_bar_rises_with_the_size_of_a_segment_and_a_full_one_is_closed() -> None:
    """Ours, a departure: theta up to four pages, .1 more with each doubling, nothing at forty."""
    found = required_scores([1, 4, 8, 16, 39, MAX_PAGES, 700], 0.6)
    assert [round(float(each), 2) for each in found] == [0.6, 0.6, 0.7, 0.8, 0.93, np.inf, np.inf]


def test_a_page_that_would_join_a_small_segment_does_not_join_a_large_one() -> None:
    """Ours, a departure: F = 0.7 passes the bar of four pages and not that of sixteen."""
    rows = {"s": np.array([0.7, np.sqrt(1 - 0.49)], np.float32)}
    small = run([EAST], [()], [Topic(("p0",), "", ())], {"s": segment("s", pages=4)}, rows)
    large = run([EAST], [()], [Topic(("p0",), "", ())], {"s": segment("s", pages=16)}, rows)
    assert small.pages[0].segment_id == "s"
    assert large.pages[0].segment_id != "s"


def test_of_two_segments_the_one_that_is_passed_by_more_is_joined() -> None:
    """Ours, a departure: the nearer of two may be so large that it asks for more than there is."""
    rows = {"large": np.array([0.8, 0.6], np.float32), "small": np.array([0.75, np.sqrt(1 - 0.5625)], np.float32)}
    known = {"large": segment("large", pages=16), "small": segment("small", pages=2)}
    assert run([EAST], [()], [Topic(("p0",), "", ())], known, rows).pages[0].segment_id == "small"


def test_no_segment_holds_hundreds_of_pages_however_alike_they_are() -> None:
    """Ours: 701 pages of one developer were one segment; a topic that is too long becomes even parts."""
    alike = [EAST] * 130
    whole = run(alike, [{"code"}] * 130, [Topic(tuple(f"p{at}" for at in range(130)), "code", ("code",))])
    sizes = sorted(each.pages for each in whole.segments)
    assert sizes == [32, 32, 33, 33]
    assert len({each.segment_id for each in whole.pages[:32]}) == 1
