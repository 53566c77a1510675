"""
What stays of an item of long-term memory when some of its sources go: pure rules over words.

An item with no source left goes. One with sources left stays, unless it holds a word that the forgotten pages say and
no page that stays: "Allergic to peanuts and shellfish" must not outlive the page that told of the peanuts. Of an
attribute gathered from several pages ("peanuts; shellfish") only such parts go.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from ...domain.records import Attribute, Fact, Page, Trait
from ...tiers.forgotten_facts import PARTS
from ...tiers.long_term import Item

__all__ = ["Support", "told_by", "without_fact"]

_WORD = re.compile(r"\w{2,}")


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _words_of(page: Page) -> frozenset[str]:
    return _words(f"{page.user_input}\n{page.agent_response}")


class Support:
    """
    The pages that go, against those that stay.

    Args:
        gone: The pages to be forgotten.
        read: Returns pages that stay by id; called only for items that lose a source and keep one.
    """

    def __init__(self, gone: Sequence[Page], read: Callable[[Sequence[str]], Sequence[Page]]) -> None:
        self._gone = {page.page_id: page for page in gone}
        self._read = read

    def without(self, item: Item) -> Item | None:
        """Return what stays of *item* without the pages that go; itself when it has none of them, None for nothing."""
        lost = [id_ for id_ in item.page_ids if id_ in self._gone]
        if not lost:
            return item
        left = [id_ for id_ in item.page_ids if id_ not in self._gone]
        if not left:
            return None
        kept = frozenset[str]().union(*(_words_of(page) for page in self._read(left)))
        theirs = frozenset[str]().union(*(_words_of(self._gone[id_]) for id_ in lost)) - kept
        return _without_theirs(item, tuple(left), theirs)


def _without_theirs(item: Item, left: tuple[str, ...], theirs: Collection[str]) -> Item | None:
    """Return *item* with the sources *left*, without the words that are *theirs*."""
    if isinstance(item, Fact):
        return None if _words(item.fact) & set(theirs) else replace(item, page_ids=left)
    if isinstance(item, Trait):
        spoken = item.page_ids[-1] not in left or _words(item.evidence) & set(theirs)
        return replace(item, page_ids=left, evidence="" if spoken else item.evidence)
    parts = [part for part in item.value.split(PARTS) if not _words(part) & set(theirs)]
    return replace(item, page_ids=left, value=PARTS.join(parts)) if parts else None


def told_by(item: Attribute | Trait, fact: Fact) -> str:
    """Return the parts of an attribute's value, or a trait's evidence, that *fact* from the same page says too."""
    if not set(item.page_ids) & set(fact.page_ids):
        return ""
    said = _words(fact.fact)
    parts = item.value.split(PARTS) if isinstance(item, Attribute) else [item.evidence]
    return PARTS.join(part for part in parts if _words(part) and _words(part) <= said)


def without_fact(item: Item, fact: Fact) -> Item | None:
    """Return what stays of an attribute or a trait from the same pages when *fact*, named by its id, goes."""
    told = "" if isinstance(item, Fact) else told_by(item, fact)
    if not told:
        return item
    if not isinstance(item, Attribute):
        return None
    parts = [part for part in item.value.split(PARTS) if part not in told.split(PARTS)]
    return replace(item, value=PARTS.join(parts)) if parts else None
