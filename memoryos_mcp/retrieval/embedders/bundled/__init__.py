"""The `bundled` embedder: a static table of word-piece vectors that is shipped with the package."""

from .embedder import BundledEmbedder

__all__ = ["BundledEmbedder"]
