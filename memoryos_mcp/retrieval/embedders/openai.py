"""
The `openai` embedder: vectors from OpenAI's API or any endpoint that speaks the same (Ollama, LM Studio, vLLM ...).

Translates the client's errors; keeps no text. No tokens for late interaction: an endpoint gives one vector a text.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...domain.errors import EmbedderError, EmbedderUnavailableError

__all__ = ["DEFAULT_MODEL", "OpenAIEmbedder"]

DEFAULT_MODEL = "text-embedding-3-small"
_BATCH = 128
_OPENAI_URL = "https://api.openai.com/v1"  # said here: the client would take an unfilled OPENAI_BASE_URL instead
_TIMEOUT_S = 20.0
_RETRIES = 1
_MAX_CHARACTERS = 24_000
"""Longer texts are cut: the usual limit is 8,191 tokens, and an endpoint refuses the whole batch beyond it."""

Vectors = NDArray[np.float32]


class OpenAIEmbedder:
    """
    One embedding model behind an OpenAI-compatible endpoint. Thread-safe; nothing is sent before the first `embed`.

    Args:
        model: The endpoint's name for the model; also part of `name`, since another model gives other vectors.
        api_key: None for local servers that want none.
        base_url: None for OpenAI's own; otherwise as the client takes it, with its `/v1`.
        timeout_s: Seconds one request may take; one retry follows.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self.model = model or DEFAULT_MODEL
        self._api_key = api_key or "none"
        self._base_url = base_url or _OPENAI_URL
        self._timeout_s = timeout_s
        self._lock = Lock()
        self._client: Any = None
        self._dimensions: int | None = None

    @property
    def name(self) -> str:
        """`openai-<model>-<checksum of the model's exact name>`, of letters, digits and "-" only."""
        plain = re.sub(r"[^A-Za-z0-9]+", "-", self.model).strip("-")[:40]
        return f"openai-{plain}-{zlib.crc32(self.model.encode('utf-8')):08x}"

    @property
    def dimensions(self) -> int:
        """Length of the vectors; the first time, one short request finds it out."""
        if self._dimensions is None:
            self.embed(["dimensions"])
        return self._dimensions or 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """
        Return unit rows, shape (len(texts), dimensions), asking for up to 128 texts at a time.

        Raises:
            EmbedderUnavailableError: The endpoint cannot be reached, is too slow, busy, failing, or refuses the key.
            EmbedderError: It refused the texts, or answered with something that is not one finite vector each.
        """
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return self._embed(texts, self._connect)

    def embed_within(self, texts: Sequence[str], timeout_s: float) -> Vectors:
        """Return what `embed` does; each request may take *timeout_s* at most, and no retry follows."""
        return self._embed(texts, lambda: self._connect().with_options(timeout=timeout_s, max_retries=0))

    def _embed(self, texts: Sequence[str], client: Callable[[], Any]) -> Vectors:
        clean = [_sendable(text) for text in texts]
        parts = [self._ask(clean[place : place + _BATCH], client) for place in range(0, len(clean), _BATCH)]
        return np.concatenate(parts)

    def _ask(self, texts: Sequence[str], client: Callable[[], Any]) -> Vectors:
        import openai

        try:
            answer = client().embeddings.create(model=self.model, input=list(texts), encoding_format="float")
            rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
        except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError) as exc:
            raise EmbedderUnavailableError(f"the embedding endpoint does not answer: {exc}") from exc
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError) as exc:
            raise EmbedderUnavailableError(
                f"the embedding endpoint refused the key or does not know the model {self.model!r}: {exc}"
            ) from exc
        except openai.OpenAIError as exc:
            raise EmbedderError(f"the embedding endpoint refused the texts: {exc}") from exc
        except (AttributeError, TypeError, ValueError) as exc:  # not the answer of an embedding endpoint
            raise EmbedderError(f"the embedding endpoint's answer cannot be read: {exc}") from exc
        return self._checked(rows, len(texts))

    def _checked(self, rows: Sequence[Any], count: int) -> Vectors:
        try:
            vectors = np.array(rows, np.float32)
        except (TypeError, ValueError) as exc:
            raise EmbedderError(f"{self.model!r} gave vectors of unequal length, or not made of numbers") from exc
        if vectors.ndim != 2 or len(vectors) != count or not vectors.size:
            raise EmbedderError(f"asked {self.model!r} for {count} vectors, got an array of shape {vectors.shape}")
        if self._dimensions not in (None, vectors.shape[1]):
            was = self._dimensions
            raise EmbedderError(f"{self.model!r} gave vectors of {was} numbers before, now of {vectors.shape[1]}")
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(norms).all() or not norms.all():
            raise EmbedderError(f"{self.model!r} gave a vector of zeros or of numbers that are not finite")
        self._dimensions = vectors.shape[1]
        return np.asarray(vectors / norms, np.float32)

    def _connect(self) -> Any:
        import openai

        with self._lock:
            if self._client is None:
                self._client = openai.OpenAI(
                    api_key=self._api_key, base_url=self._base_url, timeout=self._timeout_s, max_retries=_RETRIES
                )
            return self._client


def _sendable(text: str) -> str:
    """Return *text* cut, without lone surrogates, and never empty, since endpoints refuse the empty string."""
    clean = text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
    return clean if clean.strip() else "(empty)"
