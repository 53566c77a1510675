"""What a caller wants forgotten, and how it is written down while that is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...domain.errors import InputError

__all__ = ["Selection"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a caller wants forgotten; at least one part is given."""

    page_ids: tuple[str, ...] = ()
    fact_ids: tuple[str, ...] = ()
    before: datetime | None = None
    everything: bool = False

    def __post_init__(self) -> None:
        if not (self.page_ids or self.fact_ids or self.before or self.everything):
            raise InputError("nothing to forget was named: give page_ids, fact_ids, before, or everything=true")

    def as_dict(self) -> dict[str, Any]:
        """Return the parts as JSON takes them: ids and a time, never a text."""
        return {
            "page_ids": list(self.page_ids),
            "fact_ids": list(self.fact_ids),
            "before": None if self.before is None else self.before.isoformat(),
            "everything": self.everything,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Selection":
        """Return the selection that `as_dict` gave, or raise `KeyError`, `TypeError`, `ValueError`."""
        before = None if data["before"] is None else datetime.fromisoformat(data["before"])
        return cls(tuple(data["page_ids"]), tuple(data["fact_ids"]), before, bool(data["everything"]))
