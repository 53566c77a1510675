"""
What the assistant said of itself, recommended or promised: from the other side of a page.

Recommendations count only with something definite in them (a title, a name, a way to do a thing); what every
assistant says ("as an AI ...", "I'm glad to hear that", "I can help") does not.
"""

import re
from datetime import datetime

from .claims.note import Note
from .english.clauses import clauses
from .english.lexicon import content_words, is_technical
from .english.prose import sentences
from .english.verbs import EVENTS, HABITS
from .english.wording import line, shorten
from .extract import extract

__all__ = ["assistant_notes"]

_MOST = 2
_OWN_LIMIT = 700
_ADVISE = re.compile(
    r"^(?:(?:then|so|in that case|if so|for [^,]{1,40}|in [^,]{1,30}|personally),? )?(?:I|we) (?:would |can |"
    r"could |also |highly |"
    r"really |strongly |definitely |personally |just |do |might |will )*(?P<v>recommend|suggest|advise|"
    r"propose)(?:ed|d)? "
    r"(?:that )?(?:to )?(?P<you>you (?:should |could |can |might |to )?)?(?P<o>.+)",
    re.IGNORECASE,
)
_MY_ADVICE = re.compile(
    r"^my (?:recommendation|suggestion|advice|tip|favou?rite recommendation)s? (?:is|are|would be)(?: to)? (?P<o>.+)",
    re.IGNORECASE,
)
_TRY = re.compile(
    r"\b(?:[Yy]ou (?:can|could|should|might|may)(?: want to| also| consider)? (?:try|check out|read|watch|visit|"
    r"go see|listen to|look into|consider)|"
    r"(?:try|check out|go see|have a look at)) (?P<o>(?:.{0,80}?)(?:\"[^\"]+\"|[A-Z][a-z]+(?: [A-Z][a-z]+)+).*)"
)
_TITLES = re.compile(
    r"^(?P<o>(?:\"[^\"]+\"(?:,? (?:and |or )?)?)+) (?:is|are)(?: both| all)? (?:an? )?(?:great|good|excellent|"
    r"wonderful|highly|very|must|classic)",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"^(?:as )?I (?:have )?(?:already |just |previously )?(?P<v>told you|mentioned|said earlier|promised|"
    r"explained)(?: to you)? (?:about |that )?(?P<o>.+)",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"^I (?:will|promise to|am going to) (?:definitely |always |make sure to )?(?P<v>remind you|remember|"
    r"send you|let you know|keep (?:that |it )?in mind|call you|check (?:in|back)|bring you) ?(?P<o>.*)",
    re.IGNORECASE,
)
_BARE_VERBS = (
    EVENTS.keys()
    | HABITS
    | {
        "consider",
        "pay",
        "avoid",
        "keep",
        "focus",
        "spend",
        "ask",
        "check",
        "contact",
        "look",
        "prepare",
        "break",
        "rest",
        "follow",
        "add",
        "eat",
    }
)
_MACHINE = re.compile(
    r"\bas an? (?:AI|artificial|language|virtual|computer)|"
    r"\bI am (?:an? |your |just )?(?:AI|artificial|language model|virtual|digital|computer|chatbot|bot|here|"
    r"glad|happy|sorry|sure|always|able|unable|not able)|"
    r"\bI (?:can|could|cannot|do not have (?:feelings|emotions|personal))\b|"
    r"\bI (?:understand|see|hope|think|believe|agree|apologi[sz]e|appreciate)\b|language model|"
    r"\bAI companion\b|\bAI assistant\b",
    re.IGNORECASE,
)


def assistant_notes(text: str, when: datetime) -> list[Note]:
    """Return what an assistant's answer, given at *when*, says of the assistant or recommends."""
    if "```" in text:
        return []
    advice = [
        note
        for sentence in sentences(text)[:40]
        for part in clauses(sentence) or [sentence.text]
        if (note := _advice(part))
    ]
    seen: dict[str, Note] = {}
    for note in advice:
        seen.setdefault(note.text, note)
    own = [] if len(text) > _OWN_LIMIT or _MACHINE.search(text[:_OWN_LIMIT]) else extract(text, when).notes
    own = [
        note
        for note in own
        if not note.weak and not re.search(r"\bthe user\b|\byour?\b|\bit$| is a (?:great|good|fun) way\b", note.text)
    ]
    notes = [*list(seen.values())[:_MOST], *own[:_MOST]]
    return [note for note in notes if note.text][:3]


_READERS = (
    (_ADVISE, "Recommended"),
    (_MY_ADVICE, "Recommended"),
    (_TRY, "Recommended"),
    (_TITLES, "Recommended"),
    (_TOLD, "Told the user about"),
    (_PROMISE, "Promised to"),
)


def _advice(text: str) -> Note | None:
    """Return the first recommendation, mention or promise that a clause makes."""
    for pattern, verb in _READERS:
        match = pattern.search(text)
        if match:
            return _worded(verb, match)
    return None


def _worded(verb: str, match: re.Match[str]) -> Note | None:
    """Return the line of what a pattern found, or None when nothing definite is in it."""
    said = f"{match['v']} {match['o']}" if verb == "Promised to" else match["o"]
    said = re.sub(r"\b(remind|send|bring|call|let) you\b", r"\1 the user", said)
    what = shorten(re.sub(r"\byour\b", "", said))
    what = re.sub(r"^(?:to )?(?:try|trying) (?=\w+ing\b)|\s+(?:(?:for|to|with|and|that|if|as) )?you\b.*", "", what)
    vague = re.match(r"(?:it|that|this|them|doing (?:that|this|it))\b", what)
    if not content_words(what) or len(what) < 8 or is_technical(what) or vague:
        return None
    return Note(line(f"{verb} {_to(what, match) if verb == 'Recommended' else what}"), weight=1.5)


def _to(what: str, match: re.Match[str]) -> str:
    """Return *what* with "to" before a bare verb: "(I recommend you) consult a doctor"."""
    first = what.split(" ", 1)[0]
    told = bool(match.groupdict().get("you")) and first.islower() and not first.endswith("ing")
    return f"to {what}" if first in _BARE_VERBS or told else what
