"""The `openai` analyzer: a model behind any OpenAI-compatible endpoint reads the pages."""

from .analyzer import PAGES_A_BATCH, OpenAIAnalyzer

__all__ = ["PAGES_A_BATCH", "OpenAIAnalyzer"]
