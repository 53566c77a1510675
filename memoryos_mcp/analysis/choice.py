"""Which analyzer the settings name."""

from ..domain.protocols import Analyzer, Embedder
from ..domain.settings import Settings
from ..generation.llm import ChatModel
from .lazy import LateAnalyzer

__all__ = ["choose", "local_analyzer"]


def local_analyzer(settings: Settings, embedder: Embedder) -> Analyzer:
    """Return the analyzer that needs no model; its rules are loaded when it first reads something."""

    def load() -> Analyzer:
        from .local import LocalAnalyzer

        return LocalAnalyzer(embedder, user_name=settings.user_name, assistant_name=settings.assistant_name)

    return LateAnalyzer(load)


def choose(settings: Settings, local: Analyzer, model: ChatModel | None) -> Analyzer:
    """Return the analyzer in force, which may be *local* itself; with `openai` there is a *model*."""
    if settings.resolved_analyzer == "host":
        from .host import HostAnalyzer

        return HostAnalyzer(local)
    if settings.resolved_analyzer == "openai":
        from .openai import OpenAIAnalyzer

        if model is None:
            raise ValueError("the openai analyzer asks a model, and none was given")
        return OpenAIAnalyzer(
            model,
            local,
            user_name=settings.user_name,
            assistant_name=settings.assistant_name,
            language=settings.llm_language,
            redact=settings.redact_secrets,
        )
    return local
