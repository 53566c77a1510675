"""
Text to vectors: the adapters behind the `Embedder` protocol, and which of them the settings ask for.

`bundled` is in the package and always there; `minilm` needs files that only a person's command downloads; `openai`
needs an endpoint. Importing this package loads none of their libraries.
"""

from pathlib import Path

from ...domain.errors import ConfigError
from ...domain.protocols import Embedder
from .bundled import BundledEmbedder
from .minilm import EncodedText, MiniLMEmbedder, default_folder, is_installed, unit_tokens
from .openai import OpenAIEmbedder

__all__ = ["BundledEmbedder", "EncodedText", "MiniLMEmbedder", "OpenAIEmbedder", "choose", "former", "unit_tokens"]


def choose(
    name: str,
    *,
    model: str,
    api_key: str | None,
    base_url: str | None,
    minilm_folder: Path | None = None,
) -> Embedder:
    """
    Return the embedder that the settings name; opens no file and no connection.

    Args:
        name: `auto`, `bundled`, `minilm` or `openai`; `auto` is minilm when its files are on disk, else bundled.
        model: The endpoint's embedding model, for `openai`; empty for the default.
        api_key: For `openai`.
        base_url: For `openai`; None for OpenAI's own endpoint.
        minilm_folder: Where MiniLM's files are; None for the folder that Chroma uses.

    Raises:
        ConfigError: *name* is none of these, or `openai` has neither a key nor an address.
    """
    folder = minilm_folder or default_folder()
    if name == "bundled" or (name == "auto" and not is_installed(folder)):
        return BundledEmbedder()
    if name in ("auto", "minilm"):
        return MiniLMEmbedder(folder)
    if name != "openai":
        raise ConfigError(f"unknown embedder {name!r}; choose auto, bundled, minilm or openai")
    if not api_key and not base_url:
        raise ConfigError("the openai embedder needs OPENAI_API_KEY, or OPENAI_BASE_URL for a local server")
    return OpenAIEmbedder(model, api_key=api_key, base_url=base_url)


def former(
    name: str, model: str, *, api_key: str | None, base_url: str | None, minilm_folder: Path | None = None
) -> Embedder | None:
    """
    Return the embedder of this *name*, which made vectors earlier; None when it cannot be had with these settings.

    Args:
        name: As `Embedder.name` gave it.
        model: The endpoint's model behind it, "" for none.
        api_key: For an endpoint.
        base_url: For an endpoint: the present one, in the hope that it has the former model too.
        minilm_folder: Where MiniLM's files are; None for the folder that Chroma uses.
    """
    folder = minilm_folder or default_folder()
    candidates: list[Embedder] = [BundledEmbedder()]
    if is_installed(folder):
        candidates.append(MiniLMEmbedder(folder))
    if model and (api_key or base_url):
        candidates.append(OpenAIEmbedder(model, api_key=api_key, base_url=base_url))
    return next((embedder for embedder in candidates if embedder.name == name), None)
