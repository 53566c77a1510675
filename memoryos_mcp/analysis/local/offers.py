"""
Decisions that come in pairs: the assistant offers A or B, the user answers "let's go with B", "option 2", "yes".

The choice is kept in the assistant's wording, with its question.
"""

import re

from .english.spelling import regular
from .english.wording import shorten
from .rules import area_of, pattern_of
from .statement import Statement, quote_of, value_words

__all__ = ["choice_of"]

_LONGEST = 160
_LISTED = pattern_of("offers", "listed")
_OR = pattern_of("offers", "or")
_PROPOSED = pattern_of("offers", "proposed")
_TAKING = pattern_of("offers", "taking")
_NUMBER = {
    "first": 0,
    "second": 1,
    "third": 2,
    "fourth": 3,
    "1st": 0,
    "2nd": 1,
    "3rd": 2,
    "former": 0,
    "latter": -1,
    "last": -1,
}
_BY_PLACE = pattern_of("offers", "by_place")
_BY_MARK = pattern_of("offers", "by_mark")
_YES = pattern_of("offers", "yes")
_IDLE = pattern_of("offers", "idle")
_INLINE = pattern_of("offers", "inline")
_SHORTEST = 2
_LONG, _OFFER = 200, 6_000


def choice_of(text: str, offer: str) -> Statement | None:
    """Return the decision that *text* takes among what the answer before it (*offer*) put up, None for none."""
    first = text[: 2 * _LONG].strip().split("\n")[0]
    if not first or len(first) > _LONG or "?" in first:
        return None
    said = regular(first)
    question, options = _options(re.sub(r"\s*\n\s*", "\n", offer[-_OFFER:]))
    chosen = _chosen(said, options) if options else None
    if chosen is None and not options and _YES.match(said):
        proposed = _PROPOSED.search(offer)
        chosen = proposed["what"] if proposed else None
    if chosen is None:
        return None
    what = shorten(_plain(chosen), _LONGEST).rstrip(".:")
    if len(what) < _SHORTEST or _IDLE.match(what):
        return None
    area = area_of(what)
    about = f" ({question})" if question and question.lower() not in what.lower() else ""
    slot = f"tool:{area}" if area else f"decision:{value_words(question or what)}"
    return Statement("decision", slot, "is", f"Decided: {what}{about}", value_words(what), quote_of(text))


def _options(offer: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the question and the (mark, wording) of what was offered; nothing when it is no choice."""
    for pattern in (_LISTED, _INLINE):
        listed = [(found["mark"].lower(), found["what"]) for found in pattern.finditer(offer)]
        if len(listed) > 1:
            return _question(offer), listed
    pair = _OR.search(offer)
    if pair is None:
        return "", []
    return _plain(pair[0]).strip(" .!\n"), [("a", pair["a"]), ("b", pair["b"])]


def _question(offer: str) -> str:
    asked = re.findall(r"[^.!?\n]{8,100}\?", offer)
    return _plain(asked[-1]).strip() if asked else ""


def _chosen(said: str, options: list[tuple[str, str]]) -> str | None:
    place = _BY_PLACE.match(said)
    if place:
        at = _NUMBER[place["p"].lower()]
        return options[at][1] if at < len(options) else None
    mark = _BY_MARK.match(said)
    if mark:
        named = mark["m"].lower()
        by_mark = dict(options)
        at = ord(named) - ord("a") if named.isalpha() else int(named) - 1
        return by_mark.get(named) or (options[at][1] if 0 <= at < len(options) else None)
    words = set(value_words(_TAKING.sub("", said)).split())
    if not words or len(words) > 5 or re.match(r"(?:i|we|my|it|that|this)\b", said, re.IGNORECASE):
        return None
    hits = [what for _, what in options if words & set(value_words(what.split(":")[0][:60]).split())]
    return hits[0] if len(hits) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[*_`]+", "", text).strip()
