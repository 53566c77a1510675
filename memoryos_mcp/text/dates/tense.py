"""
Whether a sentence speaks of what was or of what will be, for dates that do not say it themselves ("on Friday").

A guess from a few verb forms near the date; no parsing.
"""

import re

from .vocabulary import MONTH, WEEKDAY

__all__ = ["sentence_bounds", "speaks_of_future"]

_STARTS = (
    r"(?:leaves?|arrives?|starts?|begins?|ends?|opens?|closes?|fl(?:y|ies)|lands?|departs?|returns?|moves?|expires?|"
    r"meets?|gets?|plays?|comes?|go(?:es)?|travels?|turns?|marr(?:y|ies)|retires?|graduates?|takes? place|runs? out|"
    r"renews?|happens?|resumes?|reopens?|premieres?|i (?:see|have|visit|call|talk to))"
)
"""Verbs whose present tense, beside a day, tells what is planned."""
_SET = r"(?:scheduled|planned|booked|arranged|reserved|slated|set|moved|postponed|pushed|rescheduled|delayed)"
_ON_A_DAY = (
    rf"(?= (?:{WEEKDAY}|{MONTH}|(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {MONTH}|"
    r"the \d{1,2}(?:st|nd|rd|th)\s*[.,;!?]))"
)
_PRESENT = (
    rf"{_STARTS}|is|are|isn'?t|am|(?:it|that|there|he|she|what|when)['\u2019]s|"
    r"(?:i['\u2019]m|(?:we|they|you)['\u2019]re)|['\u2019]s(?= (?:on|at|in)\b)"
)
_COMING = (
    rf"(?:['\u2019]ve|have|has) got(?: an?| my| our| the)?|(?<!was )(?<!were ){_SET}\b[^.!?;,\n]{{0,40}}?"
    rf" (?:for|to|until|till){_ON_A_DAY}|"
    r"will|won'?t|'ll|shall|going to|gonna|about to|plan(?:s|ning)?|hop(?:e|es|ing) to|want(?:s)? to|"
    r"looking forward|can'?t wait|excited for|upcoming|coming up|next|soon|tomorrow|due|deadline|scheduled|need to|"
    r"have to|has to|ha(?:ve|s) an?|have my|"
    r"remind|book(?:ing)? (?:a|me)|should|(?:am|are|is|'m|'re|'s) \w{2,}ing|starts|begins|turns"
)
_FUTURE = re.compile(rf"\b(?:{_PRESENT}|{_COMING})\b|'ll\b")
_SURELY = re.compile(rf"\b(?:{_COMING})\b|'ll\b")
_PAST = re.compile(
    r"(?<!you )(?<!getting )(?<!get )(?<!be )(?<!am )(?<!is )(?<!are )(?<!'m )(?<!'re )\b"
    r"(?!(?:need|hundred|speed|indeed|feed|seed|breed|weed|deed|greed|shed|sled|naked|wicked|fred|alfred)\b)"
    r"(?:(?:is|are|dates?) from|(?:photo|pic|picture|snapshot|souvenir|memory|memorie)s?|\w{2,}ed|was|were|wasn'?t|"
    r"weren'?t|did|didn'?t|had|went|got|saw|made|took|came|bought|gave|found|met|ate|told|said|"
    r"thought|felt|began|won|lost|ran|wrote|spent|left|drove|flew|sold|built|taught|caught|broke|fell|grew|knew|held|"
    r"kept|read|heard|sang|slept|spoke|swam|threw|wore|paid|brought|became|chose|rode|sent|hung|hurt|put|quit|since)\b"
)
_PLANNED = re.compile(
    r"\b(?:appointment|interview|meeting|exam|test|flight|train|surgery|operation|wedding|party|deadline|trip|concert|"
    r"match|game|shift|class|lesson|hearing|delivery|check-?up|scan|rehearsal|recital|presentation|graduation|"
    r"reservation|dinner|lunch|visits?|dentist)s?\b"
)
"""What is planned for a day: where no verb tells the tense, it lies ahead."""
_STOP = ".!?;\n"
_REACH = 200


def sentence_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of the sentence around [start, end), at most 200 characters to either side."""
    low, high = max(0, start - _REACH), min(len(text), end + _REACH)
    first = max(text.rfind(mark, low, start) for mark in _STOP) + 1
    later = [at for at in (text.find(mark, end, high) for mark in _STOP) if at >= 0]
    return max(first, low), min(later, default=high)


def speaks_of_future(text: str, start: int, end: int, *, surely: bool = False) -> bool | None:
    """
    Return True for the future, False for the past, None when the clause around [start, end) shows neither.

    A bare present ("my exam is on Friday") counts as the future unless *surely*. Beyond a comma stands another clause,
    with a tense of its own: "I got the job, I start on 1 May".
    """
    first, last = sentence_bounds(text, start, end)
    first = max(first, text.rfind(",", first, start) + 1)
    last = next((at for at in (text.find(",", end, last),) if at >= 0), last)
    future = _distance(_SURELY if surely else _FUTURE, text, first, last, start, end)
    past = _distance(_PAST, text, first, last, start, end)
    if future is None and past is None:
        return True if not surely and _PLANNED.search(text, first, last) else None
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
