"""The question within a long prompt: memory is not searched for a whole pasted log."""

from ...text import sentences
from ...text.terms import terms
from .telling_words import Wording

__all__ = ["LONGEST", "query_of"]

LONGEST = 2_000
"""Characters of a question to memory; a longer prompt is cut to its telling sentences."""


def query_of(typed: str, wording: Wording) -> str:
    """Return *typed*, or of a long one the sentences with the most telling words and its end, in their order."""
    if len(typed) <= LONGEST:
        return typed
    parts = [typed[start:end] for start, end in sentences(typed)]
    told = [wording.told_by(terms(part)[0]) for part in parts]
    told[-1] = max(told[-1], 1.0)
    room, chosen = LONGEST, []
    for position in sorted(range(len(parts)), key=lambda position: -told[position]):
        if told[position] and room > 0:
            chosen.append(position)
            room -= len(parts[position])
    return "".join(parts[position] for position in sorted(chosen))[:LONGEST]
