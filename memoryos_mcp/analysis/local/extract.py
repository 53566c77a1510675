"""
From one speaker's text to notes: sentences, clauses, then the first extractor that claims a clause.

Bounded per text: at most 60 clauses are read and four notes returned, the weightiest, in the order said.
"""

from dataclasses import dataclass
from datetime import datetime

from ...text.dates import take_date
from .claims.background import background
from .claims.diet import diet
from .claims.events import event
from .claims.family import people
from .claims.health import health
from .claims.jobs import work
from .claims.kin import introductions
from .claims.likes import likes
from .claims.names import birthday_today, names
from .claims.note import Note, Said
from .claims.passions import passion
from .claims.places import home
from .claims.preferences import preference
from .claims.states import occasion, state
from .corrections import correction
from .english.clauses import clauses
from .english.parse import parse
from .english.prose import Sentence, sentences
from .english.spelling import regular
from .leanings import Leaning, leanings_of_self
from .memo import remembered

__all__ = ["Extract", "extract"]

_MOST = 4
_CLAUSES = 60
_EXTRACTORS = (names, background, health, home, work, occasion, people, diet, likes, passion, state, event)


@dataclass(frozen=True, slots=True)
class Extract:
    """The notes of one text, and the traits its speaker claims outright."""

    notes: tuple[Note, ...] = ()
    leanings: tuple[Leaning, ...] = ()


@remembered
def extract(text: str, when: datetime) -> Extract:
    """Return what *text*, said at *when*, says of its speaker."""
    found: dict[str, Note] = {}
    leanings: list[Leaning] = []
    read = 0
    for sentence in sentences(text):
        parts = clauses(sentence)[: max(0, _CLAUSES - read)]
        read += len(parts)
        notes = [*preference(sentence), *birthday_today(sentence, when)]
        for raw in parts:
            said = _said(raw, when, asks=sentence.asks)
            notes += next((claimed for read_one in _EXTRACTORS if (claimed := read_one(said))), [])
            leanings += leanings_of_self(said)
        if parts:
            notes += [each for each in introductions(sentence) if not _said_already(notes, each)]
        for note in [*notes, *_corrected(sentence, told=bool(notes))]:
            found.setdefault(note.text, note)
    best = sorted(found.values(), key=lambda note: -note.weight)[:_MOST]
    return Extract(tuple(note for note in found.values() if note in best), tuple(leanings))


def _corrected(sentence: Sentence, *, told: bool) -> list[Note]:
    """Return the correction a sentence makes; one that also tells a line must say "not X" of a name."""
    found = None if sentence.asks else correction(regular(sentence.text))
    return [found] if found and (not told or found.corrects[0].isupper()) else []


def _said(raw: str, when: datetime, *, asks: bool) -> Said:
    taken = take_date(raw, when)
    return Said(raw, taken.text, taken.name, parse(taken.text), when, asks)


def _said_already(notes: list[Note], each: Note) -> bool:
    """Return whether a line on the clause names whom *each* introduces; a partner's name is always worth its own."""
    who = each.text.split()[-1].lower()
    return (each.weak or each.key != "partner") and any(who in note.text.lower() for note in notes)
