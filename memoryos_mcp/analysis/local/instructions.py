"""Orders that stand: "always ...", "don't ... when ...", kept as said, polarity and condition included."""

from .english.spelling import regular
from .english.wording import capital, in_third_person
from .rules import rules
from .statement import Statement
from .templates import slot_of

__all__ = ["instruction_of"]

_LONGEST = 300


def instruction_of(told: str, line: str, quote: str) -> Statement | None:
    """
    Return the standing order in *told*, a sentence or a piece of one; None when it gives none, or one for once.

    *line* is what is kept of it.
    """
    text = regular(told)
    for rule in rules("english_orders"):
        found = rule.pattern.match(text)
        if found is None:
            continue
        groups = {name: value or "" for name, value in found.groupdict().items()}
        groups["v"] = _object(groups["v"])
        slot, value = slot_of(rule.slot, groups)
        said = "" if rule.how == "ends" else capital(in_third_person(line))[:_LONGEST]
        return Statement(rule.kind, slot, rule.how, said, value, quote)
    return None


def _object(words: str) -> str:
    """Return the first words of what is ordered: what an order of the other polarity names too."""
    return " ".join(words.split(",")[0].split()[:6])
