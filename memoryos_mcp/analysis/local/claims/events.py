"""
What happened to the speaker, what they do regularly and what they plan: the clauses no slot has claimed.

Only verbs that tell something of a life count (`event_weights`), and only with something definite behind them: names,
dates, words with content. Tasks done at a computer, requests and what only points ("did it") do not.
"""

import re
from dataclasses import replace

from ....text.dates import describe
from ..english.lexicon import content_words, is_technical
from ..english.parse import Clause
from ..english.wording import dated, line, predicate
from .event_rules import EMPTY_END, EMPTY_OBJECT, NAMED, REQUEST
from .event_weights import weight_of
from .note import Note, Said

__all__ = ["event"]

_SURE = 1.75


def event(said: Said) -> list[Note]:
    """Return the line an ordinary clause of the speaker is worth, or none."""
    clause = said.clause
    if clause is None or not clause.own or said.asks or clause.negated or _says_nothing(clause):
        return []
    weight = weight_of(clause, dated=bool(said.date))
    if weight <= 0 or not _has_substance(clause, said):
        return []
    words = predicate(replace(clause, rest=_pointed(clause.rest)))
    if EMPTY_END.search(words):
        return []
    if clause.form == "ongoing" and clause.verb == "feel" and not said.date:
        return [Note(line(words, _month(said)), weight=1.5)]
    definite = _definite(words, said)
    least = 2 if weight >= _SURE else 3
    if definite < least or len(words.split()) < least:
        return []
    over = clause.verb in ("stop", "quit") and clause.rest.split(" ", 1)[0].endswith("ing")
    return [Note(dated(words, said.date, clause, said.when), ends=over, weight=weight + 0.25 * min(definite, 6))]


def _says_nothing(clause: Clause) -> bool:
    """Return whether the object is a task, a request, or only points at what was said before."""
    task = is_technical(clause.rest) and clause.verb not in ("learn", "study", "teach")
    tried = clause.verb == "try" and clause.past and clause.rest.startswith("to ")
    return task or tried or bool(EMPTY_OBJECT.match(clause.rest) or REQUEST.search(clause.rest))


def _has_substance(clause: Clause, said: Said) -> bool:
    """Return whether there is a content word beside the verb, or at least a date."""
    beside = content_words(f"{clause.rest} {clause.lead}")
    if clause.verb == "feel" and clause.form == "ongoing":
        return True
    if any(not word.isdigit() and word not in ("every", "each") for word in beside) or clause.rest.startswith("out "):
        return True
    return bool(said.date) or clause.form == "used"


def _definite(words: str, said: Said) -> int:
    """Return how much is definite in a line: its content words, a date, and names double."""
    recent = said.clause is not None and said.clause.recent
    return len(content_words(words)) + bool(said.date or recent) + 2 * len(NAMED.findall(words))


def _month(said: Said) -> str:
    """Return the month in which it was said: "May 2023"."""
    return describe(said.when.date(), said.when.date()).split(" ", 1)[1]


def _pointed(rest: str) -> str:
    """Return *rest* with "that" and "these" made indefinite: what was pointed at is not seen in the line."""
    rest = re.sub(r"\b(to|in|at|on|of|with|by|from|for) (?:that|this) (?=[a-z]{3})", r"\1 a ", rest)
    match = re.match(r"(that|this|these|those) (?=[a-z]+ )", rest)
    if not match:
        return rest
    after = rest[match.end() :]
    return after if match[1] in ("these", "those") else f"{'an' if after[0] in 'aeiou' else 'a'} {after}"
