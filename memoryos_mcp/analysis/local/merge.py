"""
From notes to findings: what is known already is not said twice, and a change closes what it changes.

Two lines are one fact when their content words are the same. A line that something ended closes the known line about
the same thing; a correction writes the known line anew.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ...domain.records import (
    About,
    Fact,
    FactFinding,
    Page,
)
from ...tiers.forgotten_facts import PARTS
from .claims.note import Note
from .english.lexicon import stems

__all__ = ["Ledger"]

_SAME = 0.84
_STANDING = ("likes:", "fear:", "allergy:", "diet:", "skill:", "health:", "is:")
_ENDED = re.compile(r"(?:No longer|Lost|Quit|Left|Laid off|Fired|Let go|Resigned|Stopped|Gave up|Made redundant)\b")
_OVER = stems("no longer not used gave stopped quit died passed away ran")
_DOING = stems("does is eats likes loves drinks works lives liked enjoys learning smokes plays")
_GATHERED = {
    "allergies": re.compile(r"Allergic to (.+)"),
    "pets": re.compile(
        r"(?:Has|Adopted|Got) (.*\b(?:dogs?|pupp(?:y|ies)|cats?|kittens?|pets?|horses?|rabbits?|bunn(?:y|ies)|"
        r"hamsters?|parrots?|birds?|fish|turtles?|"
        r"guinea pigs?|snakes?|lizards?|chickens?|goats?|ferrets?)\b[^()]*?)(?: \([^()]*\))?$"
    ),
}
_DENIALS = (
    " not ",
    " no longer ",
    "can't ",
    " never ",
    "used to ",
    " stopped ",
    " quit ",
    " gave up ",
    " hates ",
    " dislikes ",
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that holds: its words, its key, the id it is stored under ("" when only just found), its pages."""

    text: str
    key: str
    stems: frozenset[str]
    fact_id: str = ""
    page_ids: tuple[str, ...] = ()

    @property
    def denies(self) -> bool:
        low = f" {self.text.lower()} "
        return any(sign in low for sign in _DENIALS)


@dataclass(slots=True)
class Ledger:
    """
    The facts that hold about one party while pages are read: what is stored and what was found so far.

    `add` takes notes in the order said; `findings` is the outcome.
    """

    about: About
    _lines: list[_Line] = field(default_factory=list)
    _found: dict[str, FactFinding] = field(default_factory=dict)

    @classmethod
    def of(cls, about: About, facts: Iterable[Fact]) -> "Ledger":
        """Return a ledger that starts from the facts on *about* that hold now."""
        held = [fact for fact in facts if fact.about == about and fact.superseded_by is None]
        held.sort(key=lambda fact: fact.said_at)
        return cls(about, [_Line(fact.fact, fact.key, stems(fact.fact), fact.fact_id, fact.page_ids) for fact in held])

    @property
    def findings(self) -> tuple[FactFinding, ...]:
        """What was found, in the order said."""
        return tuple(self._found.values())

    def texts(self) -> list[str]:
        """Return the lines that hold, oldest first."""
        return [line.text for line in self._lines]

    def gathered(self, name: str) -> tuple[str, tuple[str, ...]]:
        """
        Return the value of an attribute that several lines make up ("allergies", "pets"), "" for any other.

        And the pages of those lines: a value must not outlive the page of a part of it.
        """
        pattern = _GATHERED.get(name)
        found = [(match[1], line.page_ids) for line in self._lines if pattern and (match := pattern.match(line.text))]
        pages = dict.fromkeys(id_ for _, ids in found for id_ in ids)
        return PARTS.join(part for part, _ in found), tuple(pages)

    def add(self, note: Note, page: Page) -> FactFinding | None:
        """Take in one note of *page*; return the finding it became, or None when it says nothing."""
        if note.corrects:
            return self._correct(note, page)
        if note.weak and any(line.key == note.key for line in self._lines):
            return None
        key = "" if note.ends and self._of_another(note) else note.key
        mine = _Line(note.text, key, stems(note.text))
        same = self._same(mine, note)
        if same is not None:
            return self._enter(same, page, ends=note.ends)
        closes = self._closed_by(mine) if note.ends else self._fuller(mine)
        return self._enter(mine, page, ends=note.ends, supersedes=closes)

    def _of_another(self, note: Note) -> bool:
        """Return whether "no longer lives in Paris" ends something else than what the slot holds ("Lives in Oslo")."""
        held = [line for line in self._lines if note.key and line.key == note.key]
        thing = stems(note.text) - _OVER - _DOING
        return note.text.startswith("No longer") and bool(held) and bool(thing) and not thing & held[-1].stems

    def _enter(self, line: _Line, page: Page, *, ends: bool, supersedes: str = "") -> FactFinding:
        earlier = self._found.get(line.text)
        finding = FactFinding(
            line.text, self.about, (page.page_id,), page.timestamp, line.key, ends, supersedes or None
        )
        if earlier is not None:
            finding = replace(earlier, page_ids=tuple(dict.fromkeys((*earlier.page_ids, page.page_id))))
        self._found[line.text] = finding
        line = replace(line, page_ids=tuple(dict.fromkeys((*line.page_ids, *finding.page_ids))))
        gone = {supersedes} - {""}
        self._lines = [
            each
            for each in self._lines
            if each.text != line.text and each.fact_id not in gone and not (line.key and each.key == line.key)
        ]
        self._lines.append(line)
        return finding

    def _same(self, mine: _Line, note: Note) -> _Line | None:
        """Return a line that holds and says the same."""
        for line in reversed(self._lines):
            if line.key != mine.key or line.denies != mine.denies:
                continue
            if line.stems == mine.stems or _agree(line, mine, note):
                return line
            if len(mine.stems) >= 4 and len(mine.stems & line.stems) >= _SAME * len(mine.stems | line.stems):
                return line
        return None

    def _closed_by(self, mine: _Line) -> str:
        """Return the id of the newest known line, under another key, about the thing that *mine* says has ended."""
        over = frozenset(word for word in mine.stems - _OVER if not word.isdigit())
        thing = over - _DOING or over
        for line in reversed(self._lines):
            another = not mine.key or line.key != mine.key
            if another and line.fact_id and thing and thing <= line.stems and len(line.stems - thing) <= 2:
                return line.fact_id
        return ""

    def _fuller(self, mine: _Line) -> str:
        """Return the id of a known habit that *mine* says more fully: "Plays guitar", "Plays guitar every day"."""
        first = mine.text.split(" ", 1)[0]
        lasting = first.endswith("s") or " is " in mine.text or " are " in mine.text
        if mine.key or not lasting or "(" in mine.text:
            return ""
        alike = [each for each in self._lines if each.fact_id and not each.key and each.text.startswith(f"{first} ")]
        fewer = [each for each in alike if each.stems < mine.stems and "(" not in each.text and each.stems]
        return fewer[-1].fact_id if fewer else ""

    def _correct(self, note: Note, page: Page) -> FactFinding | None:
        """Write the newest line that holds the old words anew with the new ones."""
        old = re.compile(rf"\b{re.escape(note.corrects)}\b", re.IGNORECASE)
        for line in reversed(self._lines):
            if not old.search(line.text):
                continue
            text = old.sub(lambda _: note.text, line.text)
            self._found.pop(line.text, None)
            self._lines.remove(line)
            return self._enter(_Line(text, line.key, stems(text)), page, ends=False, supersedes=line.fact_id)
        return None


def _agree(line: _Line, mine: _Line, note: Note) -> bool:
    """Return whether two lines of one key say the same: a standing taste again, or an end told again without news."""
    if not mine.key:
        return False
    if note.ends and _ENDED.match(line.text) and _ENDED.match(mine.text):
        return True
    return mine.key.startswith(_STANDING) and not note.ends
