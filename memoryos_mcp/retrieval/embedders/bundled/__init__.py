"""The `bundled` embedder: a static table of word-piece vectors that is shipped with the package."""

from .embedder import BundledEmbedder
from .frequency import frequency_rank

__all__ = ["BundledEmbedder", "frequency_rank"]
