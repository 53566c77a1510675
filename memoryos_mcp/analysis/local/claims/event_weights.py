"""
How much the verb of a clause tells of a life, by the form it stands in: 0 nothing, 1 something, 2 enough by itself.

Weights only; whether the rest of the clause is definite enough is `events`' to say.
"""

import re
from collections.abc import Callable, Mapping

from ..english.lexicon import content_words
from ..english.parse import Clause
from ..english.verbs import EVENTS, HABITS, PLANS, PROGRESS
from ..english.wording import shorten
from .event_rules import (
    CREATION,
    DOING,
    EMPTY_PROGRESS,
    FEELING,
    HELD,
    LASTING,
    LIGHT_RULES,
    MAKING,
    MAKING_NOTHING,
    OFTEN,
    OWNED,
    SKILLS,
    SUFFERED,
    SURE,
)

__all__ = ["weight_of"]


def weight_of(clause: Clause, *, dated: bool) -> float:
    """Return the weight of a clause; *dated* says that it carries a date of its own."""
    weigh = _WEIGHERS.get(clause.form)
    return weigh(clause, dated) if weigh else 0.0


def _light(clause: Clause, weight: float) -> float:
    """Return *weight*, but 0 for a light verb ("get", "go") whose object does not make it tell something."""
    rule = LIGHT_RULES.get(clause.verb)
    return weight if rule is None or rule.match(clause.rest) else 0.0


def _past(clause: Clause, dated: bool) -> float:
    return _light(clause, 1.0 if clause.verb in LIGHT_RULES else float(EVENTS.get(clause.verb, 0)))


def _present(clause: Clause, dated: bool) -> float:
    text = f"{clause.lead} {clause.rest} {' '.join(clause.adverbs)}".lower()
    often = bool(OFTEN.search(text) or clause.adverbs)
    if often and clause.verb in HABITS:
        return 2.0
    if clause.verb in LASTING:
        return _light(clause, 2.0)
    if clause.verb in MAKING and not MAKING_NOTHING.match(clause.rest):
        return 1.0
    dreaming = clause.verb in ("dream", "hope", "plan", "intend") and re.match(r"(?:of|on) \w+ing\b", clause.rest)
    return 1.0 if dreaming else 0.0


def _progressive(clause: Clause, dated: bool) -> float:
    if clause.past:
        return 0.0
    if clause.verb in DOING:
        return next((weight for pattern, weight in DOING[clause.verb] if pattern.match(clause.rest)), 0.0)
    if clause.verb == "have":
        return 1.0 if dated and re.match(r"an? ", clause.rest) else 0.0
    if clause.verb == "feel":
        return 1.0 if clause.form == "ongoing" and FEELING.match(clause.rest) else 0.0
    if clause.verb in PROGRESS:
        return _light(clause, 2.0 if clause.verb in SURE or CREATION.match(clause.rest) else 1.0)
    full = clause.verb not in EMPTY_PROGRESS and len(content_words(clause.rest)) > 2
    return 0.75 if full else 0.0


def _future(clause: Clause, dated: bool) -> float:
    if clause.past or clause.verb not in PLANS:
        return 0.0
    if clause.form == "future" and clause.verb in ("try", "see", "get", "make", "help", "take"):
        return 0.0
    if clause.verb in ("work", "study") and re.match(r"(?:hard|and|on it|more)\b", clause.rest):
        return 0.0
    return _light(clause, 1.0)


def _used(clause: Clause, dated: bool) -> float:
    return 2.0 if clause.verb in HABITS or clause.verb in EVENTS else 0.0


def _can(clause: Clause, dated: bool) -> float:
    return 2.0 if clause.verb in SKILLS else 0.0


def _have(clause: Clause, dated: bool) -> float:
    if not clause.past:
        return 1.0 if OWNED.match(clause.rest) or (dated and re.match(r"an? ", clause.rest)) else 0.0
    if SUFFERED.match(clause.rest):
        return 2.0
    when = (dated or clause.recent) and re.match(r"(?:an? |my |our )", clause.rest)
    much = re.match(r"(?:an?|some) ", clause.rest) and len(content_words(shorten(clause.rest))) > 3
    return 1.0 if HELD.match(clause.rest) or when or much else 0.0


_WEIGHERS: Mapping[str, Callable[[Clause, bool], float]] = {
    "past": _past,
    "perfect": _past,
    "duty": _past,
    "present": _present,
    "progressive": _progressive,
    "ongoing": _progressive,
    "future": _future,
    "want": _future,
    "used": _used,
    "have": _have,
    "can": _can,
}
