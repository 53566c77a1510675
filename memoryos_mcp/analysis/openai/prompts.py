"""The prompts of the `openai` analyzer: who the model is, and the rules it shares with the host's model."""

from ..answers import batch_rules, segment_rules

__all__ = ["batch_prompt", "segment_prompt"]

_ROLE = (
    "You keep the memory of an assistant: you read pages of a conversation and say what they mean, in one JSON object."
)
_SEGMENT = "These pages are of one topic that comes up often: say what they show of the people."


def batch_prompt(language: str) -> str:
    """Return the system prompt for a batch of pages; the same for every batch, so that a server can cache it."""
    return f"{_ROLE}\n{batch_rules(language=language)}"


def segment_prompt(language: str) -> str:
    """Return the system prompt for a hot segment; the same for every one."""
    return f"{_ROLE}\n{_SEGMENT}\n{segment_rules(language=language)}"
