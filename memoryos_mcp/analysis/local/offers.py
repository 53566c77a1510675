"""
Decisions that come in pairs: the assistant offers A or B, the user answers "let's go with B", "option 2", "yes".

The choice is kept in the assistant's wording, with its question.
"""

import re

from .english.spelling import regular
from .english.wording import shorten
from .rules import area_of
from .statement import Statement, quote_of, value_words

__all__ = ["choice_of"]

_LONGEST = 160
_LISTED = re.compile(
    r"^[ \t]*(?:[-*\u2022] )?(?:\*\*)?(?:(?:option|approach|plan|variant|alternative|choice|way) )?\(?(?P<mark>[A-Fa-f]|[1-6])(?:[.):]|\*\*[.:)]?| [-\u2013\u2014:])\**\s+(?P<what>\S.{2,300})$",
    re.IGNORECASE | re.MULTILINE,
)
_OR = re.compile(
    r"(?:^|[.!?\n]\s*)(?P<q>[^.!?\n]{0,80}?\b(?:should (?:I|we)|do you (?:want|prefer)|would you (?:like|prefer|rather)|shall (?:I|we)|prefer|either|want (?:me to )?(?:use|go with)|go with|use|choose|pick|between)\b:? )"
    r"(?P<a>[^.?!\n]{2,80}?),? (?:or|versus|vs\.?|and) (?P<b>[^.?!\n]{2,80}?)(?:\s*\([^)]*\))?(?: for [^?\n]{2,40})?\?",
    re.IGNORECASE,
)
_PROPOSED = re.compile(
    r"(?:^|[.!?\n]\s*)(?:(?:I(?:'d| would)? (?:suggest|recommend|propose)|my (?:suggestion|recommendation|proposal) is|shall (?:we|I)|should (?:we|I)|do you want (?:me )?to|want me to|would you like (?:me )?to|how about we|we could|let's))(?: that we| we| you)?(?: to)? (?:go with|use|using|stick with|adopt|switch to|keep|store|build on|move to|choose) (?P<what>[^.?!\n]{2,90})",
    re.IGNORECASE,
)
_LEAD = r"(?:(?:ok|okay|alright|right|sure|great|good|perfect|yes|yeah|yep|hmm|well|so|then|i think|let's see|fine|cool|thanks|no)[,.! ]+)*"
_TAKES = r"(?:(?:let's|let us|we will|we'll|i will|i'll|i would|i'd|i want to|please|can we|we can|just)(?: just| rather)? )?(?:(?:go|stick|stay|proceed|run)(?: ahead)? with|take|pick|choose|use|do|prefer|like|want|try|implement|going with|i choose|i prefer|i pick|make it)?"
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
_BY_PLACE = re.compile(
    rf"^{_LEAD}{_TAKES} ?(?:the )?(?P<p>first|second|third|fourth|1st|2nd|3rd|former|latter|last)(?: (?:one|option|approach|choice|alternative|variant|way|solution|plan|suggestion|idea))?(?=$|[,.;!]| (?:please|then|is|it is|because|since|sounds|looks|for|and)\b)",
    re.IGNORECASE,
)
_BY_MARK = re.compile(
    rf"^{_LEAD}{_TAKES} ?(?:the )?(?P<o>(?:option|approach|plan|variant|alternative|choice|number|no\.?|way|solution)\s*)?#?\(?(?P<m>[A-Fa-f]|[1-6])\)?(?=$|[,.;!]| (?:please|then|is|it is|because|since|sounds|looks|for|and)\b)",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^(?:yes|yep|yeah|yup|sure|ok|okay|agreed|sounds good|perfect|great|do it|go ahead|go for it|absolutely|definitely|exactly|deal|let's do (?:it|that)|fine by me|works for me|good idea)"
    r"(?:[,.! ]+(?:please|let's do (?:it|that)|do (?:it|that)|go ahead|go for it|sounds good|that works|yes|thanks|good|great|let's go))*[.! ]*$",
    re.IGNORECASE,
)
_LONG = 200


def choice_of(text: str, offer: str) -> Statement | None:
    """Return the decision that *text* takes among what the answer before it (*offer*) put up, None when it takes none."""
    said = regular(text.strip().split("\n")[0])
    if not said or len(said) > _LONG or "?" in said:
        return None
    question, options = _options(offer)
    chosen = _chosen(said, options) if options else None
    if chosen is None and not options and _YES.match(said):
        proposed = _PROPOSED.search(offer)
        chosen = proposed["what"] if proposed else None
    if chosen is None:
        return None
    what = shorten(_plain(chosen), _LONGEST).rstrip(".:")
    if len(what) < 2:
        return None
    area = area_of(what)
    about = f" ({question})" if question and question.lower() not in what.lower() else ""
    slot = f"tool:{area}" if area else f"decision:{value_words(question or what)}"
    return Statement("decision", slot, "is", f"Decided: {what}{about}", value_words(what), quote_of(text))


def _options(offer: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the question and the (mark, wording) of what was offered; nothing when it is no choice."""
    listed = [(found["mark"].lower(), found["what"]) for found in _LISTED.finditer(offer)]
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
    words = set(value_words(re.sub(rf"^{_LEAD}{_TAKES}", "", said, flags=re.IGNORECASE)).split())
    if not words or len(words) > 6:
        return None
    hits = [what for _, what in options if words & set(value_words(what.split(":")[0][:60]).split())]
    return hits[0] if len(hits) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[*_`]+", "", text).strip()
