"""The `local` analyzer: reads pages by rules, with no model and no network."""

from .analyzer import LocalAnalyzer

__all__ = ["LocalAnalyzer"]
