"""What the speaker tells of others: "my sister Anna is a nurse", "our shop opened"."""

import re

from ..english.lexicon import content_words, is_technical, word_set
from ..english.parse import Clause
from ..english.wording import line, predicate, shorten
from .event_rules import NAMED
from .kin import FRIENDS, KIN, PETS
from .note import Note, Said

__all__ = ["relative"]

_RELATED = re.compile(
    rf"^(?:(?:\\w+ )?(?:store|shop|business|studio|company|startup|team|band|car|house|apartment|book|blog|"
    rf"channel|restaurant|bakery|garden|podcast)|{KIN}|{FRIENDS}|{PETS}|kids|children|sons|daughters|parents|"
    rf"sisters|brothers|siblings|family|friends|grandparents|twins|in-laws|dogs|cats|pets)\b",
    re.IGNORECASE,
)
_PALE = re.compile(
    r"^(?:(?:so|very|really|always|also|all|just|still) )*(?:happy|proud|great|good|fine|sweet|nice|amazing|"
    r"awesome|supportive|the best|everything|here|there|excited|ok|okay|doing|my|so|important|wonderful|lovely|"
    r"kind|right|gonna|going to be|mean|lot)\b",
    re.IGNORECASE,
)
_TELLING_STATE = re.compile(
    r"(?:is|was|are|were) (?:an? |allergic|pregnant|married|divorced|vegan|vegetarian|diabetic|autistic|deaf|"
    r"blind|from|called|named|retired|in (?:college|hospital|the hospital|school|high school)|"
    r"getting married|engaged|moving|visiting|coming|turning|due|sick|ill|born|\d)"
)
_TELLING = word_set("""
    be have love work live like hate enjoy play teach run speak study start move graduate get give buy help make
    take win lose break find become own eat drink die pass marry invite go turn come build call prefer
""")


def relative(said: Said) -> list[Note]:
    """Return a line on somebody the clause is about: "Sister Anna is a nurse"."""
    clause = said.clause
    if clause is None or clause.own or said.asks or not _RELATED.match(clause.subject) or is_technical(clause.rest):
        return []
    if _PALE.match(clause.rest) or (clause.verb not in _TELLING and clause.form != "ongoing"):
        return []
    if not content_words(clause.rest) or re.match(r"(?:it|that|this|them|you|your)\b", clause.rest):
        return []
    words = _of_others(clause)
    plain = clause.verb in ("work", "live", "study", "teach", "run", "own", "go", "eat", "drink")
    telling = plain or _TELLING_STATE.match(words) or re.search(r"[A-Z]", clause.subject) or NAMED.search(words)
    definite = len(content_words(f"{clause.subject} {words}")) + bool(said.date)
    if definite < (2 if telling else 4):
        return []
    weight = 1.5 + 0.2 * min(len(content_words(clause.rest)), 4)
    return [Note(line(f"{clause.subject} {words}", said.date), weight=weight)]


def _of_others(clause: Clause) -> str:
    """Return what is said of others in the third person, singular or plural by the subject."""
    rest = shorten(clause.rest)
    no = "not " if clause.negated else ""
    last = clause.subject.split(" and ")[-1]
    plural = bool(re.search(r"(?:[^s]s|children|family)$", last)) and not re.search(r"[A-Z]", clause.subject)
    if clause.form in ("be", "progressive"):
        be = ("were" if plural else "was") if clause.past else ("are" if plural else "is")
        return f"{be} {no}{rest}" if clause.form == "be" else f"{be} {no}{clause.word} {rest}"
    if clause.form in ("past", "present"):
        denial = f"{'did' if clause.past else 'do' if plural else 'does'} not {clause.verb}"
        return f"{denial if clause.negated else clause.word} {rest}"
    words = predicate(clause)
    return re.sub(r"^has\b", "have", re.sub(r"^plans\b", "plan", words)) if plural else words
