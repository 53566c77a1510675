"""
Whether a sentence speaks of what was or of what will be, for dates that do not say it themselves ("on Friday").

A guess from a few verb forms near the date; no parsing.
"""

import re

__all__ = ["sentence_bounds", "speaks_of_future"]

_FUTURE = re.compile(
    r"\b(?:will|won'?t|'ll|shall|going to|gonna|about to|plan(?:s|ning)?|hop(?:e|es|ing) to|want(?:s)? to|"
    r"looking forward|"
    r"can'?t wait|excited for|upcoming|coming up|next|soon|tomorrow|due|deadline|scheduled|need to|have to|"
    r"has to|have an?|have my|"
    r"remind|book(?:ing)? (?:a|me)|should|(?:am|are|is|'m|'re|'s) \w{2,}ing|starts|begins|turns|is on|are on)\b|'ll\b"
)
_PAST = re.compile(
    r"(?<!you )(?<!getting )(?<!get )(?<!be )(?<!am )(?<!is )(?<!are )(?<!'m )(?<!'re )\b(?:\w{2,}ed|was|were|wasn'?t|"
    r"weren'?t|did|didn'?t|had|went|got|saw|made|took|came|bought|gave|found|met|ate|told|said|"
    r"thought|felt|began|won|lost|ran|wrote|spent|left|drove|flew|sold|built|taught|caught|broke|fell|grew|knew|held|"
    r"kept|read|heard|sang|slept|spoke|swam|threw|wore|paid|brought|became|chose|rode|sent|hung|hurt|put|quit|since)\b"
)
_STOP = ".!?;\n"
_REACH = 200


def sentence_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the sentence around [start, end), at most 200 characters to either side."""
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    first = max(text.rfind(mark, low, start) for mark in _STOP) + 1
    later = [at for at in (text.find(mark, end, high) for mark in _STOP) if at >= 0]
    return max(first, low), min(later, default=high)


def speaks_of_future(text: str, start: int, end: int) -> bool | None:
    """
    Return True for the future, False for the past, None when the clause around [start, end) shows neither.

    Beyond a comma stands another clause, with a tense of its own: "I got the job, I start on 1 May".
    """
    first, last = sentence_bounds(text, start, end)
    first = max(first, text.rfind(",", first, start) + 1)
    last = next((at for at in (text.find(",", end, last),) if at >= 0), last)
    future = _distance(_FUTURE, text, first, last, start, end)
    past = _distance(_PAST, text, first, last, start, end)
    if future is None and past is None:
        return None
    return past is None or (future is not None and future < past)


def _distance(signs: re.Pattern[str], text: str, first: int, last: int, start: int, end: int) -> int | None:
    """Return how far the nearest sign is from the date, in characters; one behind the date counts double."""
    best: int | None = None
    for sign in signs.finditer(text, first, last):
        if sign.start() < start < sign.end():
            continue
        far = start - sign.end() if sign.end() <= start else 2 * (sign.start() - end)
        best = far if best is None else min(best, far)
    return best
