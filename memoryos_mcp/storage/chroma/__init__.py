"""The Chroma adapter of `protocols.Store`: collections, names, the inter-process lock, format and migrations."""

from .store import ChromaStore, open_store

__all__ = ["ChromaStore", "open_store"]
