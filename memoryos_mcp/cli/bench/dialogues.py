"""
LoCoMo files as memory takes them: pages, and questions with the utterances that hold their answers.

A page is one exchange: what the first speaker says, then the second. Consecutive utterances of one speaker share a
side. Where a session begins with the second speaker, those words go before that speaker's next; where it ends with the
first speaker, they go after that speaker's last: no word is lost and no side is blank. Reads a file, measures nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

__all__ = ["CATEGORIES", "Dialogue", "Exchange", "Question", "read_dialogues"]

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
"""The categories with evidence; 5 (adversarial) has no answer to find."""

_ABSENT = "\u2026"
_EVIDENCE = re.compile(r"D\d+:\d+")
_SPOKEN_AT = "%I:%M %p on %d %B, %Y"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One page to be added."""

    user_input: str
    agent_response: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the expected answer, and the texts of its evidence (at least one)."""

    text: str
    answer: str
    category: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation of two people over many sessions."""

    name: str
    user_name: str
    assistant_name: str
    exchanges: tuple[Exchange, ...]
    questions: tuple[Question, ...]


def read_dialogues(file: Path) -> list[Dialogue]:
    """
    Return the conversations of a LoCoMo file.

    Raises:
        ValueError: It is not such a file.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return [_dialogue(item) for item in found]
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, ValueError) as exc:
        raise ValueError(f"{file} is not a LoCoMo file: {exc!r}") from exc


def _dialogue(item: Mapping[str, Any]) -> Dialogue:
    talk = item["conversation"]
    first, second = str(talk["speaker_a"]), str(talk["speaker_b"])
    exchanges: list[Exchange] = []
    texts: dict[str, str] = {}
    for number in sorted(int(key[8:]) for key in talk if re.fullmatch(r"session_\d+", key)):
        turns = talk[f"session_{number}"]
        said = datetime.strptime(talk[f"session_{number}_date_time"], _SPOKEN_AT).replace(tzinfo=timezone.utc)
        texts.update({turn["dia_id"]: turn["text"] for turn in turns})
        spoken = [(turn["speaker"] == second, str(turn["text"])) for turn in turns if str(turn["text"]).strip()]
        exchanges += [Exchange(*sides, said) for sides in _paired(spoken)]
    questions = [_question(each, texts) for each in item["qa"] if each["category"] in CATEGORIES]
    return Dialogue(
        str(item["sample_id"]), first, second, tuple(exchanges), tuple(each for each in questions if each.evidence)
    )


def _question(item: Mapping[str, Any], texts: Mapping[str, str]) -> Question:
    ids = dict.fromkeys(_EVIDENCE.findall(" ".join(map(str, item.get("evidence", ())))))
    evidence = tuple(texts[id_] for id_ in ids if id_ in texts)
    return Question(str(item["question"]), str(item.get("answer", "")), int(item["category"]), evidence)


def _paired(spoken: Sequence[tuple[bool, str]]) -> list[tuple[str, str]]:
    """Return the sides (first speaker's, second speaker's) of a session's exchanges."""
    runs: list[tuple[bool, str]] = []
    for second, text in spoken:
        if runs and runs[-1][0] == second:
            runs[-1] = (second, f"{runs[-1][1]}\n{text}")
        else:
            runs.append((second, text))
    early = runs.pop(0)[1] if runs and runs[0][0] else ""
    late = runs.pop()[1] if runs and not runs[-1][0] else ""
    pairs = [(runs[at][1], runs[at + 1][1]) for at in range(0, len(runs), 2)]
    if not pairs:
        return [(late or _ABSENT, early or _ABSENT)] if early or late else []
    if early:
        pairs[0] = (pairs[0][0], f"{early}\n{pairs[0][1]}")
    if late:
        pairs[-1] = (f"{pairs[-1][0]}\n{late}", pairs[-1][1])
    return pairs
