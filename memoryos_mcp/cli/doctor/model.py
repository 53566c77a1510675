"""The model's endpoint: one tiny question, only when it was asked for."""

import time
from collections.abc import Iterator

from ...domain.addresses import public_address
from ...domain.errors import AnalyzerError
from ...domain.settings import Settings
from ...generation.llm import ChatModel, endpoint_of
from .finding import Finding, error, ok

__all__ = ["model"]

_QUESTION = "Answer with the one word: yes"


def model(settings: Settings) -> Iterator[Finding]:
    """Ask the endpoint one question of a few tokens."""
    if settings.openai_api_key is None and settings.openai_base_url is None:
        yield ok("model", f"none is set up; the analyzer is {settings.resolved_analyzer}")
        return
    where = public_address(settings.openai_base_url or "") or "OpenAI"
    chat = ChatModel(endpoint_of(settings))
    started = time.monotonic()
    try:
        chat.say([{"role": "user", "content": _QUESTION}])
    except AnalyzerError as exc:
        yield error(
            "model",
            f"{settings.llm_model} at {where} does not answer: {exc}",
            "look at OPENAI_API_KEY, OPENAI_BASE_URL and MEMORYOS_LLM_MODEL; until then pages wait and are not lost",
        )
    else:
        yield ok("model", f"{settings.llm_model} at {where} answered within {time.monotonic() - started:.1f} s")
    finally:
        chat.close()
