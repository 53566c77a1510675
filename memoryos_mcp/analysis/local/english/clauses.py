"""
Splitting a sentence into clauses that each say one thing of the speaker, with chat spelling made regular.

"Can you help me, I'm a nurse in Leeds and new to this" holds one: "I am a nurse in Leeds and new to this". What stands
under a condition, in reported speech or about "you" is left out. No meaning is read here.
"""

import re

from ..rules import pattern_of
from .prose import Sentence
from .spelling import regular

__all__ = ["clauses", "opened", "without_greeting"]

_SUBJECT = (
    r"(?:everyone|everybody|people|most people|call me|please call|I|we|my|our|it|its|they|their|he|his|she|"
    r"her|you|your|this|that|these|those|there|what|how|can you|could you|please|the)\b"
)
_SPLIT = pattern_of("clauses", "split")
_CONNECTOR = pattern_of("clauses", "connector")
_GREETING = pattern_of("clauses", "greeting")
_LEAD = pattern_of("clauses", "lead")
_VOCATIVE = pattern_of("clauses", "vocative")
_OPENING = pattern_of("clauses", "opening")
_SECOND = pattern_of("clauses", "second")
_NAME_ALONE = re.compile(r"(?:^|\bwith )[A-Z][a-z]+$")
_KIN_NEXT = re.compile(r"^(?:my|our) [\w-]+(?: \w+)?$")
_OPENER = pattern_of("clauses", "opener")
_LED = pattern_of("clauses", "led")
_LATELY = re.compile(
    r"^(?:recently|lately|nowadays|these days|currently|at the moment|right now|at present),? (?=(?:I|we|my) )",
    re.IGNORECASE,
)
_PARTICIPLE = pattern_of("clauses", "participle")
_BARE_VERB = pattern_of("clauses", "bare_verb")
_HERE = pattern_of("clauses", "here")
_KIN = pattern_of("clauses", "kin")
_STATE = pattern_of("clauses", "state")
_UNSURE = pattern_of("clauses", "unsure")
_ASKING = pattern_of("clauses", "asking")
_RUN_ON = pattern_of("clauses", "run_on")


def clauses(sentence: Sentence) -> list[str]:
    """Return the clauses of *sentence* that may say something of the speaker, in order, without their fillers."""
    text = _RUN_ON.sub("; ", _bare(regular(sentence.text)))
    found = [_subject_given(_bare(part)) for part in _rejoined([part for part in _SPLIT.split(text) if part])]
    if sentence.asks and len(found) == 1:
        return []
    return [_unlonger(each) for part in found if part and not _asks(part) for each in _coordinated(part)]


def _subject_given(part: str) -> str:
    """Give a clause its "I": "based in Oslo", "started a new job", "On weekends I volunteer", "Nurse here"."""
    led = _LED.match(part)
    if led:
        part = f"{part[led.end() :]} {led['when'].lower()}"
    part = _LATELY.sub("", part)
    if _HERE.match(part):
        said = re.sub(r" (?:over )?here(?:,.*)?$", "", part)
        return f"I am {said[0].lower()}{said[1:]}"
    if _PARTICIPLE.match(part):
        return f"I am {part[0].lower()}{part[1:]}"
    return f"I {part[0].lower()}{part[1:]}" if _BARE_VERB.match(part) else part


def _rejoined(parts: list[str]) -> list[str]:
    """Put an opening that only says when or where ("Last week", "On weekends") back before what it opens."""
    found: list[str] = []
    for part in parts:
        if found and (_OPENING.match(found[-1]) or (_NAME_ALONE.search(found[-1]) and _KIN_NEXT.match(part))):
            found[-1] = f"{found[-1]}, {part}"
        else:
            found.append(part)
    return found


def _coordinated(part: str) -> list[str]:
    """Give a second verb that tells a slot its subject back: "I am 34 and live in Oslo" is two clauses."""
    kin = _KIN.match(part)
    if kin:
        return [f"{kin['who']} {kin['first']}", f"{kin['who']} {kin['second']}"]
    match = _SECOND.match(part)
    if match is None or _UNSURE.search(match["first"]):
        return [part]
    return [match["first"], f"I {'am ' if _STATE.match(match['second']) else ''}{match['second']}"]


def _unlonger(part: str) -> str:
    """Write "I am no longer vegan" as "I am not vegan anymore", the form the claims read."""
    return re.sub(r"^(I am|we are) no longer (.+)$", r"\1 not \2 anymore", part)


def _bare(text: str) -> str:
    """Take greetings, fillers and names called off the front, and stray marks off both ends."""
    for _ in range(5):
        before = text
        text = text.strip(" ,.!-'" if text.count('"') % 2 == 0 else " ,.!-'\"")
        for pattern in (_GREETING, _LEAD, _CONNECTOR, _VOCATIVE):
            text = pattern.sub("", text, count=1)
        if text == before:
            break
    return text[0].lower() + text[1:] if re.match(r"(?:My|Our|We)\b", text) else text


def _asks(part: str) -> bool:
    return bool(_ASKING.match(part))


def opened(text: str) -> str:
    """Return *text*, in its own spelling, without the greeting and fillers it opens with."""
    return _OPENER.sub("", _GREETING.sub("", text.strip(), count=1), count=1).strip(" ,") or text


def without_greeting(text: str) -> str:
    """Return *text* without the greeting and fillers it opens with; all of it when nothing else would be left."""
    return _bare(text) or text
