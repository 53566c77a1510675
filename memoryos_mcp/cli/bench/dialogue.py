"""What every benchmark file is read as: conversations to be told to a memory, and questions with their evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

__all__ = ["DatedExchange", "Dialogue", "Question"]


@dataclass(frozen=True, slots=True)
class DatedExchange:
    """One exchange of a conversation, with the time it was said."""

    user_input: str
    agent_response: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the expected answer, its kind in the file's words, and the texts that hold the answer (or none)."""

    text: str
    answer: str
    kind: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation over many sessions; `settings` are those its memory needs, such as the speakers' names."""

    name: str
    settings: Mapping[str, str]
    exchanges: tuple[DatedExchange, ...]
    questions: tuple[Question, ...]

    @property
    def answerable(self) -> tuple[Question, ...]:
        """The questions with evidence."""
        return tuple(question for question in self.questions if question.evidence)
