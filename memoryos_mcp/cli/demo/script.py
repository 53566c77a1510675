"""
The invented conversation and its questions, read from the JSON files beside this module.

Nothing here touches a memory. An exchange's label is its session and its place in it ("jan-19/3"), and travels
through the memory as the page's metadata, so that a question can say which pages hold its answer.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

__all__ = ["LABEL_KEY", "Question", "ScriptedExchange", "conversation", "questions"]

LABEL_KEY = "demo"

_BETWEEN_EXCHANGES = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class ScriptedExchange:
    """One exchange of the conversation: what will become a page."""

    label: str
    user_input: str
    agent_response: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the words its context must hold and the labels of the pages it must bring back."""

    question: str
    kind: str
    answer: str
    words: tuple[str, ...]
    pages: tuple[str, ...]


def conversation() -> tuple[ScriptedExchange, ...]:
    """Return the exchanges, oldest first, three minutes apart within a session."""
    found = []
    for session in _read("conversation.json")["sessions"]:
        started = datetime.fromisoformat(session["started"])
        for place, exchange in enumerate(session["exchanges"]):
            found.append(
                ScriptedExchange(
                    label=f"{session['id']}/{place + 1}",
                    user_input=exchange["user"],
                    agent_response=exchange["assistant"],
                    timestamp=started + place * _BETWEEN_EXCHANGES,
                )
            )
    return tuple(found)


def questions() -> tuple[Question, ...]:
    """Return the questions in the order they are asked."""
    return tuple(
        Question(entry["question"], entry["kind"], entry["answer"], tuple(entry["words"]), tuple(entry["pages"]))
        for entry in _read("questions.json")
    )


def _read(name: str) -> Any:
    return json.loads((resources.files(__package__) / name).read_text(encoding="utf-8"))
