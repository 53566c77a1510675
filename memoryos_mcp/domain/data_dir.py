"""Where memory is kept when nobody says: apart from `settings`, for commands that have no time to load those."""

from pathlib import Path

__all__ = ["default_data_dir"]


def default_data_dir() -> Path:
    """Return the platform's folder for this user's application data; nothing is created."""
    from platformdirs import user_data_path

    return user_data_path("memoryos-mcp", appauthor=False)
