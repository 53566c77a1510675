"""
Words the local analyzer knows: function words, words that carry little, and a light stemmer for comparing lines.

Only for the analyzer's own comparisons (same content words, same fact); ranking has its own word lists in `text`.
"""

import re
from functools import lru_cache

__all__ = ["FUNCTION_WORDS", "VAGUE", "content_words", "is_technical", "stem", "stems", "word_set", "words"]


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list written with blanks between them."""
    return frozenset(text.split())


FUNCTION_WORDS = word_set("""
    a an the and or but nor so if then than that this these those there here it its it's itself i i'm i've i'd
    i'll me my mine myself we we're we've we'd we'll us our ours ourselves you your yours yourself he him his
    himself she her hers herself they them their theirs themselves one ones who whom whose which what when where
    why how all any both each few more most other others some such no not only own same too very just also even
    still yet already ever never always of at by for with about against between into through during before after
    above below to from up down in out on off over under again further once as until while because cause since
    though although whether am is are was were be been being have has had having do does did doing done would
    should could can can't cannot could've will won't shall may might must ought don't doesn't didn't isn't aren't
    wasn't weren't haven't hasn't hadn't wouldn't shouldn't couldn't s t d ll re ve m yes no yeah yep okay ok oh
    well hey hi hello thanks thank please really quite rather pretty much many lot lots bit get got getting gets
    go going gonna gotta wanna let let's lets like make makes made around along together am pm user assistant name
    is's
""")
VAGUE = word_set("""
    thing things stuff something anything everything nothing someone somebody anyone everyone way ways time times
    day days moment moments while idea ideas point points sense case fact part parts kind kinds sort sorts bit lot
    lots feel feeling feelings question questions problem problems issue issues help advice suggestion suggestions
    tip tips chance look try good great nice cool awesome amazing wonderful fun best better bad worst fine happy
    glad excited sure right different new old big small little huge important interesting special hard easy life
    world people person place experience experiences opportunity journey process step steps start end result plan
    plans goal goals support love recommendation recommendations information details answer conversation chat talk
    words word blast joy memories memory today tomorrow yesterday tonight recently lately soon later ago now ever
    maybe perhaps think know want need able recent able want wanted tried trying hope mind true real whole super
    absolutely definitely totally actually finally difference impact positive towards toward purpose energy surge
    challenge challenges progress effort everyday week weeks weekend weekends month months year years hour hours
    minute minutes morning mornings evening evenings afternoon night nights time skill skills method methods
    knowledge useful insights insight techniques wonders wonder thoughts thought care ton tons activity activities
""")
_TECHNICAL = re.compile(
    r"\b(?:code|codebase|scripts?|functions?|errors?|bugs?|files?|folders?|commands?|servers?|config|"
    r"quer(?:y|ies)|apis?|endpoints?|columns?|"
    r"variables?|arrays?|json|yaml|csv|html|css|regex|docker|kubernetes|git|repo|commit|database|sql|"
    r"exceptions?|traceback|terminal|"
    r"spreadsheets?|formulas?|excel|prompts?|pdf|dataset|dataframe|pandas|numpy|npm|pip|password|url|chatgpt|"
    r"claude|gpt|essay|homework|cover letter|"
    r"r[eé]sum[eé]|paragraphs?|translation|equation|unit tests?|localhost|stack trace|backend|frontend|branch|"
    r"merge|deploy(?:ed|ing)?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_SUFFIXES = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("edly", ""), ("ed", ""), ("ly", ""), ("es", ""), ("s", ""))


def words(text: str) -> list[str]:
    """Return the words of *text* in lower case, in order."""
    return [word.lower() for word in _WORD.findall(text)]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return a crude stem of an English word ("hiking", "hikes" and "hiked" share one); other words as they are."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    for suffix, put in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith(("ss", "us", "is")):
            word = word[: len(word) - len(suffix)] + put
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def content_words(text: str) -> list[str]:
    """Return the words of *text* that are neither function words nor vague, in lower case."""
    return [
        word
        for word in words(text)
        if word not in FUNCTION_WORDS and word not in VAGUE and (len(word) > 1 or word.isdigit())
    ]


def stems(text: str) -> frozenset[str]:
    """Return the stems of the content words of *text*."""
    return frozenset(stem(word) for word in content_words(text))


def is_technical(text: str) -> bool:
    """Return whether *text* speaks of code, files or documents: what is done there is a task, not a life."""
    return bool(_TECHNICAL.search(text))
