"""What the speaker studies or studied."""

import re

from ..english.lexicon import content_words
from ..english.wording import line, shorten
from .note import Note, Said

__all__ = ["study"]

_STUDY = re.compile(
    r"^(?:I|we) (?:currently |now |also |just |recently |actually )*(?P<v>study|am studying|major in|"
    r"am majoring in|majored in|am doing (?:my|a) (?:phd|master'?s|masters|bachelor'?s|degree)|"
    r"am getting my (?:phd|master'?s|masters|degree)|am pursuing (?:my|an?)|"
    r"am working on my (?:phd|thesis|master'?s|masters|dissertation)|"
    r"studied|graduated (?:from|in|with)|go to|"
    r"am in (?:my )?(?:first|second|third|fourth|final|freshman|sophomore|junior|senior)[- ]year|"
    r"have (?:a|my) (?:phd|degree|master'?s|masters|bachelor'?s|doctorate)|"
    r"got my (?:phd|degree|master'?s|masters|bachelor'?s)|am enrolled (?:in|at)|am a student)\b(?P<p>.*)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"\b(?:for (?:my|an?|the) (?:exam|test|quiz|final)|hard|abroad|a lot|for it|them|it)\b")


def study(said: Said) -> list[Note]:
    """Return what a clause says of the speaker's studies and degrees."""
    match = _STUDY.match(said.text)
    if not match or _SUBJECT.search(match["p"]) or match["p"].startswith((" and ", " or ", ",")):
        return []
    verb, rest = match["v"], shorten(match["p"])
    if verb == "go to":
        if not re.search(
            r"\b(?:University|College|School|high school|college|university|law school|med(?:ical)? school|"
            r"art school|community college)\b",
            rest,
        ):
            return []
        return [Note(f"Goes to {rest}", "study", (("education", rest),), weight=2.5)]
    if not content_words(rest) and verb not in ("am a student",) and "year" not in verb:
        return []
    if verb.startswith(("studied", "graduated", "majored")):
        return [Note(line(f"{verb} {rest}", said.date), "", weight=2.5)]
    words = re.sub(r"^am (?:doing|getting|pursuing|working on) (?:my |an? )?", "doing a ", verb)
    words = re.sub(r"^am an? ", "is a ", re.sub(r"^(?:have|got) (?:an?|my) ", "has a ", words))
    words = re.sub(r"^(?:study|am studying)$", "studies", re.sub(r"^(?:am majoring|major) in$", "majors in", words))
    words = re.sub(r"^am in (?:my )?", "in ", re.sub(r"^am enrolled", "enrolled", words))
    what = "" if words.startswith(("studies", "majors")) else re.sub(r"^(?:is|has|doing) a ", "", words)
    key = "degree" if words.startswith("has") else "study"
    return [Note(line(f"{words} {rest}".strip()), key, (("education", f"{what} {rest}".strip()),), weight=2.5)]
