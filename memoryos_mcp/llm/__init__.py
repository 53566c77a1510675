"""
A chat model behind any OpenAI-compatible endpoint, asked for structured answers.

Knows nothing of pages and memory; what is asked and what an answer means is its users' business.
"""

from .client import ChatModel
from .endpoint import Endpoint, endpoint_of
from .usage import Usage

__all__ = ["ChatModel", "Endpoint", "Usage", "endpoint_of"]
