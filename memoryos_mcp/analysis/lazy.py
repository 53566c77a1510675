"""
The `local` analyzer, loaded when it first reads something.

Its rules are some 260 patterns, compiled as its modules load: a fifth of a second that the first retrieval after a
start would wait for, and does not need.
"""

from collections.abc import Callable, Sequence
from threading import Lock

from ..domain.protocols import Analyzer
from ..domain.records import Batch, BatchAnalysis, Fact, Findings, Page, Segment, Topic

__all__ = ["LateAnalyzer"]


class LateAnalyzer:
    """
    An eager `local` analyzer that is made at the first use, from whatever thread.

    Args:
        load: Makes it.
    """

    name = "local"
    eager = True

    def __init__(self, load: Callable[[], Analyzer]) -> None:
        self._load = load
        self._lock = Lock()
        self._loaded: Analyzer | None = None

    def note(self, pages: Sequence[Page], known: Sequence[Fact], context: Sequence[Page] = ()) -> Findings:
        return self._analyzer().note(pages, known, context)

    def analyze_batch(self, batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        return self._analyzer().analyze_batch(batch, known)

    def analyze_segment(self, segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        return self._analyzer().analyze_segment(segment, pages, known)

    def summarize(self, pages: Sequence[Page]) -> Topic:
        return self._analyzer().summarize(pages)

    def keywords(self, page: Page) -> tuple[str, ...]:
        return self._analyzer().keywords(page)

    def _analyzer(self) -> Analyzer:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded
