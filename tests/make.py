"""Small builders of records for tests, with values one can read in a failure."""

from datetime import datetime, timedelta, timezone
from typing import Any

from memoryos_mcp.domain.records import Fact, FactFinding, Page, Segment

__all__ = ["NOON", "fact", "finding", "page", "segment"]

NOON = datetime(2026, 5, 8, 12, tzinfo=timezone.utc)


def page(number: int, user_input: str = "", agent_response: str = "", **fields: Any) -> Page:
    """Return page *number*, said that many minutes after noon."""
    return Page(
        page_id=f"p{number}",
        user_input=user_input or f"question {number}",
        agent_response=agent_response or f"answer {number}",
        timestamp=fields.pop("timestamp", NOON + timedelta(minutes=number)),
        sequence=fields.pop("sequence", number + 1),
        **fields,
    )


def segment(name: str, **fields: Any) -> Segment:
    """Return a segment made and visited at noon."""
    values = {"summary": name, "keywords": (), "created_at": NOON, "last_visit": NOON, **fields}
    return Segment(segment_id=name, **values)


def fact(name: str, text: str = "", **fields: Any) -> Fact:
    """Return a fact about the user said at noon on page p1."""
    values: dict[str, Any] = {"about": "user", "page_ids": ("p1",), "said_at": NOON, **fields}
    return Fact(fact_id=name, fact=text or name, **values)


def finding(text: str, minutes: int = 0, **fields: Any) -> FactFinding:
    """Return a finding about the user said some minutes after noon."""
    values: dict[str, Any] = {"about": "user", "page_ids": (f"p{minutes}",), **fields}
    return FactFinding(text=text, said_at=NOON + timedelta(minutes=minutes), **values)
