"""
Finding the JSON object in what a model wrote: thoughts and fences come off, then the first object that parses.

Everything is bounded before it is looked at. A refusal, an empty or a cut answer is told apart from a wrong one,
because asking again helps against some and not against others.
"""

import json
import re
from typing import Any

from .transport import Reply

__all__ = ["MAX_ANSWER_CHARS", "UnusableAnswerError", "plain_text", "read_object"]

MAX_ANSWER_CHARS = 60_000
_STARTS = 20
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_OPENED_BEFORE = re.compile(r"\A.*?</(?:think|thinking|reasoning)>", re.DOTALL | re.IGNORECASE)


class UnusableAnswerError(ValueError):
    """
    An answer that cannot be used; the text says why, in words the model can act on.

    `final` says that asking once more would not help.
    """

    def __init__(self, problem: str, *, final: bool = False) -> None:
        super().__init__(problem)
        self.final = final


def plain_text(reply: Reply) -> str:
    """
    Return what the model said, without its thoughts.

    Raises:
        UnusableAnswerError: It refused, said nothing, or far too much.
    """
    if reply.refusal or reply.finish == "content_filter":
        raise UnusableAnswerError("the model refused to answer", final=True)
    if len(reply.text) > MAX_ANSWER_CHARS:
        raise UnusableAnswerError(f"an answer of {len(reply.text):,} characters, far more than asked for", final=True)
    text = _THOUGHT.sub("", reply.text)
    text = _OPENED_BEFORE.sub("", text).strip()
    if not text:
        raise UnusableAnswerError("the answer was cut off" if reply.finish == "length" else "the answer was empty")
    return text


def read_object(reply: Reply) -> dict[str, Any]:
    """
    Return the JSON object in a reply, whatever fences and words stand around it.

    Raises:
        UnusableAnswerError: There is none.
    """
    text = plain_text(reply)
    if reply.finish == "length":
        raise UnusableAnswerError("the answer was cut off: write a shorter one, with the most important items only")
    decoder = json.JSONDecoder()
    place = -1
    for _ in range(_STARTS):
        place = text.find("{", place + 1)
        if place < 0:
            break
        try:
            found, _end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise UnusableAnswerError("the answer holds no JSON object that can be read")
