"""Answers with memory, by a configured model: the calls of the MemoryOS package's README."""

from collections.abc import Mapping
from typing import Any

from ..domain.errors import ConfigError
from ..generation.llm import ChatModel
from ..generation.response import generate, response_messages
from ..generation.usage_ledger import UsageLedger
from .defaults import Defaults
from .memoryos_names import knowledge_summary
from .recalling import Recalling
from .remembering import Remembering

__all__ = ["Responding"]


class Responding:
    """
    The response step of the paper, for callers without a host. A host's model writes its own answers.

    Args:
        model: Who answers; None: nobody is configured.
        recalling: What memory holds on a question.
        remembering: Stores the exchange.
        ledger: What the model costs whom.
        defaults: What a call leaves out.
        response_tokens: Budget of what is recalled for an answer.
    """

    def __init__(
        self,
        model: ChatModel | None,
        recalling: Recalling,
        remembering: Remembering,
        ledger: UsageLedger,
        defaults: Defaults,
        response_tokens: int,
    ) -> None:
        self._model = model
        self._recalling = recalling
        self._remembering = remembering
        self._ledger = ledger
        self._defaults = defaults
        self._response_tokens = response_tokens

    def get_response(
        self,
        query: str,
        relationship_with_user: str = "",
        style_hint: str = "",
        user_conversation_meta_data: Mapping[str, Any] | None = None,
        *,
        user_id: str | None = None,
    ) -> str:
        """
        Return the configured model's answer to *query*, with what memory holds on it, and store the exchange.

        Args:
            query: The user's message.
            relationship_with_user: Who the two are to each other; empty: a friendly assistant.
            style_hint: How to answer; empty: as the user writes.
            user_conversation_meta_data: JSON object on the conversation; shown to the model, kept with the page.
            user_id: Whose memory; default the setting.

        Raises:
            ConfigError: No model is configured.
            AnalyzerError: The model did not answer; nothing was stored.
            InputError: A value is unusable.
        """
        model = self._configured_model()
        found = self._recalling.retrieve_context(query, max_tokens=self._response_tokens, user_id=user_id)
        profile = self._recalling.get_user_profile(user_id=user_id)
        messages = response_messages(
            query,
            found,
            profile,
            relationship=relationship_with_user,
            style=style_hint,
            about_now=user_conversation_meta_data,
            user_name=self._defaults.settings.user_name,  # a learnt name is data: it has no place in instructions
            assistant_name=self._defaults.settings.assistant_name,
        )
        with self._ledger.charge_to(self._defaults.user(user_id)):
            answer = generate(model, messages)
            self._remembering.add_memory(query, answer, metadata=user_conversation_meta_data, user_id=user_id)
        return answer

    def get_user_profile_summary(self, *, user_id: str | None = None) -> str:
        """Return the digest of the user's profile, "" when nothing is known."""
        return self._recalling.get_user_profile(user_id=user_id).summary

    def get_assistant_knowledge_summary(self, *, user_id: str | None = None) -> list[dict[str, str]]:
        """Return the assistant's knowledge in force: `knowledge` and `timestamp` of each."""
        return knowledge_summary(self._recalling.get_user_profile(user_id=user_id).assistant_knowledge)

    def _configured_model(self) -> ChatModel:
        if self._model is None:
            raise ConfigError("get_response needs a model: set OPENAI_API_KEY, or OPENAI_BASE_URL for a local one")
        return self._model
