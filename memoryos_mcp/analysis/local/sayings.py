"""
The sentences of a message that a summary may quote: prose with its code names, without code, tables, headings, links'
addresses, what hosts write, and the phrases with which assistants open and close.

For summaries only; facts are read from what `prose` leaves, which is stricter. Linear in the text, 3,000 characters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .keywords import terms_of
from .memo import remembered

__all__ = ["Saying", "sayings"]

_READ = 3_000
_SHORTEST = 8
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[`~]*|\Z)", re.DOTALL | re.MULTILINE)
_HOST = re.compile(
    r"<(?P<tag>[a-z][\w-]*(?:reminder|notification|command-\w+|stdout|stderr|caveat|hook|context|instructions|"
    r"_selection|_opened_file))\b[^>\n]{0,200}>.*?(?:</(?P=tag)>|\Z)|"
    r"\[(?:Request (?:interrupted|cancelled)|Image|Pasted text)[^\]\n]*\]",
    re.DOTALL,
)
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_ADDRESS = re.compile(r"https?://\S+")
_MARKS = re.compile(r"^\s*(?:[-*+\u2022]\s+|\d{1,3}[.)]\s+|>\s*)+|(?<![\w`])[*]{1,3}(?=\S)|(?<=\S)[*]{1,3}(?![\w`])")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s|\||[-=*_]{3,}\s*$)|^\s*\*\*[^*]{1,80}\*\*:?\s*$")
_END = re.compile(r"(?<=[.!?])[\"')\u201d\u2019]*\s+(?=\S)|(?<=[\u3002\uff01\uff1f])")
_PHRASE = re.compile(
    r"^(?:certainly|absolutely|of course|sure(?: thing)?|(?:great|good|excellent)(?: question)?|perfect|got it|"
    r"understood|no problem|you'?re (?:very )?welcome|thank(?:s| you)\b.{0,60}|i'?d be (?:happy|glad) to\b.{0,80}|"
    r"i(?:'m| am) (?:happy|glad|here) to (?:help|assist)\b.{0,60}|i understand\b.{0,20}|"
    r"that(?:'s| is| sounds) (?:a )?(?:great|good|wonderful|awesome|fantastic)\b.{0,30}|"
    r"let'?s (?:dive in|get started|break (?:it|this) down)\b.{0,40}|"
    r"(?:here(?:'s| is| are)|below (?:is|are)|to (?:help|get) (?:you )?started)\b.{0,120}:|"
    r"(?:let me know|feel free|don'?t hesitate|i hope (?:this|that)|if you (?:have|need|would like|want))\b.{0,120}|"
    r"would you like\b.{0,120}|(?:can|could) you (?:please )?help(?: me)?(?: with (?:this|that|it))?|"
    r"hi|hello|hey)[.!?,: ]*$",
    re.IGNORECASE,
)
_TITLE = re.compile(r"^[^.!?]{1,60}:\s*$")


@dataclass(frozen=True, slots=True)
class Saying:
    """One sentence, its keywords, and whether it asks."""

    text: str
    terms: frozenset[str]
    asks: bool


@remembered
def sayings(text: str) -> Sequence[Saying]:
    """Return the sentences of *text* worth quoting, in order."""
    prose = _ADDRESS.sub("", _LINK.sub(r"\1", _HOST.sub("\n", _FENCED.sub("\n", text[:_READ]))))
    found: list[Saying] = []
    for line in prose.split("\n"):
        if _HEADING.match(line):
            continue
        for part in _END.split(_MARKS.sub("", line)):
            said = " ".join(part.split())
            if len(said) >= _SHORTEST and not _PHRASE.match(said) and not _TITLE.match(said):
                found.append(Saying(said, frozenset(terms_of(said)), said.endswith(("?", "\uff1f"))))
    return tuple(found)
