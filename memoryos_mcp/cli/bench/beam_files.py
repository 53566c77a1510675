"""
BEAM as published (arXiv 2510.27246): a folder for each chat, with `chat.json` and `probing_questions/`.

`chat.json` is a list of batches; a batch is a list of threads in `turns`, and a thread a list of messages with role,
id and content, the first of a batch with the day it was written (`time_anchor`). A question names the messages that
it is about (`source_chat_ids`); the sentence of such a message that shares most with question and answer is evidence.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ...text.terms import terms
from .dialogue import DatedExchange, Dialogue, Question

__all__ = ["beam_dialogue", "beam_folders"]

_CHATS = ("chat.json", "chat_trunecated.json")
"""Their names in the repository, as it spells them."""

_QUESTIONS = Path("probing_questions") / "probing_questions.json"
_PLAN_MARK = re.compile(r"\s*->->\s*[\d.,\s]*$")
_BETWEEN = timedelta(minutes=2)
_MORNING = 9
_ABSENT = "\u2026"
_SENTENCE_ENDS = re.compile(r"\n+|(?<=[.!?])\s+")
_ANSWERS = ("answer", "ideal_answer", "ideal_response", "ideal_summary", "instruction_being_tested")
_TESTED = "preference_being_tested"
_WHOLE = 400
"""Characters: a message this short is evidence as a whole."""


def beam_folders(path: Path) -> list[Path]:
    """Return the folders of the chats that *path* names: a chat's own, its `chat.json`, or a folder of chats."""
    if path.name in _CHATS:
        path = path.parent
    inside = sorted(path.iterdir(), key=_numbered) if path.is_dir() else []
    return [folder for folder in (path, *inside) if (folder / _QUESTIONS).is_file()]


def beam_dialogue(folder: Path) -> Dialogue:
    """
    Return the chat of a folder.

    Raises:
        KeyError, TypeError, ValueError, OSError, StopIteration: A file is missing or is not what BEAM publishes.
    """
    chat = next((folder / name for name in _CHATS if (folder / name).is_file()), folder / _CHATS[0])
    batches = json.loads(chat.read_text(encoding="utf-8"))
    asked = json.loads((folder / _QUESTIONS).read_text(encoding="utf-8"))
    said = {int(message["id"]): message["content"] for batch in batches for message in _messages(batch)}
    questions = tuple(_question(kind, each, said) for kind, found in asked.items() for each in found)
    exchanges = tuple(each for batch in batches for each in _exchanges(batch))
    return Dialogue(f"{folder.parent.name}/{folder.name}", {}, exchanges, questions)


def _messages(batch: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the messages of a batch without the mark of the plan that some end with."""
    for thread in batch["turns"]:
        for message in thread:
            yield {**message, "content": _PLAN_MARK.sub("", str(message["content"]))}


def _exchanges(batch: Mapping[str, Any]) -> Iterator[DatedExchange]:
    """Yield the exchanges of a batch, two minutes apart from nine in the morning of its day."""
    messages = list(_messages(batch))
    anchor = next(str(each["time_anchor"]) for each in (batch, *messages) if each.get("time_anchor"))
    said_at = datetime.strptime(anchor, "%B-%d-%Y").replace(hour=_MORNING, tzinfo=timezone.utc)
    prompt: str | None = None
    for message in [*messages, {"role": "user", "content": _ABSENT}]:
        answers = message["role"] == "assistant"
        if answers or prompt is not None:
            yield DatedExchange(prompt or _ABSENT, message["content"] if answers else _ABSENT, said_at)
            said_at += _BETWEEN
        prompt = None if answers else message["content"]


def _question(kind: str, item: Mapping[str, Any], said: Mapping[int, str]) -> Question:
    text = str(item["question"])
    answer = next((str(item[name]) for name in _ANSWERS if item.get(name)), "")
    hint = f"{text} {answer} {item.get(_TESTED, '')}"
    ids = dict.fromkeys(_numbers(item.get("source_chat_ids", ())))
    return Question(text, answer, kind, tuple(_evidence(said[id_], hint) for id_ in ids if id_ in said))


def _numbered(path: Path) -> tuple[int, str]:
    """Return what sorts 2 before 10."""
    return (int(path.name), "") if path.name.isdigit() else (0, path.name)


def _numbers(found: object) -> Iterator[int]:
    """Yield the numbers in *found*, however deep in lists and objects."""
    if isinstance(found, int):
        yield found
    elif isinstance(found, Mapping):
        for each in found.values():
            yield from _numbers(each)
    elif isinstance(found, Sequence) and not isinstance(found, str):
        for each in found:
            yield from _numbers(each)


def _evidence(message: str, hint: str) -> str:
    """Return the sentence of *message* with the most words of *hint*, the first of equals; all of a short message."""
    if len(message) <= _WHOLE:
        return message
    wanted = set(terms(hint)[0])
    sentences = [part for part in _SENTENCE_ENDS.split(message) if re.search(r"\w{3}", part)]
    return max(sentences, key=lambda sentence: len(wanted & set(terms(sentence)[0])), default=message)
