"""What the speaker is part of, responsible for, busy or worried with: clauses with "be" and a telling adjective."""

import re

from ..english.lexicon import content_words, is_technical
from ..english.wording import line, shorten
from .note import Note, Said

__all__ = ["occasion", "state"]

_BELONGING = re.compile(
    r"^(?:I|we) (?:am|are|have been|was|became|have become) (?:also |now |currently |officially |actively |"
    r"really |still )*(?P<s>(?:a |an |the |part-time |active |proud |founding |new |core |"
    r"volunteer )*(?:member|part|leader|head|captain|president|chair|organi[sz]er|owner|founder|co-founder|"
    r"volunteer|host|fan|ambassador|moderator|mentor)(?: of| at| for| in| on| to)|"
    r"responsible for|in charge of|involved (?:in|with)|on the .{3,30}(?:team|board|committee|council)|"
    r"in a (?:band|choir|club|relationship|book club|league|wheelchair|rock band|play)|enrolled in|"
    r"certified (?:in|as)|trained (?:in|as)|"
    r"known for|used to working|signed up for|registered (?:as|for)|engaged in|running for|descended from|"
    r"named after|trying out for) (?P<o>.+)"
)
_MIND = re.compile(
    r"^(?:I|we) (?:am|are|have been|was) (?:also |now |currently |really |very |so |a bit |a little |super |"
    r"pretty |kind of |quite |extremely |always |feeling |"
    r"getting )*(?P<s>(?:worried|nervous|anxious|stressed|concerned|sad|upset|heartbroken|frustrated|"
    r"overwhelmed|excited|thrilled|stoked|pumped|proud|determined|ready|eager|curious)"
    r"(?: out)? (?:about|for|by|with|to|of|because of)) (?P<o>.+)"
)
_GLAD = ("excited", "thrilled", "stoked", "pumped", "proud", "determined", "ready", "eager", "curious")
_POINTING = re.compile(
    r"\b(?:you|your|it|that|this|them|here|hear|see|share|say|know|help you|chat|talk|him|her|how|what|all the)\b",
    re.IGNORECASE,
)
_OCCASION = re.compile(
    r"^(?:my|our) (?P<w>(?:\w+ ){0,2}(?:flight|last day|exams?|wedding|anniversary|appointment|interview|surgery|"
    r"operation|graduation|due date|vacation|holiday|trip|recital|concert|"
    r"performance|race|marathon|move|deadline|visa|passport|lease|contract|train|reservation|checkup|check-up|"
    r"bus|game|tournament|presentation|party|baby shower|defense|defence|baby|first child|second child|"
    r"twins)(?: (?:to|at|with|for) [\w' ]{2,30}?)?) (?:is|are|starts?|begins?|expires?|ends?|takes place|"
    r"leaves?|will be)\b ?(?P<o>.*)$"
)


def occasion(said: Said) -> list[Note]:
    """Return the line of an occasion with its date: "My flight is on 12 June"."""
    match = _OCCASION.match(said.text)
    if not match or said.asks or not (said.date or re.search(r"\d", match["o"])):
        return []
    rest = shorten(said.text[match.end("w") :]) if match["o"] else ""
    return [Note(line(f"{match['w']} {rest}".strip(), said.date), weight=2)]


def state(said: Said) -> list[Note]:
    """Return the line a clause with "be" is worth, or none."""
    clause = said.clause
    if clause is None or not clause.own or clause.negated or said.asks or is_technical(said.text):
        return []
    match = _BELONGING.match(said.text)
    if match and not _POINTING.search(match["o"]):
        what = shorten(match["o"])
        if content_words(what) and not re.match(r"(?:fan|part) of (?:it|life)", f"{match['s']} {what}"):
            verb = "Was" if clause.past else "Is"
            return [Note(line(f"{verb} {match['s']} {what}", said.date), weight=2)]
    stayed = re.match(r"(?:I|we) was in (?P<p>[A-Z].*)", said.text) if said.date else None
    if stayed:
        return [Note(line(f"Was in {shorten(stayed['p'])}", said.date), weight=1.5)]
    match = _MIND.match(said.text)
    if not match or clause.past or _POINTING.search(match["o"]):
        return []
    what = shorten(match["o"])
    needed = 2 if match["s"].startswith(_GLAD) else 1
    if len(content_words(what)) < needed:
        return []
    return [Note(line(f"{match['s']} {what}", said.date), weight=1.0)]
