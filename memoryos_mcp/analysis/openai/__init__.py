"""The `openai` analyzer: a model behind any OpenAI-compatible endpoint reads the pages."""

from .analyzer import OpenAIAnalyzer

__all__ = ["OpenAIAnalyzer"]
