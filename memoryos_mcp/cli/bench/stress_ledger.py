"""
What the processes of `bench stress` said they did, and what of it is found in the end.

Everything a process was told is written down; an addition or a forgetting that a process announced and died before it
was told of may have happened or not, and counts as in doubt.
"""

import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["Addition", "Comparison", "Ledger"]


@dataclass(frozen=True, slots=True)
class Addition:
    """A page that process *by* announced it would add: whose, the word only this page has, its text and its time."""

    by: int
    user_id: str
    word: str
    text: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Page ids that are not as they were told.

    *lost* were acknowledged and are not there, *twice* are there more than once, *undead* were forgotten and are
    there, *strangers* are there and nobody was told: no more than the additions in doubt.
    """

    lost: list[str]
    twice: list[str]
    undead: list[str]
    strangers: list[str]


@dataclass(slots=True)
class Ledger:
    """The books of one run. Thread-safe: one thread per process writes into them."""

    announced: dict[str, Addition] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    """Page ids by word, of the additions that were acknowledged."""
    forgetting: dict[str, str] = field(default_factory=dict)
    """Words by page id, of the pages that somebody set out to forget."""
    forgotten: set[str] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)
    """Pages that another process looked up in vain."""
    unrecalled: list[str] = field(default_factory=list)
    """Words that a retrieval did not find, asked by the process that had added them."""
    failures: Counter[str] = field(default_factory=Counter)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    """Durations by what was done: "add", "retrieve", "look up", "forget", "wait"."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def book(self, by: int, message: Sequence[Any]) -> None:
        """Write down one message of process *by*."""
        kind, *values = message
        with self._lock:
            match kind:
                case "adding":
                    addition = Addition(by, *values)
                    self.announced[addition.word] = addition
                case "added":
                    self.stored[values[0]] = values[1]
                case "forgetting":
                    self.forgetting[values[1]] = values[0]
                case "forgot":
                    self.forgotten.add(values[0])
                case "not recalled":
                    self.unrecalled.append(values[0])
                case "not there":
                    self.missed.add(values[0])
                case "failed":
                    self.failures[values[0]] += 1
                case "took":
                    self.milliseconds.setdefault(values[0], []).append(values[1])

    def in_doubt(self, living: Collection[int] = ()) -> list[Addition]:
        """Return the additions that were announced, but by none of the *living* processes, and never acknowledged."""
        with self._lock:
            return [each for word, each in self.announced.items() if word not in self.stored and each.by not in living]

    def hand_over(self, additions: Sequence[Addition], to: int) -> None:
        """Let process *to* answer for *additions* from now on: two that made the same one would undo each other."""
        with self._lock:
            self.announced.update({addition.word: replace(addition, by=to) for addition in additions})

    def acknowledged_additions(self) -> dict[str, Addition]:
        """Return the additions that have to be there in the end, by page id."""
        with self._lock:
            return {
                page_id: self.announced[word] for word, page_id in self.stored.items() if page_id not in self.forgetting
            }

    def compare(self, found: Mapping[str, Mapping[str, int]]) -> Comparison:
        """Return how what is *found* (how many times each page id is stored, by user) differs from what was told."""
        wanted = self.acknowledged_additions()
        times = Counter[str]()
        for user_id, pages in found.items():
            for page_id, count in pages.items():
                times[page_id] += count
                if page_id in wanted and wanted[page_id].user_id != user_id:
                    times[page_id] += 1  # with somebody else too
        known = set(self.stored.values()) | set(self.forgetting)
        return Comparison(
            lost=sorted(page_id for page_id in wanted if not times[page_id]),
            twice=sorted(page_id for page_id, count in times.items() if count > 1),
            undead=sorted(page_id for page_id in self.forgotten if times[page_id]),
            strangers=sorted(page_id for page_id in times if page_id not in known),
        )
