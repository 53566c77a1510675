"""
Keywords: lower-case, readable, and the same for the same thing in every page, so that overlap means something.

Plurals and verb forms are brought to one form ("hikes", "hiked" and "hiking" are "hike"). Chinese, Japanese and Korean
text, written without spaces, gives pairs of characters.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from ...domain.records import (
    Page,
)
from .english.lexicon import FUNCTION_WORDS, VAGUE, word_set, words
from .english.verbs import EVENTS, HABITS, PROGRESS, base_of_gerund, base_of_past
from .memo import remembered

__all__ = ["MOST", "keyword", "keywords_of", "page_keywords", "page_terms"]

MOST = 10
_READ = 4_000
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")
_PLAIN = word_set("""
    say said tell told ask asked talk mean sound sounds seem seems hear heard feel felt guess believe agree
    understand check keep kept put come came show see seen saw watch hope wish welcome course please share sharing
    learn let look looking use using used take taking took work working start started starting stay bring give
    given gave find found try trying hey hello companion yeah wow nice cool glad fun long next first last new
    every since ago though someone maybe often pretty enjoy enjoyed truly forward real especially example
    including various provide certain suggest recommend sorry today year years week weeks month months morning
    evening night weekend hour hours minute minutes many lot totally
""")
_IN_IE = word_set("movie cookie zombie selfie calorie brownie hoodie rookie genie smoothie veggie foodie indie newbie")


@lru_cache(maxsize=20_000)
def keyword(word: str) -> str:
    """Return the form under which *word* (lower case) counts as a keyword, "" when it is too common to be one."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    if len(word) < 3 or word in FUNCTION_WORDS or word in VAGUE or word in _PLAIN or "'" in word:
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
    return "" if word in _PLAIN or word in VAGUE or word in FUNCTION_WORDS or word.isdigit() else word


def page_terms(page: Page) -> Counter[str]:
    """Return how often each keyword stands in a page; the user's words count double."""
    counted: Counter[str] = Counter()
    for text, weight in ((page.user_input, 2), (page.agent_response, 1)):
        for term in _terms(text[:_READ]):
            counted[term] += weight
    return counted


def page_keywords(page: Page) -> tuple[str, ...]:
    """Return up to ten keywords of one page, the most frequent first."""
    return _best(page_terms(page))


def keywords_of(pages: Sequence[Page]) -> tuple[str, ...]:
    """Return up to ten keywords of several pages: words that several of them share come first."""
    total: Counter[str] = Counter()
    for page in pages:
        for term, count in page_terms(page).items():
            total[term] += 3 + min(count, 4)
    return _best(total)


@remembered
def _terms(text: str) -> Sequence[str]:
    found = [term for word in words(text) if (term := keyword(word)) and not _EAST_ASIAN.search(term)]
    for run in _EAST_ASIAN.findall(text):
        found += [run[at : at + 2] for at in range(len(run) - 1)]
    return found


def _best(counted: Counter[str]) -> tuple[str, ...]:
    ranked = sorted(counted.items(), key=lambda item: (-item[1], -min(len(item[0]), 8), item[0]))
    return tuple(term for term, _ in ranked[:MOST])
