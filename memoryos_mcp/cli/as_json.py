"""
Records as JSON, for programs that read the command line: the field names of the records, times as ISO 8601.

Purely a translation; what is shown to people is in `show`.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

__all__ = ["as_json"]


def as_json(value: Any) -> Any:
    """Return *value* (records, sequences, mappings, times) as JSON-able data."""
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: as_json(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(entry) for entry in value]
    return value
