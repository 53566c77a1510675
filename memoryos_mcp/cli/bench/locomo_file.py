"""
LoCoMo as published (a JSON list of conversations): two people's sessions as exchanges, and questions with evidence.

A page is what the first speaker says, then the second. Consecutive utterances of one speaker share a side. Where a
session begins with the second speaker, those words go before that speaker's next; where it ends with the first
speaker, they go after that speaker's last: no word is lost and no side is blank.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .dialogue import DatedExchange, Dialogue, Question

__all__ = ["ADVERSARIAL", "KINDS", "locomo_dialogue"]

ADVERSARIAL = "adversarial"
KINDS = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: ADVERSARIAL}
"""The file's categories; an adversarial question has no answer to find, so its evidence is left out."""

_ABSENT = "\u2026"
_EVIDENCE = re.compile(r"D\d+:\d+")
_SPOKEN_AT = "%I:%M %p on %d %B, %Y"


def locomo_dialogue(item: Mapping[str, Any], place: int) -> Dialogue:
    """
    Return one conversation of the file, the *place*-th, which names it when it has no name of its own.

    Raises:
        KeyError, TypeError, ValueError: It is not such a conversation.
    """
    talk = item["conversation"]
    first, second = str(talk["speaker_a"]), str(talk["speaker_b"])
    exchanges: list[DatedExchange] = []
    texts: dict[str, str] = {}
    for number in sorted(int(key[8:]) for key in talk if re.fullmatch(r"session_\d+", key)):
        turns = talk[f"session_{number}"]
        said = datetime.strptime(talk[f"session_{number}_date_time"], _SPOKEN_AT).replace(tzinfo=timezone.utc)
        texts.update({turn["dia_id"]: turn["text"] for turn in turns})
        spoken = [(turn["speaker"] == second, str(turn["text"])) for turn in turns if str(turn["text"]).strip()]
        exchanges += [DatedExchange(*sides, said) for sides in _paired(spoken)]
    questions = tuple(_question(each, texts) for each in item["qa"] if each["category"] in KINDS)
    names = {"user_name": first, "assistant_name": second}
    return Dialogue(str(item.get("sample_id", place)), names, tuple(exchanges), questions)


def _question(item: Mapping[str, Any], texts: Mapping[str, str]) -> Question:
    kind = KINDS[item["category"]]
    ids = dict.fromkeys(_EVIDENCE.findall(" ".join(map(str, item.get("evidence", ())))))
    evidence = () if kind == ADVERSARIAL else tuple(texts[id_] for id_ in ids if id_ in texts)
    return Question(str(item["question"]), str(item.get("answer", "")), kind, evidence)


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
