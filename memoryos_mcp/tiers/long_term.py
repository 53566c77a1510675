"""
Long-term memory: static attributes, traits, user knowledge, assistant knowledge (paper, section 3.3).

One place of the store holds a record for each, so that a change writes only what changed. The rules of change are
pure functions in `knowledge`; this module reads, applies and writes them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ..domain.clock import now
from ..domain.errors import InputError, NotFoundError
from ..domain.identity import fact_id, whole_id
from ..domain.inputs import AHEAD
from ..domain.protocols import Record, Store
from ..domain.records import About, Attribute, Fact, Findings, Profile, Trait
from .cached_collection import CachedPlace
from .forgotten_facts import Bar, Item, decode_bar, encode_bar, permitted_findings
from .knowledge import (
    active,
    apply_attributes,
    apply_facts,
    apply_traits,
    ids_to_leave,
    learnt_from,
    supersede,
    withdraw,
)
from .profile import digest
from .stored_records import (
    decode_attribute,
    decode_fact,
    decode_trait,
    encode_attribute,
    encode_fact,
    encode_trait,
)

__all__ = ["BARRED", "LONG_TERM", "Item", "LongTermMemory"]

LONG_TERM = "long_term"
BARRED = "barred"


def _encode(item: Item) -> Record:
    if isinstance(item, Fact):
        return encode_fact(item)
    return encode_trait(item) if isinstance(item, Trait) else encode_attribute(item)


def _decode(record: Record) -> Item:
    kind = record.metadata.get("kind")
    if kind == "fact":
        return decode_fact(record)
    return decode_trait(record) if kind == "trait" else decode_attribute(record)


class LongTermMemory:
    """
    What is known of every user.

    Args:
        store: Where it lives.
        capacity: Facts kept about the user, and as many about the assistant.
        clock: Returns the aware time: what claims to be said more than a day later closes nothing.
    """

    def __init__(self, store: Store, capacity: int, clock: Callable[[], datetime] = now) -> None:
        self.capacity = capacity
        self._clock = clock
        self._store = store
        self._place: CachedPlace[Item] = CachedPlace(store, LONG_TERM, _encode, _decode)
        self._barred: CachedPlace[Bar] = CachedPlace(store, BARRED, encode_bar, decode_bar)

    def facts(self, user_id: str) -> dict[str, Fact]:
        """Return every fact by id, superseded ones included."""
        return {id_: item for id_, item in self._place.all(user_id).items() if isinstance(item, Fact)}

    def attributes(self, user_id: str) -> dict[str, Attribute]:
        """Return the static attributes by name."""
        return {item.name: item for item in self._place.all(user_id).values() if isinstance(item, Attribute)}

    def traits(self, user_id: str) -> dict[str, Trait]:
        """Return the traits by dimension."""
        return {item.dimension: item for item in self._place.all(user_id).values() if isinstance(item, Trait)}

    def profile(self, user_id: str, assistant_id: str) -> Profile:
        """Return everything known, facts in the order said, superseded facts included at the end of each list."""
        facts = self.facts(user_id).values()
        static = sorted(self.attributes(user_id).values(), key=lambda attribute: attribute.name)
        traits = sorted(self.traits(user_id).values(), key=lambda trait: trait.dimension)
        ordered = sorted(facts, key=lambda fact: (fact.superseded_by is not None, fact.said_at, fact.fact_id))
        return Profile(
            user_id,
            assistant_id,
            digest(static, traits, active(facts, "user")),
            tuple(static),
            tuple(traits),
            tuple(fact for fact in ordered if fact.about == "user"),
            tuple(fact for fact in ordered if fact.about == "assistant"),
        )

    def apply(self, user_id: str, findings: Findings, analyzer: str) -> bool:
        """
        Apply what an analyzer found, keep the capacity, and return whether anything changed. Idempotent.

        What was forgotten by name is not learnt again from the same pages.
        """
        with self._store.exclusive(user_id):
            findings = permitted_findings(user_id, findings, self._barred.all(user_id))
            horizon = self._clock() + AHEAD
            changes = apply_facts(self.facts(user_id), findings.facts, analyzer=analyzer, horizon=horizon)
            attributes, gone = apply_attributes(self.attributes(user_id), findings.attributes, horizon)
            traits, fallen = apply_traits(self.traits(user_id), findings.traits, horizon)
            changed: list[Item] = [*changes.changed.values(), *attributes, *traits]
            self._place.put(user_id, changed)
            self._place.remove(user_id, [f"attribute:{name}" for name in gone])
            self._place.remove(user_id, [f"trait:{dimension}" for dimension in fallen])
            self._keep_capacity(user_id)
        return bool(changed or gone or fallen)

    def revise(
        self, user_id: str, page_ids: Collection[str], findings: Findings, *, instead_of: str, analyzer: str
    ) -> bool:
        """
        Put *findings* in the place of what *instead_of* learnt from these pages alone; pinned facts stay.

        Return whether anything changed.
        """
        with self._store.exclusive(user_id):
            facts = self.facts(user_id)
            theirs = [fact for fact in facts.values() if fact.analyzer == instead_of and not fact.pinned]
            gone = learnt_from(theirs, page_ids)
            self._place.put(user_id, withdraw(facts, gone))
            self._place.remove(user_id, gone)
            return self.apply(user_id, findings, analyzer) or bool(gone)

    def remember(
        self,
        user_id: str,
        text: str,
        about: About,
        *,
        now: datetime,
        supersedes: str | None,
        pinned: bool,
        project: str = "",
    ) -> tuple[Fact, tuple[str, ...]]:
        """
        Store one fact said outside any page, and return it with the ids it superseded.

        A fact that holds already is returned as it is (pinned, when asked to).

        Raises:
            NotFoundError: *supersedes* names no fact of this user.
            InputError: Pinned facts fill the capacity, so that it would leave at once.
        """
        with self._store.exclusive(user_id):
            facts = self.facts(user_id)
            supersedes = None if supersedes is None else whole_id("fact", supersedes, facts)
            if supersedes is not None and supersedes not in facts:
                raise NotFoundError(f"supersedes {supersedes!r} is no fact of this user; the profile shows their ids")
            same = next((fact for fact in active(facts.values(), about) if fact.fact == text), None)
            fact = same or Fact(fact_id(about, text, now), text, about, (), now, analyzer="told")
            fact = replace(fact, pinned=fact.pinned or pinned, project=project or fact.project)
            old = facts.get(supersedes or "")
            closed = [supersede(old, fact)] if old is not None and old.fact_id != fact.fact_id else []
            after = {**facts, fact.fact_id: fact, **{item.fact_id: item for item in closed}}
            if fact.fact_id in ids_to_leave(after.values(), about, self.capacity):
                raise InputError(
                    f"all {self.capacity} facts kept about the {about} are pinned; "
                    "forget one, pin this one too, or raise MEMORYOS_KNOWLEDGE_CAPACITY"
                )
            self._place.put(user_id, [fact, *closed])
            self._keep_capacity(user_id)
        return fact, tuple(item.fact_id for item in closed)

    def admit(self, user_id: str, facts: Sequence[Fact]) -> int:
        """Add facts that were told elsewhere, and return how many of them the capacity leaves no room for."""
        with self._store.exclusive(user_id):
            self._place.put(user_id, [*facts])
            self._keep_capacity(user_id)
            held = self.facts(user_id)
        return sum(fact.fact_id not in held for fact in facts)

    def put(self, user_id: str, items: list[Item]) -> None:
        """Add or replace facts, attributes or traits as they are."""
        self._place.put(user_id, items)

    def bars(self, user_id: str) -> Mapping[str, Bar]:
        """Return what must not be learnt again, by digest."""
        return self._barred.all(user_id)

    def bar(self, user_id: str, bars: Sequence[Bar], gone: Collection[str] = ()) -> None:
        """Keep *bars*' facts from being learnt again; pages that are *gone* need none any more."""
        with self._store.exclusive(user_id):
            held = self._barred.all(user_id)
            merged = {
                bar.digest: Bar(bar.digest, (*held[bar.digest].page_ids, *bar.page_ids)) if bar.digest in held else bar
                for bar in bars
            }
            changed = list[Bar]()
            for bar in {**held, **merged}.values():
                left = tuple(dict.fromkeys(id_ for id_ in bar.page_ids if id_ not in gone))
                if held.get(bar.digest) != Bar(bar.digest, left):
                    changed.append(Bar(bar.digest, left))
            self._barred.put(user_id, [bar for bar in changed if bar.page_ids])
            self._barred.remove(user_id, [bar.digest for bar in changed if not bar.page_ids])

    def remove(self, user_id: str, record_ids: list[str]) -> None:
        """Remove by record id: a fact's id, `attribute:<name>`, `trait:<dimension>`."""
        self._place.remove(user_id, record_ids)

    def forget(self, user_id: str) -> None:
        """Drop what is held in memory of a user whose places were dropped."""
        self._place.forget(user_id)
        self._barred.forget(user_id)

    def _keep_capacity(self, user_id: str) -> None:
        facts = self.facts(user_id).values()
        gone = [id_ for about in ("user", "assistant") for id_ in ids_to_leave(facts, about, self.capacity)]
        self._place.remove(user_id, gone)
