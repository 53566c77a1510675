"""
From typed prose to statements: each clause against the rules of life, each sentence against the rules of work.

No kind, no line: what matches no rule says nothing. Pure; nothing is known here of other pages.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import cache

from ...text.dates import describe, find_dates, take_date
from .corrections import correction_of
from .english.clauses import clauses, opened
from .english.guards import silent
from .english.lexicon import content_words, is_technical
from .english.prose import Sentence, sentences
from .english.spelling import regular
from .english.wording import capital, in_third_person, name_case, shorten
from .events import dated, days_ahead, event_of
from .instructions import instruction_of
from .memo import remembered
from .rules import Rule, area_of, pattern_of, rules
from .statement import Statement, quote_of
from .templates import filled, slot_of

__all__ = ["statements_of"]

_CLAUSES = 60
_MOST = 12
_NAMES = frozenset(["n", "m", "o"])
_SIDE = pattern_of("reading", "side")
_TECHNICAL_KINDS = frozenset(("plan", "liking", "pet", "family", "condition", "work", "home", "study", "side_activity"))
_DATED = frozenset(("new", "once", "ends"))
_LASTING = re.compile(
    r"^Has\b| (?:lives?|(?:is|are)(?! (?:getting|moving|due|having|expecting|starting|turning)\b)|works?|has|have|"
    r"likes?|loves?|hates?|speaks?|owns?|called)\b"
)
_FILLER = pattern_of("reading", "filler")
_FIRST_PERSON = ("i ", "we ", "(?:i|we) ", "(?:i|we) ")
_POSSESSIVE = ("my ", "our ", "(?:my|our) ")
_POINTER = re.compile(r"\b(?:my|our|for|because|due|with|treat|and|(?-i:[A-Z])\w+,)\b|,", re.IGNORECASE)
_ORDERS = re.compile(r"(?!(?:i|we|they|he|she|it|you|this|that|these|my|our|the|there)\b)\w+", re.IGNORECASE)
_ASIDE = pattern_of("reading", "aside")
_PREPOSED = re.compile(r"(in|on|since|around|during|from)\b", re.IGNORECASE)
_PIECES = pattern_of("reading", "pieces")


@remembered
def statements_of(text: str, when: datetime) -> Sequence[Statement]:
    """Return what *text*, said at *when*, tells of its writer, in the order said."""
    found: dict[str, Statement] = {}
    read = 0
    for sentence in sentences(text):
        if read > _CLAUSES:
            break
        parts = [] if silent(sentence) else clauses(sentence)
        read += len(parts) + 1
        for each in _of_sentence(sentence, parts, when):
            found.setdefault(each.line or each.slot, each)
    return tuple(found.values())[:_MOST]


def _of_sentence(sentence: Sentence, parts: Sequence[str], when: datetime) -> Iterator[Statement]:
    quote = quote_of(sentence.text)
    told = [each for part in parts for each in _of_clause(part, when, quote)]
    if not (silent(sentence) or sentence.asks):
        taken = {each.slot for each in told} | {each.kind for each in told if each.how == "ends"}
        told += [each for each in _introduced(sentence.text, when, quote) if not {each.slot, each.kind} & taken]
    if not sentence.asks and not silent(sentence, conditions=False):
        work = _work(sentence, when, quote)
        told = [*([work] if work else []), *told]
    if not told and not sentence.asks and (bare := correction_of(sentence.text)) is not None:
        told = [bare]
    yield from (dated(each, sentence.text, when) for each in told)


def _work(sentence: Sentence, when: datetime, quote: str) -> Statement | None:
    """Return the one thing a sentence says of the work: an instruction, or what a rule of work finds."""
    whole = opened(sentence.text)
    for told, line in [(whole, whole), *_pieces(whole)]:
        text = regular(told)
        for rule in rules("english_work"):
            found = rule.pattern.match(text)
            if found:
                return _worked(rule, found, line, when, quote)
        order = instruction_of(told, line, quote) if told is whole or line is whole or _ORDERS.match(whole) else None
        if order is not None:
            return order
    return None


def _pieces(whole: str) -> Iterator[tuple[str, str]]:
    """Return the later pieces of a sentence, each with its line: the whole sentence where that gives its reason."""
    for found in _PIECES.finditer(whole):
        piece = opened(whole[found.end() :])
        yield piece, whole if found["reason"] else piece


def _introduced(text: str, when: datetime, quote: str) -> Iterator[Statement]:
    """Return whom a sentence names by the way: "my husband Igor and I moved"."""
    for rule in _introductions() if _POINTER.search(text) else ():
        if found := rule.pattern.match(text):
            said = _stated(rule, found, text, "", when, quote)
            if said is not None:
                yield said


@cache
def _introductions() -> Sequence[Rule]:
    """Return the rules of life that may match behind the start of a clause."""
    return [rule for rule in rules("english_life") if rule.pattern.pattern.startswith((".*?", "(?:.*?"))]


def _worked(rule: Rule, found: re.Match[str], told: str, when: datetime, quote: str) -> Statement:
    groups = {name: value or "" for name, value in found.groupdict().items()}
    slot, value = slot_of(rule.slot, groups)
    if rule.kind == "decision" and not groups.get("q"):
        area = area_of(groups["v"])
        slot = f"tool:{area}" if area else slot_of("decision:{v}", groups)[0]
    kept = told if rule.kind in ("constraint", "instruction") else _ASIDE.sub("", told)
    line = capital(in_third_person(kept)) if rule.line == "verbatim" else _dated_line(rule, groups, when)
    ends = _end_of(groups.get("t") or line, when) if rule.kind in ("event", "constraint") else None
    return Statement(rule.kind, slot, rule.how, line, value, quote, expires=ends)


def _dated_line(rule: Rule, groups: Mapping[str, str], when: datetime) -> str:
    words = dict(groups)
    template = rule.line.replace("{t:date}", "{t}")
    days = days_ahead(groups.get("t", ""), when)
    if days:
        words["t"] = describe(days[0].first, days[0].last)
    return filled(template, words, when)


def _end_of(text: str, when: datetime) -> datetime | None:
    days = days_ahead(text, when)
    return datetime.combine(days[-1].last + timedelta(days=1), time(), when.tzinfo) if days else None


def _of_clause(part: str, when: datetime, quote: str) -> Iterator[Statement]:
    event = event_of(part, when, quote)
    if event is not None:
        yield event
        return
    bare, day = _without_date(_FILLER.sub(r"\1 ", part), when)
    kinds = set[str]()
    for rule in _endings_first(_first(bare)):
        key = f"{rule.kind} {rule.how}" if rule.how == "quiet" or rule.kind == "medication" else rule.kind
        if key in kinds or (kinds and rule.slot.startswith("ended:") and rule.how != "quiet"):
            continue
        found = rule.pattern.match(part if rule.kind in ("birthday",) and rule.how == "is" else bare)
        if found is None:
            continue
        said = _stated(rule, found, part, day, when, quote)
        if said is not None:
            kinds.add(key)
            yield said


@cache
def _endings_first(first: str) -> Sequence[Rule]:
    """Return the rules of life for clauses that begin so: those of a change first, last what may end anything."""
    fitting = [rule for rule in rules("english_life") if _first(rule.pattern.pattern) in ("", first)]
    return sorted(fitting, key=lambda rule: (rule.slot.startswith("ended:"), rule.how in ("is", "once")))


def _first(text: str) -> str:
    """Return which of the two usual beginnings a clause or a pattern has: "I" or "my"; "" for another."""
    low = text.lower()
    return "I" if low.startswith(_FIRST_PERSON) else "my" if low.startswith(_POSSESSIVE) else ""


def _without_date(part: str, when: datetime) -> tuple[str, str]:
    """Return a clause without its first date, and that date's name, "" when it has none."""
    taken = take_date(part, when)
    if taken.name:
        return taken.text, taken.name
    for each in find_dates(part, when):
        before = re.search(r"(?:,? (?P<p>in|on|since|back in|around|during|from))? ?$", part[: each.start])
        own = _PREPOSED.match(part[each.start : each.end])
        if before is None or not (before["p"] or own):
            continue
        rest = part[each.end :]
        name = describe(each.first, each.last)
        given = before["p"] or (own[1].lower() if own else "")
        lead = given if given in ("since", "around") else ""
        return (part[: before.start()] + rest).strip(" ,"), f"{lead} {name}".strip()
    return part, ""


def _stated(rule: Rule, found: re.Match[str], part: str, day: str, when: datetime, quote: str) -> Statement | None:
    kind = rule.kind
    read = found.groupdict().items()
    groups = {name: (value or "") if kind == "pet" else _clean(name, value or "") for name, value in read}
    slot, value = slot_of(rule.slot, groups)
    if kind == "work" and rule.slot in ("work", "employer") and _SIDE.search(part):
        kind, value = "side_activity", slot_of("x:{v}", groups)[1]
        slot = f"side:{value}"
    if rule.how == "ends" and not value:
        value = slot_of("x:{v}", groups)[1] if groups.get("v") else ""
    if rule.how == "quiet":
        return Statement(kind, slot, rule.how, "", value, quote)
    line = filled(rule.line, groups, when)
    if not line or not _worth(kind, line, value):
        return None
    if day and (rule.how in _DATED or _takes_date(kind, line) or day.startswith("since")) and day not in line:
        line = f"{line} ({day})"
    expires = _end_of(part, when) if kind == "plan" else None
    return Statement(kind, slot, rule.how, capital(line), value, quote, expires=expires)


def _takes_date(kind: str, line: str) -> bool:
    """Whether a date said with a line is that of the line: not of what one has, nor of where somebody lives."""
    return kind in ("plan", "medication") or (kind == "family" and not _LASTING.search(line))


def _clean(name: str, value: str) -> str:
    if name in _NAMES and value and value == value.lower():
        return name_case(value.strip())
    return shorten(value) if name == "v" and len(value) > 3 else value


def _worth(kind: str, line: str, value: str) -> bool:
    """Whether a line of a kind that code is also spoken of in is about a life."""
    if kind == "liking" and not content_words(line.partition(" ")[2]):
        return False
    return not (kind in _TECHNICAL_KINDS - {"work", "study"} and is_technical(line)) and bool(value or kind != "liking")
