"""A number and the word for what it counts."""

__all__ = ["counted"]


def counted(count: int, one: str, many: str = "") -> str:
    """Return *count* and its word: "1 page", "1,200 pages"; *many* where the plural is not *one* with an "s"."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
