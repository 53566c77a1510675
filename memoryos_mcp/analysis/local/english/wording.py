"""
Putting what was said into short lines: "my kids" is "kids", side remarks are cut, the date follows in brackets.

Style: no subject for the speaker ("Moved to Oslo (May 2023)", "Works as a nurse"), others by their relation ("Sister
Anna is a nurse"), at most 120 characters, no full stop.
"""

import re

from .verbs import base_of_past, third_person

__all__ = ["LONGEST", "capital", "in_third_person", "line", "name_case", "shorten"]

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


def in_third_person(sentence: str) -> str:
    """Return a sentence with "I" at its front in the style of the lines: "I use tabs" is "Uses tabs"."""
    found = _FIRST_PERSON.match(sentence)
    if not found:
        return sentence.strip(" .!")
    rest = sentence[found.end() :].strip(" .!")
    words = rest.split(" ")
    before = " ".join(words[:-1] if len(words) == 1 else [])
    if found["am"]:
        return f"Is {rest}"
    if found["have"]:
        return f"Has {rest}"
    at = 1 if words[0].lower() in _BETWEEN and len(words) > 1 else 0
    if words[at].lower() in ("don't", "dont") or words[at : at + 2] == ["do", "not"]:
        rest = " ".join(words[at + 1 :]).removeprefix("not ")
        return f"Does not {rest}"
    if words[at].lower() in _MODAL:
        return sentence.strip(" .!")
    words[at] = words[at] if base_of_past(words[at]) else third_person(words[at].lower())
    return f"{before}{' '.join(words)}".strip()


_FIRST_PERSON = re.compile(r"^(?:(?P<am>i'?m|i am)|(?P<have>i'?ve|i have)|i)\s+", re.IGNORECASE)
_BETWEEN = frozenset(
    [
        "always",
        "only",
        "also",
        "never",
        "usually",
        "mostly",
        "still",
        "just",
        "really",
        "personally",
        "now",
        "generally",
        "mainly",
    ]
)
_MODAL = frozenset(
    ["can", "can't", "cannot", "will", "won't", "would", "should", "must", "may", "might", "could", "want", "need"]
)


def line(text: str, date: str = "") -> str:
    """Return *text* as a line: its first letter a capital, *date* in brackets behind it."""
    return f"{capital(text)} ({date})" if date and date not in text else capital(text)


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
