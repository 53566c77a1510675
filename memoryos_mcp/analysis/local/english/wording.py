"""
Putting what was said into short lines: "my kids" is "kids", side remarks are cut, the date follows in brackets.

Style: no subject for the speaker ("Moved to Oslo (May 2023)", "Works as a nurse"), others by their relation ("Sister
Anna is a nurse"), at most 120 characters, no full stop.
"""

import re
from datetime import datetime

from ....text.dates import describe
from .parse import Clause
from .verbs import HABITS, third_person

__all__ = ["LONGEST", "capital", "dated", "line", "name_case", "predicate", "shorten"]

LONGEST = 120
_JOINS = (
    r"(?:and then|and so|and|but|so|because|since|as|when|while|that|which|who|where|if|until|before|after|"
    r"though|although|"
    r"how|what|why|even if|so that|like|than)"
)
_BE = r"(?:is|are|was|were|has|have|had)"
_CUTS = (
    # a side clause with its own subject: "because I ...", "that it ...", "and things are ..."
    rf",?\s+{_JOINS}\s+(?:I|we|it|it's|they|he|she|you|my|this|that|there|there's|"
    rf"(?:things|everything|life|the \w+|their \w+) {_BE}|"
    r"the (?:kids|whole))\b.*",
    r",?\s+and [\w ]{1,30} (?:can|could|will|would|is|are|was|were) .*",
    r",?\s+(?:which|where|who)\s.*",
    rf",\s+(?:things|everything|life|the \w+) {_BE}\b.*",
    r",\s+(?:it|so|such|really|very|what|not|just|even|and it|it's|lol|haha)\b.*",
    r"\s+that (?:gives?|makes?|brings?|helps?|lets?|keeps?) (?:me|us)\b.*",
    # a relative clause without a joint: "a shelter I volunteer at"; what is joined on by "and" goes with it
    r"(?:,? and (?:the |my |a )?\w+(?: \w+)?)?\s+\b(?:I|we|you|he|she|they|it)\b\s.*",
    # feelings and judgements behind what happened
    r"\s+(?:so much|a lot|very much|lol|haha)(?=\s*$)",
    r",?\s+'?(?:cause|cuz)\s.*",
    r",?\s+and (?:feel(?:ing|s)?|felt|(?:had|have|having) (?:a|an|so|such|lots)|(?:have|has|had) been|"
    r"found (?:it|that)|am|was|were|is|are|it|"
    r"new to|very|so|glad|happy|proud|excited|hoping|currently|also|hoping|loving (?:it|every)|loved it|really|"
    r"even|'?m)\b.*",
    r"\s+had a (?:blast|great time)\b.*",
    r",?\s+but (?:have|has|had|not|never|no|still|am|is|it|\w+ing)\b.*",
)
_INNER = re.compile("|".join(_CUTS))
_CHILD = re.compile(
    r",?\s+(?:when|since|as) I was (?P<age>\d{1,2}|young(?:er)?|little|small|"
    r"a (?:little )?(?:kid|child|teenager|boy|girl)|in (?:\w+ )?\w+)\b.*"
)
_OWN = re.compile(r"\b(?:my|our) (?:own )?", re.IGNORECASE)
_OF_OWN = re.compile(r"\s+(?:of my own|on my own|by myself|for myself)\b")
_CALLED = re.compile(r"(?<![A-Z])(?<=[a-z]),\s+(?!I\b)[A-Z][a-z]+\s*$")
_PLACE = re.compile(r"\bat (?:my|our) (?:place|house)\b")
_RECENTLY = re.compile(
    r",?\s+(?:recently|not long ago|a while (?:ago|back)|lately|just now|these days|nowadays|at the moment|"
    r"right now|currently)\b"
)
_TO_ME = re.compile(r"\s+(?:for|to|with|on|of|at|from|near|around|(?:just )?like) (?:me|us)\b(?! to\b)")
_TAIL = re.compile(
    r"(?:[\s,]+(?:too|as well|though|lol|haha+|now|for sure|you know|or something|and stuff|and things|"
    r"to be honest|tbh|at the moment|right now|"
    r"currently|already|recently|lately|these days|nowadays|anymore|any more|of course|obviously|instead|today|"
    r"again|and|or|but|with|to|of|in|at|for|the|a|on|"
    r"so far|by the way|btw|actually|please|thanks|really|just|first|still|either|also|then|that|which|because|"
    r"as|like|very|so|from|about|since|until|etc))+\s*$",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?:,| and| but| -| while| after| before| because| so| for| with| by| in order)\s")


def shorten(text: str, limit: int = LONGEST) -> str:
    """Return *text* cut to what stands by itself: no side clauses, no "my", no fillers, at most *limit* characters."""
    child = _CHILD.search(text)
    young = ""
    if child:
        age = child["age"]
        young = f" at {age}" if age.isdigit() else f" {age}" if age.startswith("in ") else " when young"
        text = text[: child.start()]
    text = _RECENTLY.sub("", f" {text}")
    text = _INNER.sub("", text)
    text = _PLACE.sub("at home", _called_off(text))
    text = _TO_ME.sub("", _OF_OWN.sub("", text))
    text = re.sub(r"\bmyself\b", "oneself", _OWN.sub("", text))
    text = re.sub(r"\bme\b", "the user", text, count=1).replace(" me ", " ")
    text = re.sub(r"\b(?:super|really|so|very|totally|absolutely|literally|actually|just|pretty) (?=\w)", "", text)
    text = _trim(text)
    if len(text) > limit:
        at = max((match.start() for match in _BREAK.finditer(text, 30, limit)), default=0)
        text = _trim(text[:at] if at else text[:limit].rpartition(" ")[0])
    return text + young


def _called_off(text: str) -> str:
    """Take a name that is called at the end ("with the business, Jon") off; "Paris, France" stays."""
    match = _CALLED.search(text)
    return text[: match.start()] if match and not re.search(r"\b[A-Z][\w'-]*$", text[: match.start()]) else text


def _trim(text: str) -> str:
    text = " ".join(text.split()).strip(" ,.;:!-")
    for _ in range(3):
        text = _TAIL.sub("", text).strip(" ,.;:!-")
    if text.count('"') % 2:
        text = text.replace('"', "")
    return text


def predicate(clause: Clause) -> str:
    """Return the verb phrase in the style of the lines: "Works as a nurse", "Has been volunteering at a shelter"."""
    rest = shorten(clause.rest)
    words = f"{_verb(clause)} {rest}".strip()
    usual = " ".join(each for each in clause.adverbs if each != "originally")
    if usual:
        words = re.sub(r"^has ", f"has {usual} ", words) if words.startswith("has ") else f"{usual} {words}"
    if clause.form == "present" and not clause.negated:
        words = _COORDINATED.sub(lambda match: f"{match[1] or match[3]}{third_person(match[2] or match[4])}", words)
    lead = _kept_lead(clause.lead)
    return f"{words} {lead}".strip() if lead and lead.lower() not in words.lower() else words


_BARE = "|".join(sorted(HABITS - {"work", "use", "fish", "dance", "paint", "travel", "camp", "craft"}))
_COORDINATED = re.compile(rf"((?:,|\band|\bor) )({_BARE})(?= (?!and\b|or\b)\w)|(, )({_BARE})(?=,)")


def _verb(clause: Clause) -> str:
    no = "not " if clause.negated else ""
    forms = {
        "be": f"{'was' if clause.past else 'is'} {no}".strip(),
        "have": "had" if clause.past else f"{'does not have' if no else 'has'}",
        "past": f"did not {clause.verb}" if clause.negated else clause.word,
        "present": f"does not {clause.verb}" if clause.negated else third_person(clause.verb),
        "progressive": f"{'was ' if clause.past else ''}{no}{clause.word}",
        "perfect": f"has {no}{clause.word}",
        "ongoing": f"has {no}been {clause.word}",
        "future": f"plans {no}to {clause.verb}",
        "want": f"{'wanted' if clause.past else 'wants'} {no}to {clause.verb}",
        "used": f"used to {clause.verb}",
        "can": f"can {no}{clause.verb}",
        "duty": clause.word,
    }
    return forms[clause.form]


def _kept_lead(lead: str) -> str:
    """Return an opening that says how often or on what occasion; others say little."""
    lead = _OWN.sub("", lead)
    if (
        re.match(r"(?:on|in|every|each|after|before|once|twice|at|during|most) ", lead, re.IGNORECASE)
        and len(lead.split()) <= 5
    ):
        kept = re.match(
            r"(?:on (?:weekends|weekdays|\w+days)|in (?:free|spare) time|"
            r"in the (?:mornings?|evenings?|afternoons?)|every .+|each .+|"
            r"(?:after|before) (?:work|school|dinner|bed)|"
            r"(?:once|twice) a .+|at (?:night|work|school|home)|in (?:\d{4}|college|high school|school|university))$",
            lead,
            re.IGNORECASE,
        )
        return lead[0].lower() + lead[1:] if kept else ""
    return "since childhood" if lead.lower() == "growing up" else ""


def line(text: str, date: str = "") -> str:
    """Return *text* as a line: its first letter a capital, *date* in brackets behind it."""
    return f"{capital(text)} ({date})" if date and date not in text else capital(text)


def dated(text: str, date: str, clause: Clause, when: datetime) -> str:
    """Return the line of an event; one called recent and without a date gets the month it was told in."""
    if not date and clause.recent and clause.form in ("past", "perfect") and not re.search(r"\b(?:19|20)\d\d\b", text):
        date = "around " + describe(when.date(), when.date()).split(" ", 1)[1]
    return line(text, date)


def capital(text: str) -> str:
    """Return *text* with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def name_case(text: str) -> str:
    """Return a proper name typed in lower case ("oslo, norway") with capitals; one with capitals as it is."""
    return (
        text
        if text != text.lower()
        else re.sub(r"\b(?!(?:of|the|and|in|near)\b)[a-z]", lambda match: match[0].upper(), text)
    )
