"""A model that knows a city, and how it is asked, for tests of the chat model."""

from typing import Any

from pydantic import BaseModel

from memoryos_mcp.generation.llm import ChatModel

from .scripted_endpoint import (
    says,
)

__all__ = ["GOOD", "KEY", "City", "ask"]


KEY = "sk-test-0123456789abcdef"


class City(BaseModel):
    """What is asked for in these tests."""

    city: str


GOOD = says('{"city": "Oslo"}')


def ask(model: ChatModel) -> Any:
    """Ask for a city."""
    return model.ask("You know cities.", "Which?", City, name="city")
