"""
A chat model behind any OpenAI-compatible endpoint, asked for structured answers.

Knows nothing of pages and memory; what is asked and what an answer means is its users' business.
"""

from .client import ChatModel
from .endpoint import Endpoint, endpoint_of
from .usage import Meter, Usage, charged_to

__all__ = ["ChatModel", "Endpoint", "Meter", "Usage", "charged_to", "endpoint_of"]
