"""What matters to the speaker: hobbies, passions, dreams, and what does them good."""

import re

from ..english.lexicon import content_words, is_technical, words
from ..english.wording import line, shorten
from .likes import key_of, thing_of
from .note import Note, Said, first_of

__all__ = ["passion"]

_HOBBY = re.compile(
    r"^(?:my|our) (?:main |biggest |favou?rite |other |new |only )?(?P<k>hobby|hobbies|passion|passions|"
    r"interests?|dream|dream job|goal|biggest fear|fear|guilty pleasure|dream is|phobia|new year's resolution|"
    r"resolution|comfort food|pet peeve|life goal) (?:is|are|include|includes|has always been|has been|"
    r"would be)(?: to)? (?P<o>.+)",
    re.IGNORECASE,
)
_PASSION = re.compile(
    r"^(?P<o>(?!(?:it|that|this|they|their|his|her|its|stuff|things|having|being|seeing|which|what|there|he|"
    r"she|you|here|these|those|everything|something|nothing|one|being there|your|"
    r"the (?!support group|\w+ing))\b)[A-Za-z][\w' -]{2,40}?) (?:is|are|has been|has always been|"
    r"have always been|'s) (?:truly |really |such |definitely |also |still |pretty much |like |"
    r"kind of )*(?P<v>(?:a |an )?(?:huge |big |important |major |essential )?part of my life|"
    r"my (?:biggest |greatest |true |favou?rite |main )?(?:passion|hobby|escape|therapy|happy place|go-to|"
    r"outlet|stress relief|stress buster|thing|jam|guilty pleasure|comfort food|way (?:to|of) \w+|top pick|"
    r"first love|life|dream)\b|(?:like )?therapy for me|a passion of mine|"
    r"(?:so |really |super |very )*important to me|everything to me|special to me|"
    r"an? (?:fun|great|good) way (?:for me )?to (?:express|relax|unwind|destress|de-stress|clear|stay|"
    r"escape)\b)(?P<x>.*)",
    re.IGNORECASE,
)
_HELPS = re.compile(
    r"^(?P<o>(?!(?:I|we|gives|imagining|thinking|remembering|it|that|this|they|their|his|her|its|stuff|things|"
    r"all|having|being|knowing|seeing|hearing|which|what|there|he|she|you|your|surrounding|ourselves|these|"
    r"those|everything|something|nothing|one|the (?!support group|\w+ing))\b)(?:my )?[A-Za-z][\w' -]{2,40}?) "
    r"(?P<v>(?:always |really |also |just )*(?:helps?|has helped|have helped|helped|makes?|gives?|brings?|"
    r"keeps?|relaxes|calms|inspires?|motivates?|has taught|taught|has made|has given)) (?P<m>me|us)\b(?P<x>.+)",
    re.IGNORECASE,
)


def _hobby(said: Said) -> list[Note]:
    match = _HOBBY.match(said.text)
    if match:
        thing, kind = thing_of(match["o"]), match["k"].lower()
        if not thing:
            return []
        to = "to " if re.search(rf"\b(?:is|has always been|would be) to {re.escape(match['o'][:8])}", said.text) else ""
        plural = kind in ("hobbies", "passions", "interests")
        return [
            Note(
                line(f"{kind} {'are' if plural else 'is'} {to}{thing}", said.date),
                "" if kind in ("hobby", "hobbies", "interests", "passion", "goal") else kind,
                weight=2,
            )
        ]
    match = _PASSION.match(said.text)
    if match and content_words(match["o"]) and not said.asks:
        words = re.sub(r"\bmy \b|\bfor me \b", "", f"{match['o']} is {match['v']}")
        rest = (
            shorten(match["x"])
            if match["v"].endswith(("express", "relax", "unwind", "escape", "clear", "stay", "de-stress", "destress"))
            or "way" in match["v"]
            else ""
        )
        words = re.sub(r" is life$", " is everything", words.replace(" to me", "").replace(" for me", ""))
        return [Note(line(f"{_OWNER.sub('', words)} {rest}".strip()), key_of("likes", match["o"]), weight=1.75)]
    return []


_OWNER = re.compile(r"^(?:my|our) ", re.IGNORECASE)
_MATTERS = re.compile(
    r"^(?P<o>(?!(?:it|that|this|they|their|his|her|your|you|those|these|everything|something|"
    r"having you)\b)(?:my )?[A-Za-z][\w' -]{2,40}?) (?:really |truly |always |definitely )*(?P<v>matters?|"
    r"means?)(?P<x> (?:a lot|so much|the world|everything|the most))? to me\b",
    re.IGNORECASE,
)


def _matters(said: Said) -> list[Note]:
    match = _MATTERS.match(said.text)
    if not match or not content_words(match["o"]) or re.search(r"\b(?:you|your)\b", match["o"]):
        return []
    words_ = f"{_OWNER.sub('', match['o'])} {match['v']}{match['x'] or ''}"
    return [Note(line(words_), weight=1.25)]


def _helps(said: Said) -> list[Note]:
    match = _HELPS.match(said.text)
    if (
        not match
        or said.asks
        or len(content_words(match["o"])) < 1
        or re.search(r"\b(?:you|your|yourself)\b|\bit\b", said.text, re.IGNORECASE)
    ):
        return []
    rest = shorten(match["x"])
    if match["m"] == "us" or len(match["o"].split()) > 5 or re.search(r"\bme\b", match["o"]) or len(words(rest)) < 1:
        return []
    if len(content_words(f"{match['o']} {rest}")) < 2 and not re.match(r"\w+ing\b", match["o"]):
        return []
    return [Note(line(f"{_OWNER.sub('', match['o'])} {match['v']} the user {rest}"), weight=1.25)]


def passion(said: Said) -> list[Note]:
    """Return what a clause says of hobbies and of what does the speaker good."""
    found = first_of((_hobby, _matters, _helps), said)
    return [note for note in found if not is_technical(note.text)]
