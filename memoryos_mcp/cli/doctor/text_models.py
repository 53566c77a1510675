"""What turns text into vectors and tokens: the embedder's files and the tokenizer's ranks."""

from collections.abc import Iterator
from lzma import LZMAError

import numpy as np

from ...domain.errors import MemoryOSError
from ...domain.settings import Settings
from ...retrieval.embedders import choose
from ...retrieval.embedders.minilm import default_folder, is_installed
from ...text.tokenizer import O200kBase
from .finding import Finding, error, ok

__all__ = ["embedder", "tokenizer"]

_TEXT = "The doctor looks at the embedder."


def embedder(settings: Settings) -> Iterator[Finding]:
    """Have the embedder make a vector, which reads its files; an endpoint is asked only by `--model`."""
    if settings.embedder == "openai":
        yield ok("embedder", f"openai, {settings.embedding_model} (not asked here)")
        return
    if settings.embedder == "minilm" and not is_installed(default_folder()):
        yield error(
            "embedder",
            f"the minilm model is not in {default_folder()}",
            "memoryos-mcp model download, or set MEMORYOS_EMBEDDER=bundled",
        )
        return
    try:
        chosen = choose(settings.embedder, model=settings.embedding_model, api_key=None, base_url=None)
        vector = chosen.embed([_TEXT])[0]
    except (MemoryOSError, OSError, ValueError) as exc:
        yield error("embedder", f"{settings.embedder}: {exc}", "install memoryos-mcp-server or the model again")
        return
    if vector.shape == (chosen.dimensions,) and abs(float(np.linalg.norm(vector)) - 1) < 1e-3:
        yield ok("embedder", f"{chosen.name}, {chosen.dimensions} dimensions")
    else:
        yield error(
            "embedder", f"{chosen.name} makes vectors of length {np.linalg.norm(vector):.3f}, not 1", "install it again"
        )


def tokenizer(settings: Settings) -> Iterator[Finding]:
    """Have the tokenizer count, which reads its ranks."""
    try:
        O200kBase().count(_TEXT)
    except (OSError, EOFError, ValueError, LZMAError) as exc:
        yield error("tokenizer", f"its ranks cannot be read: {exc}", "install memoryos-mcp-server again")
    else:
        yield ok("tokenizer", O200kBase.name)
