"""The few settings that somebody who installs is asked for. Everything else has a default that serves."""

from dataclasses import dataclass
from typing import Literal

from ...domain.settings import environment_name

__all__ = ["ASKED", "Asked"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A setting by its field name, with the words in which people are asked for it."""

    field: str
    title: str
    words: str
    kind: Literal["text", "folder", "key"] = "text"

    @property
    def variable(self) -> str:
        """The environment variable that it is handed over in."""
        return environment_name(self.field)


ASKED: tuple[Asked, ...] = (
    Asked("data_dir", "Data folder", "Folder that holds all memory. Empty: your platform's usual place.", "folder"),
    Asked("user_name", "Your name", "What the assistant calls you. Empty: learnt from what you say."),
    Asked("openai_api_key", "API key (optional)", "For analysis by an OpenAI-compatible model. Empty: none.", "key"),
    Asked("openai_base_url", "Model address (optional)", "Address of an OpenAI-compatible server, such as Ollama's."),
)
