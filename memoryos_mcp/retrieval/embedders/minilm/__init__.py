"""The `minilm` embedder: all-MiniLM-L6-v2 through onnxruntime, from files on disk."""

from .embedder import EncodedText, MiniLMEmbedder, unit_tokens
from .model import default_folder, is_installed

__all__ = ["EncodedText", "MiniLMEmbedder", "default_folder", "is_installed", "unit_tokens"]
