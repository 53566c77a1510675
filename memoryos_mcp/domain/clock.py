"""The present time, as an aware datetime."""

from datetime import datetime, timezone

__all__ = ["now"]


def now() -> datetime:
    """Return the aware UTC time."""
    return datetime.now(timezone.utc)
