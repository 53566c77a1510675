"""
Contractions and chat spelling written out: "I'm gonna" is "I am going to".

A list of replacements in order; nothing is understood.
"""

import re
from functools import lru_cache

__all__ = ["regular"]

_SPELLING = (
    (re.compile(r"\b[Ii]'?m\b(?!')"), "I am"),
    (re.compile(r"\bi\b(?=[ '])"), "I"),
    (re.compile(r"\b[Ii]'?ve\b"), "I have"),
    (re.compile(r"\bI'll\b"), "I will"),
    (
        re.compile(
            r"\bI'd (?=(?:really |also |absolutely |rather )?(?:love|like|prefer|be|say|rather|recommend|"
            r"suggest|have to)\b)"
        ),
        "I would ",
    ),
    (re.compile(r"\bI'd\b"), "I had"),
    (re.compile(r"\b([Ww])e're\b"), r"\1e are"),
    (re.compile(r"\b([Ww])e've\b"), r"\1e have"),
    (re.compile(r"\b([Ww])e'll\b"), r"\1e will"),
    (re.compile(r"\b([Ww])e'd (?=love|like)"), r"\1e would "),
    (re.compile(r"\b([Ww])e'd\b"), r"\1e had"),
    (re.compile(r"\b(?:can't|cant|cannot)\b"), "can not"),
    (re.compile(r"\b(?:won't|wont)\b"), "will not"),
    (re.compile(r"\b(do|did|is|are|was|were|have|has|had|would|could|should|does)n'?t\b"), r"\1 not"),
    (re.compile(r"\b[Ww]anna\b"), "want to"),
    (re.compile(r"\b(?:[Mm]y|[Oo]ur) (?:(?!is\b|are\b|was\b|has\b|name\b)[\w'-]+ ){1,4}and I\b"), "we"),
    (re.compile(r"\b[Gg]onna\b"), "going to"),
    (re.compile(r"\b[Gg]otta\b"), "have to"),
    (re.compile(r"(?<!\w)'?(?:cause|cuz|cos)\b(?= (?:I|we|my|it|they|he|she|the)\b)"), "because"),
    (re.compile(r"\b(\w{3,}in)'(?=\s|$)"), r"\1g"),
    (re.compile(r"\b(?:kinda|sorta|sort of|kind of|like,)\s+"), ""),
    (re.compile(r"\b([Mm]y|[Oo]ur) ((?:[\w-]+ ){0,2}[\w-]+)'s (?=(?:been|got)\b)"), r"\1 \2 has "),
    (
        re.compile(
            r"\b([Mm]y|[Oo]ur) ((?:[\w-]+ ){0,2}[\w-]+)'s "
            r"(?=(?:an?|in|from|also|very|really|so|allergic|called|named|"
            r"(?!(?:wedding|meeting|training|building|morning|evening|clothing|painting|drawing|opening|hearing|housewarming|christening|"
            r"reading|recording|outing|screening|closing|viewing|fitting|booking|writing|spelling|nothing|parking|screening)\b)\w+ing)\b)"
        ),
        r"\1 \2 is ",
    ),
    (
        re.compile(
            r"\b(\w{3,})'s (?=(?:an?|my|our|so|such|really|very|not|about|pretty|super|allowed|always|definitely)\b)"
        ),
        r"\1 is ",
    ),
    (re.compile(r"\b(\w{3,})'s (?=been\b)"), r"\1 has "),
    (re.compile(r"\b([Mm]y (?:\w+ )?name)'s\b"), r"\1 is"),
    (re.compile(r"\b(I|we|We) (have) got (?=(?:a|an|two|three|four|five|six|\d+|my|no|this|some|so|to)\b)"), r"\1 \2 "),
)


_MAY_CHANGE = re.compile(
    r"['\u2019]|\b(?:[Ii]m|[Ii]ve|i|cant|cannot|wont|(?:do|did|is|are|was|were|have|has|had|would|could|should|does)nt|"
    r"[Ww]anna|and I|[Gg]onna|[Gg]otta|cause|cuz|cos|kinda|sorta|sort of|kind of|like,|have got)(?!\w)"
)
"""What one of the replacements above needs; a text without it is left alone."""


@lru_cache(maxsize=512)
def regular(text: str) -> str:
    """Return *text* with contractions and chat spelling written out: "I'm gonna" is "I am going to"."""
    if not _MAY_CHANGE.search(text):
        return text
    for pattern, put in _SPELLING:
        text = pattern.sub(put, text)
    return text
