"""What an import did and left out."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from .items import Skip

__all__ = ["Summary"]

_EXAMPLES = 3
_SAMPLES = 10
_SAMPLE_CHARS = 500


@dataclass
class Summary:
    """
    Counts of an import; in a dry run what would be taken in, without knowing what is stored already.

    `files` counts files by format; `skipped` counts what was left out by reason, `examples` names the first of each
    by file and line; `undated` exchanges got the date of their file. `unknown` names files of no known format.
    `samples` are the beginnings of both sides of the first exchanges read.
    """

    exchanges: int = 0
    facts: int = 0
    stored: int = 0
    known: int = 0
    stored_facts: int = 0
    known_facts: int = 0
    facts_over_capacity: int = 0
    undated: int = 0
    samples: list[tuple[str, str]] = field(default_factory=list)
    earliest: datetime | None = None
    latest: datetime | None = None
    files: Counter[str] = field(default_factory=Counter)
    unknown: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, skip: Skip, document: str) -> None:
        """Count something left out."""
        self.skipped[skip.reason] += 1
        examples = self.examples.setdefault(skip.reason, [])
        if len(examples) < _EXAMPLES:
            examples.append(f"{document}, {skip.where}")

    def sample(self, asked: str, answered: str) -> None:
        """Keep the beginnings of one of the first exchanges."""
        if len(self.samples) < _SAMPLES:
            self.samples.append((_beginning(asked), _beginning(answered)))

    def seen(self, said_at: datetime) -> None:
        """Widen the range of dates."""
        self.earliest = min(self.earliest or said_at, said_at)
        self.latest = max(self.latest or said_at, said_at)


def _beginning(text: str) -> str:
    return " ".join(text[:_SAMPLE_CHARS].split())
