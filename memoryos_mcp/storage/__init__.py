"""The Chroma adapter of `protocols.Store`: collections, names, the inter-process lock, format and migrations."""

from .chroma import ChromaStore, open_store

__all__ = ["ChromaStore", "open_store"]
