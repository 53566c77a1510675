"""
One measure for every way to retrieve, without a model: the share of the evidence in a reply, and what a reply costs.

Evidence counts when its first 120 characters, letters and digits alone, stand in the reply. A token is four
characters, or one of Chinese, Japanese or Korean, whatever tokenizer the engine counts with, so that figures of
different installations compare.
"""

import re

from .dialogue import Question

__all__ = ["compared_part", "missing_evidence", "plain", "share_held", "tokens"]

_COMPARED = 120
_CHARS_A_TOKEN = 4
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def missing_evidence(question: Question, reply: str) -> tuple[str, ...]:
    """Return the evidence of *question* that does not stand in *reply*."""
    held = plain(reply)
    return tuple(text for text in question.evidence if compared_part(text) not in held)


def share_held(question: Question, reply: str) -> float:
    """Return the share, in [0, 1], of the evidence of *question* (at least one) that stands in *reply*."""
    return 1 - len(missing_evidence(question, reply)) / len(question.evidence)


def tokens(text: str) -> int:
    """Return what *text* costs."""
    wide = len(_WIDE.findall(text))
    return wide - (wide - len(text)) // _CHARS_A_TOKEN


def compared_part(evidence: str) -> str:
    """Return what of a piece of evidence is looked for in a `plain` text."""
    return plain(evidence)[:_COMPARED]


def plain(text: str) -> str:
    """Return the letters and digits of *text* in lower case, a blank for whatever stands between them."""
    return re.sub(r"\W+", " ", text.lower()).strip()
