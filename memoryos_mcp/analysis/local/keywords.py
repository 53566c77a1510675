"""
Keywords: what a person would write on the folder. Lower-case, readable, the same for the same thing in every page, so
that overlap means something.

Plurals and verb forms are brought to one form ("hikes", "hiked" and "hiking" are "hike"); common words are none
(`plain_words.txt`), names and code names count more, code itself is not read. Chinese, Japanese and Korean words are
`spaceless`'s.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from ...domain.records import Page
from .english.lexicon import FUNCTION_WORDS, VAGUE, word_set, words
from .english.verbs import EVENTS, HABITS, PROGRESS, base_of_gerund, base_of_past
from .memo import remembered
from .spaceless import spaceless_words

__all__ = ["MOST", "keyword", "keywords_of", "page_keywords", "page_terms", "terms_of"]

MOST = 10
_READ = 4_000
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_CODE_NAME = re.compile(r"`([A-Za-z_][\w./-]{2,29})`")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w-]{2,}")
_VOWELS = "aeiouáéíóú"
_IN_LY = word_set("family assembly supply reply anomaly italy monopoly butterfly apply multiply homily emily sicily")
_IN_IE = word_set("movie cookie zombie selfie calorie brownie hoodie rookie genie smoothie veggie foodie indie newbie")


@cache
def _plain_words() -> frozenset[str]:
    lines = (files(__package__) / "plain_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=20_000)
def keyword(word: str) -> str:
    """Return the form under which *word* (lower case) counts as a keyword, "" when it is too common to be one."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    if len(word) < 3 or _is_common(word) or "'" in word:
        return ""
    verbs = EVENTS.keys() | HABITS | PROGRESS
    base = base_of_gerund(word) or base_of_past(word)
    if base in verbs:
        word = base or word
    elif word.endswith("ies") and len(word) > 4 and word[:-1] not in _IN_IE:
        word = word[:-3] + "y"
    elif word.endswith(("ches", "shes", "sses", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is", "ous")) and len(word) > 3:
        word = word[:-1]
    return "" if _is_common(word) or word.isdigit() else word


def _is_common(word: str) -> bool:
    common = word in FUNCTION_WORDS or word in VAGUE or word in _plain_words()
    return common or (word.endswith("ly") and len(word) > 5 and word not in _IN_LY)


def page_terms(page: Page) -> Counter[str]:
    """Return the weight of each keyword in a page: how often it stands there, the user's words and names twice."""
    counted: Counter[str] = Counter()
    for text, weight in ((page.user_input, 2), (page.agent_response, 1)):
        for term, count in _terms(text[:_READ]):
            counted[term] += weight * count
    return counted


def page_keywords(page: Page) -> tuple[str, ...]:
    """Return up to ten keywords of one page, the weightiest first."""
    return _best(page_terms(page))


def keywords_of(pages: Sequence[Page]) -> tuple[str, ...]:
    """Return up to ten keywords of several pages: words that several of them share come first."""
    total: Counter[str] = Counter()
    for page in pages:
        for term, count in page_terms(page).items():
            total[term] += 3 + min(count, 4)
    return _best(total)


def terms_of(text: str) -> list[str]:
    """Return the keywords of a text, each once, in the order they first stand there."""
    return [term for term, _ in _terms(text)]


def _name_or_keyword(word: str, names: Collection[str]) -> str:
    """Return the keyword of a word; a name keeps its last letter: "Jonas" is no plural."""
    term = keyword(word)
    return word if term and word in names and word == f"{term}s" and term[-1] in _VOWELS else term


@remembered
def _terms(text: str) -> Sequence[tuple[str, int]]:
    """Return the keywords of a text with their counts, in the order they first stand there."""
    prose = _FENCED.sub("\n", text)
    plain = prose.isascii()
    names = {word.lower() for word in _NAME.findall(prose)}
    counted: Counter[str] = Counter()
    for word in words(_CODE_NAME.sub(" ", prose)):
        if (term := _name_or_keyword(word, names)) and (plain or not _EAST_ASIAN.search(term)):
            counted[term] += 2 if word in names else 1
    for name in _CODE_NAME.findall(prose):
        counted[name.lower()] += 2
    if not plain:
        counted.update(spaceless_words(prose))
    return tuple(counted.items())


def _best(counted: Counter[str]) -> tuple[str, ...]:
    """Return the weightiest; of equals those that were said first."""
    return tuple(term for term, _ in counted.most_common(MOST))
