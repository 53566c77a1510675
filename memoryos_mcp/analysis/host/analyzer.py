"""
The `host` analyzer as the updater sees it: pages wait for the host's answer, everything else is local work.

A batch's answer comes in through the facade (see `exchange`), so being asked for one here means that none came yet.
"""

from collections.abc import Sequence

from ...domain.counting import counted
from ...domain.errors import AnalyzerUnavailableError
from ...domain.protocols import Analyzer
from ...domain.records import Batch, BatchAnalysis, Fact, Findings, Page, Segment, Topic

__all__ = ["HostAnalyzer"]


class HostAnalyzer:
    """
    Waits for the host.

    Args:
        local: Who does what the host is not asked: keywords, summaries, promotion.
    """

    def __init__(self, local: Analyzer) -> None:
        self.local = local

    @property
    def name(self) -> str:
        return "host"

    @property
    def eager(self) -> bool:
        return False

    def note(self, pages: Sequence[Page], known: Sequence[Fact], context: Sequence[Page] = ()) -> Findings:
        """Find nothing: the host reads pages when their batch is pending."""
        return Findings()

    def analyze_batch(self, batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        """Raise `AnalyzerUnavailableError`: the host has not answered yet."""
        waiting = counted(len(batch.pages), "page waits", "pages wait")
        raise AnalyzerUnavailableError(f"{waiting} for the host to call consolidate_memory")

    def analyze_segment(self, segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        """Do as the local analyzer: the host was asked for traits and facts with the batch."""
        return self.local.analyze_segment(segment, pages, known)

    def summarize(self, pages: Sequence[Page]) -> Topic:
        return self.local.summarize(pages)

    def keywords(self, page: Page) -> tuple[str, ...]:
        return self.local.keywords(page)
