"""
Secrets that are stored already: found, and taken out of every tier down to the bytes.

What is added now is freed of secrets before it is stored (`domain.secrets`); this is for what came in before, with the
setting off, or in a shape that an earlier release did not know. A page keeps its id, its time and its place.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..domain.records import Attribute, Fact, Page, Segment, Trait
from ..domain.secrets import redact, redact_json
from ..tiers.memory import BATCH_PAGES, Memory
from .repair import Repairer

__all__ = ["SecretRemoval", "StoredSecrets", "stored_secrets"]

Record = Page | Segment | Fact | Attribute | Trait

_TEXTS = ("user_input", "agent_response", "chain_summary", "summary", "fact", "quote", "value", "evidence")
_LISTS = ("keywords",)


@dataclass(slots=True)
class StoredSecrets:
    """
    Secrets that were found: how many of each kind, in how many records of each place; `files` says what became of the
    files, "" when nothing was taken out.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    places: Counter[str] = field(default_factory=Counter)
    files: str = ""


class SecretRemoval:
    """
    Takes secrets out of one `Memory`.

    Args:
        tiers: Where they stand.
        repairer: Makes the rows of the turn index anew.
        erase: Clears the files of what was overwritten; returns what became of them, in words.
    """

    def __init__(self, tiers: Memory, repairer: Repairer, erase: Callable[[str | None], str]) -> None:
        self._tiers = tiers
        self._repairer = repairer
        self._erase = erase

    def find(self, user_id: str) -> StoredSecrets:
        """Return the secrets that are stored of a user; nothing is changed."""
        return stored_secrets(self._tiers, user_id)

    def remove(self, user_id: str) -> StoredSecrets:
        """
        Replace every secret of a user by a mark, and return what was found; on return the bytes are gone.

        The caller holds the user's work lock. What is interrupted can be started again.

        Raises:
            StoreUnavailableError: The files could not be cleared; the marks are in place.
        """
        tiers = self._tiers
        with tiers.store.exclusive(user_id):
            found, changed = _search(tiers, user_id)
            for place, records in changed.items():
                self._put(user_id, place, records)
            pages = [item.page_id for items in changed.values() for item in items if isinstance(item, Page)]
            tiers.index.remove(user_id, pages)
        if not changed:
            return found
        self._repairer.reindex(user_id)
        with tiers.store.exclusive(user_id):
            found.files = self._erase(user_id)
        return found

    def _put(self, user_id: str, place: str, records: list[Record]) -> None:
        """Write records over those of their ids."""
        tiers = self._tiers
        pages = [item for item in records if isinstance(item, Page)]
        segments = [item for item in records if isinstance(item, Segment)]
        if place == "short_term":
            tiers.short_term.put(user_id, pages)
        elif place == "mid_term":
            tiers.mid_term.put_pages(user_id, pages)
        elif place == "segments":
            tiers.mid_term.put_segments(user_id, segments)
        elif place.startswith("archive"):
            tiers.mid_term.put_archived(user_id, pages, segments)
        else:
            tiers.long_term.put(user_id, [item for item in records if isinstance(item, Fact | Attribute | Trait)])


def stored_secrets(tiers: Memory, user_id: str) -> StoredSecrets:
    """Return the secrets that are stored of a user; nothing is changed."""
    with tiers.store.exclusive(user_id):
        return _search(tiers, user_id)[0]


def _search(tiers: Memory, user_id: str) -> tuple[StoredSecrets, dict[str, list[Record]]]:
    """Return what is found, and by place the records as they are without it. Under the store's lock."""
    found, changed = StoredSecrets(), dict[str, list[Record]]()
    for place, item in _records(tiers, user_id):
        clean, kinds = _without_secrets(item)
        if kinds:
            found.kinds.update(kinds)
            found.places[place] += 1
            changed.setdefault(place, []).append(clean)
    return found, changed


def _records(tiers: Memory, user_id: str) -> Iterator[tuple[str, Record]]:
    """Yield every record with words in it, with its place."""
    mid_term, long_term = tiers.mid_term, tiers.long_term
    everything: Mapping[str, Iterator[Record]] = {
        "short_term": iter(tiers.short_term.pages(user_id)),
        "mid_term": _in_batches(lambda at: mid_term.all_pages(user_id, limit=BATCH_PAGES, offset=at)),
        "archive": _in_batches(lambda at: mid_term.archived_pages(user_id, limit=BATCH_PAGES, offset=at)),
        "segments": iter(mid_term.segments(user_id).values()),
        "archived_segments": iter(mid_term.archived_segments(user_id)),
        "facts": iter(long_term.facts(user_id).values()),
        "attributes": iter(long_term.attributes(user_id).values()),
        "traits": iter(long_term.traits(user_id).values()),
    }
    for place, records in everything.items():
        for item in records:
            yield place, item


def _in_batches(read: Callable[[int], list[Page]]) -> Iterator[Page]:
    at = 0
    while pages := read(at):
        yield from pages
        at += len(pages)


def _without_secrets(item: Record) -> tuple[Record, tuple[str, ...]]:
    """Return a record with marks in place of its secrets, and the kinds of these."""
    changes: dict[str, Any] = {}
    kinds: list[str] = []
    for name in _TEXTS:
        if (found := redact(getattr(item, name, ""))).kinds:
            changes[name] = found.text
            kinds += found.kinds
    for name in _LISTS:
        each = [redact(text) for text in getattr(item, name, ())]
        if any(found.kinds for found in each):
            changes[name] = tuple(found.text for found in each)
            kinds += [kind for found in each for kind in found.kinds]
    if metadata := getattr(item, "metadata", None):
        kept, inside = redact_json(metadata)
        if inside:
            changes["metadata"] = kept
            kinds += inside
    return (replace(item, **changes) if changes else item), tuple(kinds)
