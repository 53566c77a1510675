"""
From lines to traits: which of the 90 dimensions a line speaks of, and how high.

Interests from what somebody likes or does; personality only from what people say of themselves outright. One line
gives "medium", a strong word or several lines "high", a dislike "low".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...domain.records import (
    Level,
)
from .claims.note import Said
from .english.wording import line, predicate
from .interests import INTERESTS, interests

__all__ = ["Leaning", "leanings_of_line", "leanings_of_self", "raised"]

_LIKED = re.compile(
    r"^(?:Has always )?(?:(?P<strong>Loves?|loved|Passionate about|Obsessed with|Crazy about|"
    r"Is (?:an avid|a (?:huge|big|massive|lifelong|great)))|"
    r"(?P<plain>Likes|Enjoys|Prefers|Into|Keen on|Interested in|Fond of|Is a\b.* fan|Hobb(?:y|ies)|Interests?|"
    r"Plays|Practi[cs]es|Learning|Collects|Passion)|"
    r"(?P<not>Does not (?:like|enjoy|love)|Hates|Dislikes|Can't stand|No longer (?:likes|loves|enjoys)))\b"
)
_WHOLE = re.compile(
    r" (?:music|sports?|movies|films|reading|books|cooking|baking|travel(?:l?ing)?|dogs|cats|pets|animals|"
    r"(?:video )?games|gaming|dancing|art|painting|fashion|politics|the news|camping|hiking|museums|exercise|"
    r"exercising|the gym|running|anime|kids)$"
)
_PART_OF_LIFE = re.compile(r"part of life|is (?:passion|hobby|therapy|happy place|everything|escape|stress relief)")
_SELF: tuple[tuple[str, Level, str], ...] = (
    (
        "extraversion",
        "low",
        r"^I am (?:a bit |an? |very |really |quite |pretty |kind of |naturally |so )*(?:introvert(?:ed)?|shy|"
        r"quiet|reserved)\b",
    ),
    (
        "extraversion",
        "high",
        r"^I am (?:an? |very |really |quite |pretty |naturally |so )*(?:extrovert(?:ed)?|outgoing|sociable|"
        r"people person|social butterfly)\b",
    ),
    (
        "neuroticism",
        "high",
        r"^I (?:worry (?:a lot|too much|about everything|constantly)|"
        r"am (?:always |very |really |a |an |quite |so |often )*(?:anxious(?: person)?|worrier|worrywart|"
        r"insecure|moody|overthinker)\b|overthink|often (?:feel|get) (?:anxious|nervous)|"
        r"get (?:anxious|nervous|stressed) easily)",
    ),
    (
        "neuroticism",
        "low",
        r"^I (?:am (?:a |very |pretty |quite |generally )*(?:calm|laid[- ]back|easygoing|"
        r"easy-going)(?: person)?|rarely (?:worry|get stressed)|do not (?:worry much|stress easily))\b",
    ),
    (
        "openness",
        "high",
        r"^I (?:love|like|enjoy|am (?:always )?(?:up for|open to)) "
        r"(?:to )?(?:try(?:ing)? (?:out )?new (?:things|foods|experiences)|new experiences|learning new things|"
        r"adventures?)\b",
    ),
    (
        "conscientiousness",
        "high",
        r"^I am (?:a |very |really |quite |pretty |always |extremely )*(?:organi[sz]ed|disciplined|punctual|"
        r"hard[- ]?working|perfectionist|meticulous|detail-oriented)\b",
    ),
    (
        "conscientiousness",
        "low",
        r"^I (?:am (?:a |very |really |quite |pretty |always |so |terrible )*(?:disorgani[sz]ed|lazy|"
        r"procrastinator|messy|forgetful)|procrastinate|always procrastinate)\b",
    ),
    (
        "order",
        "high",
        r"^I (?:am (?:a |very |really |quite )*(?:tidy|neat(?: freak)?|clean freak|organi[sz]ed)|"
        r"(?:like|love|need) (?:things|everything|my (?:desk|house|room)) (?:to be )?(?:tidy|clean|neat|"
        r"organi[sz]ed|in order))\b",
    ),
    (
        "saving",
        "high",
        r"^I (?:save|put aside|set aside) .*(?:every month|each month|of my (?:salary|income|paycheck))|"
        r"^I am (?:very |quite |a )*(?:frugal|thrifty|good (?:at|with) (?:saving|money))\b",
    ),
    (
        "saving",
        "low",
        r"^I am (?:really |very |so )*(?:bad|terrible|awful) (?:at|with) (?:saving|money|budgeting)\b|"
        r"^I (?:spend too much|can not save)\b",
    ),
    (
        "investment_style",
        "high",
        r"^I (?:invest|trade|put (?:my|most)|bought|buy|day-?trade).*\b(?:crypto\w*|bitcoin|options|day trading|"
        r"meme stocks|leverage\w*|futures)\b",
    ),
    (
        "investment_style",
        "low",
        r"^I (?:only |mostly |mainly )?(?:invest|put|keep).*\b(?:index funds?|bonds|savings account|etfs?|"
        r"treasur\w+)\b",
    ),
    (
        "seclusion",
        "high",
        r"^I (?:need|prefer|like|love|enjoy|value) (?:to be|being|my|some|spending time|time)? ?(?:alone|"
        r"solitude|alone time|by myself|on my own)\b|"
        r"^I need (?:a lot of )?(?:alone time|time (?:alone|to myself))",
    ),
    (
        "conflict_handling",
        "low",
        r"^I (?:avoid|hate|do not like|can not stand|try to avoid) (?:conflicts?|confrontations?|arguments?|arguing)\b",
    ),
    (
        "conflict_handling",
        "high",
        r"^I (?:prefer to |always |like to )?(?:am (?:very )?direct|confront|speak my mind|say what I think)\b",
    ),
    (
        "autonomy",
        "high",
        r"^I (?:am (?:a |very |fiercely )*independent|"
        r"(?:like|prefer|need) (?:to )?(?:do(?:ing)? things my own way|work(?:ing)? independently|"
        r"be(?:ing)? independent|be(?:ing)? my own boss))\b",
    ),
    (
        "sleep",
        "high",
        r"^I (?:need|value|love|prioriti[sz]e) (?:my |at least |a good )?(?:(?:\w+ )?hours of sleep|sleep|"
        r"night's sleep)\b",
    ),
    (
        "sleep",
        "low",
        r"^I (?:only |rarely |hardly |barely )+(?:sleep|get|need) .*(?:hours|sleep)\b|^I do not (?:need|sleep) much\b",
    ),
    (
        "communication_style",
        "high",
        r"^(?:I (?:prefer|like|want) (?:short|brief|concise)|"
        r"please (?:be|keep (?:it|your (?:answers|replies|responses))) (?:short|brief|concise))\b",
    ),
    (
        "communication_style",
        "low",
        r"^I (?:prefer|like|want) (?:long|detailed|thorough|in-depth) (?:answers|explanations|replies|responses)\b",
    ),
    (
        "environmental_safety",
        "high",
        r"^I (?:am|have been) (?:really |very |deeply |so )*(?:worried|concerned|"
        r"passionate) about (?:the )?(?:environment|climate(?: change)?|pollution|global warming)\b",
    ),
    (
        "nurturance",
        "high",
        r"^I (?:love|enjoy|like) (?:helping|taking care of|caring for) (?:people|others|kids|children|"
        r"animals)\b|^I (?:am passionate about|want to) help(?:ing)? (?:people|others|kids|children)\b",
    ),
    (
        "achievement",
        "high",
        r"^I am (?:very |really |so |highly )*(?:ambitious|driven|goal-oriented|determined to succeed|competitive)\b",
    ),
    ("play", "high", r"^I (?:love|like|enjoy) (?:to )?(?:laugh(?:ing)?|jok(?:e|ing)(?: around)?|hav(?:e|ing) fun)\b"),
    ("abasement", "high", r"^I (?:always |often )?(?:blame myself|feel guilty)\b"),
    (
        "dominance",
        "high",
        r"^I (?:like|love|prefer|enjoy) (?:to )?(?:lead(?:ing)?|tak(?:e|ing) charge|be(?:ing)? in charge)\b",
    ),
    (
        "creative_expression",
        "high",
        r"^I (?:love|enjoy|like) (?:to )?(?:be(?:ing)? creative|creat(?:e|ing) (?:art|things|music)|"
        r"express(?:ing)? myself)\b",
    ),
    ("environmental_safety", "low", r"^I do not (?:care|worry) about (?:the )?(?:environment|climate)\b"),
)
_READ_SELF = tuple((name, level, re.compile(pattern, re.IGNORECASE)) for name, level, pattern in _SELF)


@dataclass(frozen=True, slots=True)
class Leaning:
    """Evidence for one trait: the dimension, how high, and the line that says so."""

    dimension: str
    level: Level
    evidence: str


def leanings_of_self(said: Said) -> list[Leaning]:
    """Return the traits of personality that a clause claims outright ("I am an introvert")."""
    clause = said.clause
    if clause is None or not clause.own or said.asks:
        return []
    matched = [(name, level) for name, level, pattern in _READ_SELF if pattern.match(said.text)]
    if not matched:
        return []
    evidence = line(predicate(clause))
    return [Leaning(name, level, evidence) for name, level in matched]


def leanings_of_line(text: str) -> list[Leaning]:
    """Return the interests that a line of taste gives evidence of ("Loves hiking"), at most three."""
    liked = _LIKED.match(text)
    if not liked and not _PART_OF_LIFE.search(text):
        return []
    strong = liked is None or bool(liked["strong"])
    level: Level = "low" if liked and liked["not"] else "high" if strong else "medium"
    if level == "low" and not _WHOLE.search(text):
        return []
    return [Leaning(name, level, text) for name in interests(text)[:3]]


def raised(leaning: Leaning, known: Iterable[str]) -> Leaning:
    """Return *leaning* at "high" when a known line of taste speaks of the same interest: evidence repeated."""
    if leaning.level != "medium":
        return leaning
    pattern = INTERESTS[leaning.dimension]
    again = any(
        text != leaning.evidence and (liked := _LIKED.match(text)) and not liked["not"] and pattern.search(text)
        for text in known
    )
    return replace(leaning, level="high") if again else leaning
