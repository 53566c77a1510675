"""The `host` analyzer: the model that calls the tools does the thinking, and no key is needed."""

from .analyzer import HostAnalyzer
from .exchange import HostBatch, parse_answer, pending_batch

__all__ = ["HostAnalyzer", "HostBatch", "parse_answer", "pending_batch"]
