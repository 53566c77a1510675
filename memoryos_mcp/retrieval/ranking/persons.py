"""
Whom a question is about: the user, the assistant, or nobody in particular.

"I", "my", "the user" and the user's name name the user; "you" and the assistant's name name the assistant. Phrases
that merely address whoever answers ("do you remember", "tell me") name nobody.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from ...domain.records import Side
from ...text import guess_language, words

__all__ = ["in_first_person", "names_one", "person_of", "without_names"]

_HAN_ADDRESSED = (
    r"[\u4f60\u60a8](?:\u8fd8|\u9084)?(?:\u8bb0\u5f97|\u8a18\u5f97|\u77e5\u9053)"
    r"|[\u4f60\u60a8](?:\u80fd|\u53ef\u4ee5|\u4f1a|\u6703)|\u544a\u8bc9\u6211|\u544a\u8a34\u6211"
)
_USER = re.compile(
    r"\b(?:i|i['\u2019](?:m|ve|d|ll)|me|my|mine|myself|(?:the )?user(?:['\u2019]s)?)\b|\u6211|\u79c1|\u50d5|\u4ffa",
    re.IGNORECASE,
)
_ASSISTANT = re.compile(
    r"\b(?:you|your|yours|yourself|you['\u2019](?:re|ve|d|ll)"
    r"|(?:the )?(?:assistant|chatbot)(?:['\u2019]s)?|the (?:ai|bot)(?:['\u2019]s)?)\b"
    r"|\u4f60|\u60a8|\u3042\u306a\u305f",
    re.IGNORECASE,
)
_BETWEEN = r"\b(?:ever|once|just|already|also|have|had|recently|previously|\s)*\s+"


_WORDS_TOO = frozenset(
    [
        "april",
        "art",
        "august",
        "dawn",
        "faith",
        "grace",
        "hope",
        "iris",
        "ivy",
        "joy",
        "june",
        "lily",
        "mark",
        "may",
        "rose",
        "summer",
        "will",
    ]
)
_NO_DATE_BEFORE = "".join(rf"(?<!\b{word} )" for word in ("in", "of", "on", "last", "next", "since", r"\d"))
_PRONOUNS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    language: (frozenset(user.split()), frozenset(assistant.split()))
    for language, user, assistant in (
        ("german", "ich mich mir mein meine meinen meinem meiner", "du dich dir dein deine deinen deinem ihr ihnen"),
        ("french", "je j moi mon ma mes", "tu toi ton ta tes vous votre vos"),
        ("spanish", "yo mi mis mio mia conmigo", "tu tus ti usted contigo"),
        ("portuguese", "eu meu minha meus minhas mim", "tu teu tua voce"),
        ("italian", "io mio mia miei mie", "tu tuo tua tuoi tue"),
        ("dutch", "ik mij mijn", "jij je jou jouw u uw"),
        ("polish", "ja mnie moj moja moje mi", "ty ciebie twoj twoja twoje"),
        ("russian", "я меня мне мой моя мое мои моего моей", "ты тебя тебе твой твоя вы вас вам ваш"),
        ("turkish", "ben bana beni benim", "sen sana seni senin siz"),
    )
}


def person_of(text: str, user_name: str, assistant_name: str) -> Side | None:
    """Return whom *text* names when it names exactly one of the two, or who said it when it names both; else None."""
    patterns = _patterns()
    spoken = patterns["addressed"].sub(" ", text)
    user = _named(spoken, user_name) or _USER.search(spoken) is not None
    assistant = _named(spoken, assistant_name) or _ASSISTANT.search(spoken) is not None
    if not (user or assistant):
        user, assistant = _by_pronoun(spoken)
    if user and assistant:
        user, assistant = _who_said(spoken)
    if user == assistant:
        return None
    return "user" if user else "assistant"


def _who_said(spoken: str) -> tuple[bool, bool]:
    """Return whether the user and whether the assistant said what a question asks for that names both."""
    patterns = _patterns()
    user, assistant = (patterns[name].search(spoken) is not None for name in ("user_said", "assistant_said"))
    if user and assistant and (found := patterns["asked_for"].search(spoken)) is not None:
        return found["who"].lower() == "i", found["who"].lower() == "you"
    return user, assistant


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Return the patterns of the data file by name."""
    lines = files(__package__).joinpath("persons.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    lists = {"between": _BETWEEN, **{name: value for name, value in rows if name in ("advice", "told")}}
    found = {"addressed": [_HAN_ADDRESSED]}
    for name, pattern in rows:
        if name not in lists:
            filled = re.sub(r"\{([a-z]+)\}", lambda each: lists[each[1]], pattern)
            found.setdefault(name, []).append(rf"\b{filled}")
    return {name: re.compile("|".join(each), re.IGNORECASE) for name, each in found.items()}


def without_names(text: str, names: Sequence[str]) -> str:
    """Return *text* without any part of *names*, possessives included; the text itself when nothing else is left."""
    bare = text
    for part in (part for name in names for part in name.split()):
        bare = _pattern(part).sub(" ", bare)
    return " ".join(bare.split()) or text


def names_one(text: str, names: Sequence[str]) -> bool:
    """Whether *text* holds one of *names*, or a part of one."""
    return any(_named(text, name) for name in names)


def in_first_person(text: str, names: Sequence[str]) -> str:
    """Return *text* with "I" for each of *names* and "my" for its possessive: as the person would have said it."""
    spoken = text
    for name in filter(None, (name.strip() for name in names)):
        for form in (name, *name.split()):
            spoken = _pattern(form).sub(lambda found: "my" if found[0][-2:-1] in "'\u2019" else "I", spoken)
    return spoken


def _by_pronoun(text: str) -> tuple[bool, bool]:
    found = words(text)
    mine, yours = _PRONOUNS.get(guess_language(found), (frozenset(), frozenset()))
    return any(word in mine for word in found), any(word in yours for word in found)


def _named(text: str, name: str) -> bool:
    return any(_pattern(part).search(text) is not None for part in name.split())


def _pattern(name: str) -> re.Pattern[str]:
    """
    Match a name as a word, with its possessive; in scripts without spaces anywhere.

    A name that is an English word too ("May", "Will") must be written with its capital, and be no month.
    """
    edge = r"\b" if name.isascii() else ""
    pattern = rf"{edge}{re.escape(name)}{edge}(?:['\u2019]s\b)?"
    if name.lower() in _WORDS_TOO:
        return re.compile(rf"{_NO_DATE_BEFORE}{pattern}(?! \d)")
    return re.compile(pattern, re.IGNORECASE)
