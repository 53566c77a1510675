"""What the speaker eats, drinks and smokes, or does not."""

import re

from ..english.wording import line
from .likes import ENDS, key_of, thing_of
from .note import Note, Said, first_of

__all__ = ["diet"]

_DIETS = (
    r"(?:vegan|vegetarian|pescatarian|plant-based|gluten[- ]free|dairy[- ]free|halal|kosher|keto|"
    r"lactose[- ]intolerant|celiac|coeliac|teetotal|on a diet|"
    r"on a (?:\w+ )?(?:keto|vegan|low[- ]carb|gluten[- ]free) diet|flexitarian|omnivore)"
)
_DIET = re.compile(
    rf"^(?:I|we) (?:am|are|have been|became|went|have gone|turned|have become|am going|eat|keep|"
    rf"have (?:recently )?(?:gone|turned)) (?P<not>not )?(?:an? |strictly |mostly |fully |now |recently |"
    rf"currently )*(?P<d>{_DIETS})\b(?P<any> anymore)?",
    re.IGNORECASE,
)
_CONSUME = frozenset({"eat", "drink", "smoke", "tolerate", "consume", "vape"})


def _eating(said: Said) -> list[Note]:
    clause = said.clause
    if clause is None or not clause.own:
        return []
    stopped = (
        re.match(r"(?P<v>eating|drinking|smoking|vaping) (?P<o>.+)|(?P<s>smoking|drinking|vaping)$", clause.rest)
        if clause.verb in ("stop", "quit") and clause.form in ("past", "perfect")
        else None
    )
    if stopped:
        return [
            Note(
                line(f"Stopped {stopped['v'] or stopped['s']} {thing_of(stopped['o'] or '')}".strip(), said.date),
                key_of("diet", stopped["o"] or stopped["s"]),
                ends=True,
                weight=2.5,
            )
        ]
    given = (
        re.match(r"up (?P<o>.+)", clause.rest) if clause.verb == "give" and clause.form in ("past", "perfect") else None
    )
    if given and not re.match(r"(?:on|my|it|that)\b", given["o"]):
        return [
            Note(line(f"Gave up {thing_of(given['o'])}", said.date), key_of("diet", given["o"]), ends=True, weight=2.5)
        ]
    if clause.verb not in _CONSUME or clause.form != "present" or not (clause.negated or "never" in clause.adverbs):
        return []
    thing = thing_of(clause.rest)
    if (not thing and clause.verb not in ("smoke", "drink")) or re.match(
        r"(?:it|that|this|them|enough|much|anything|well|breakfast yet)\b", clause.rest
    ):
        return []
    over = bool(ENDS.search(clause.rest))
    words = f"No longer {clause.verb}s" if over else f"Does not {clause.verb}"
    return [Note(f"{words} {thing}".strip(), key_of("diet", thing or clause.verb), ends=over, weight=2.5)]


def _diet(said: Said) -> list[Note]:
    match = _DIET.match(said.text)
    if not match:
        return []
    diet = match["d"].lower()
    if match["not"]:
        return [
            Note(f"Is {'no longer' if match['any'] else 'not'} {diet}", "diet", (("diet", ""),), ends=True, weight=3)
        ]
    clause = said.clause
    changed = clause is not None and clause.form in ("past", "perfect") and clause.verb in ("become", "go", "turn")
    return [Note(line(f"{'Became' if changed else 'Is'} {diet}", said.date), "diet", (("diet", diet),), weight=3)]


def diet(said: Said) -> list[Note]:
    """Return what a clause says of the speaker's diet."""
    return first_of((_diet, _eating), said)
