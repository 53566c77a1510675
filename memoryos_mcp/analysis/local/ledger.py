"""
From statements to findings: what holds once a page is read, whatever the order in which pages are read.

A slot holds one value at a time: of two statements of one slot the older is closed by the newer, by the time they were
said. An ending closes what names its value. Nothing is closed by words in common, and nothing closed opens again.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ...domain.identity import fact_id
from ...domain.records import About, Fact, FactFinding, Page
from .closing import Entry, closes, ending_of, key_of, rest_of, same_slot
from .corrections import corrected
from .statement import Statement

__all__ = ["Ledger"]

_AHEAD = frozenset(["plan", "event"])
_OF_A_PROJECT = frozenset(["instruction", "tool", "project_fact", "decision", "constraint", "event"])


@dataclass(slots=True)
class Ledger:
    """
    The facts about one party while pages are read.

    `add` takes the statements of a page; `findings` is the outcome.
    """

    about: About
    entries: list[Entry] = field(default_factory=list)
    findings: list[FactFinding] = field(default_factory=list)

    @classmethod
    def of(cls, about: About, facts: Iterable[Fact]) -> "Ledger":
        """Return a ledger that starts from the facts on *about*, superseded ones too."""
        mine = sorted((fact for fact in facts if fact.about == about), key=lambda fact: (fact.said_at, fact.fact_id))
        return cls(about, [_entry(fact) for fact in mine])

    def holding(self) -> list[Entry]:
        """Return what holds, oldest first."""
        return sorted(
            (entry for entry in self.entries if entry.holds), key=lambda entry: (entry.said_at, entry.fact_id)
        )

    def add(self, said: Statement, page: Page, recent: Collection[str]) -> None:
        """Take in one statement of *page*; *recent* are the ids of the last five pages before it, and its own."""
        if said.how == "corrects":
            found = corrected(said, [entry for entry in self.holding() if set(entry.page_ids) & set(recent)])
            if found is not None:
                self._enter(found[1], page, [found[0]])
        elif said.how in ("ends", "quiet"):
            self._end(said, page, recent)
        else:
            key = key_of(said, page)
            self._enter(said, page, [entry for entry in self.holding() if same_slot(entry, key, said, page)])
            self._end_by_known(said, page)

    def _end(self, said: Statement, page: Page, recent: Collection[str]) -> None:
        """Close what an ending names; say that it ended when it is worth a line."""
        named = [entry for entry in self.holding() if entry.said_at <= page.timestamp and closes(said, entry)]
        if said.slot == "ended:it":
            before = set(recent) - {page.page_id}
            named = [each for each in self.holding() if each.kind in _AHEAD and before.intersection(each.page_ids)][-1:]
        if said.how == "quiet":
            named = [entry for entry in named if page.page_id not in entry.page_ids]
            beside = [entry for entry in self.holding() if page.page_id in entry.page_ids]
            if beside:
                for entry in named:
                    self._close(entry, beside[-1])
                return
        if not said.line or said.slot.startswith("ended:"):
            if not named and not said.line.startswith("Sold"):
                return
            if named:
                told = said.line or f"No longer: {named[-1].line}"
                said = replace(said, line=told, slot=named[-1].key.partition("@")[0], kind=named[-1].kind)
        after = [entry for entry in self.holding() if entry.said_at > page.timestamp and entry.key == said.slot]
        self._enter(said, page, after or named)
        for entry in named:
            line, key = rest_of(entry, said)
            if line:
                self._enter(Statement(entry.kind, key, "is", line, quote=entry.quote), page, [])

    def _end_by_known(self, said: Statement, page: Page) -> None:
        """Close a statement that is read late by an ending that was said after it and is known already."""
        for entry in self.holding():
            if entry.line == said.line:
                mine = entry
                break
        else:
            return
        for newer in [entry for entry in self.holding() if entry.said_at > mine.said_at]:
            ending = ending_of(newer)
            if ending is not None and closes(ending, mine):
                self._close(mine, newer)
                line, key = rest_of(mine, ending)
                if line:
                    self._enter(
                        Statement(mine.kind, key, "is", line, quote=mine.quote),
                        replace(page, timestamp=newer.said_at),
                        [],
                    )
                return

    def _close(self, entry: Entry, newer: Entry) -> None:
        """Close a line by a newer one that is known: the newer is found again, with what it closes."""
        self.findings.append(
            FactFinding(
                newer.line,
                self.about,
                newer.page_ids,
                newer.said_at,
                newer.key,
                supersedes=entry.fact_id,
                kind=newer.kind,
            )
        )
        self.entries[self.entries.index(entry)] = replace(entry, holds=False)

    def _enter(self, said: Statement, page: Page, rivals: Sequence[Entry]) -> None:
        key, at = key_of(said, page), page.timestamp
        newer = next((entry for entry in rivals if entry.said_at > at), None)
        again = next((entry for entry in self.entries if entry.holds and _same(entry.line, said.line)), None)
        closed = [newer] if newer else [entry for entry in rivals if entry is not again]
        ids: list[str | None] = [entry.fact_id for entry in closed]
        self.findings += [self._finding(said, page, key, id_) for id_ in ids or [None]]
        if not newer:
            gone = {entry.fact_id for entry in closed}
            self.entries = [replace(each, holds=False) if each.fact_id in gone else each for each in self.entries]
        if again is None:
            id_ = fact_id(self.about, said.line, at)
            self.entries.append(Entry(said.line, said.kind, key, at, (page.page_id,), id_, newer is None, said.quote))
        else:
            pages = tuple(dict.fromkeys((*again.page_ids, page.page_id)))
            self.entries[self.entries.index(again)] = replace(again, page_ids=pages)

    def _finding(self, said: Statement, page: Page, key: str, closed: str | None) -> FactFinding:
        return FactFinding(
            said.line,
            self.about,
            (page.page_id,),
            page.timestamp,
            key,
            said.how == "ends",
            closed,
            said.kind,
            page.project if said.kind in _OF_A_PROJECT else "",
            said.quote,
            said.expires,
        )


def _entry(fact: Fact) -> Entry:
    holds = fact.superseded_by is None
    return Entry(fact.fact, fact.kind, fact.key, fact.said_at, fact.page_ids, fact.fact_id, holds, fact.quote)


def _same(one: str, other: str) -> bool:
    return one == other or re.findall(r"\w+", one.casefold()) == re.findall(r"\w+", other.casefold())
