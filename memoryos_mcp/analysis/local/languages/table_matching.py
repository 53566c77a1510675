"""From a message to what it tells in the languages that have a table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...fact_languages import LANGUAGES
from ..memo import remembered
from .tables import Rule, Table, table

__all__ = ["Told", "told_in"]

_READ = 6_000
_LONGEST = 400
_CLAUSES = 60
_MOST = 12
_QUOTE_CHARS = 80
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1|\Z)", re.DOTALL | re.MULTILINE)
_QUOTED = re.compile(
    '"[^"\n]{1,400}"|\u201c[^\u201d\n]{1,400}\u201d|\u201e[^\u201c\u201d\n]{1,400}[\u201c\u201d]|\u00ab[^\u00bb\n]{1,400}\u00bb|'
    "[\u300c\u300e][^\u300d\u300f\n]{1,400}[\u300d\u300f]|`[^`\n]{1,200}`|^\\s*>.*$",
    re.MULTILINE,
)
_SENTENCE = re.compile("[^.!?\u3002\uff01\uff1f\n]+(?:\\.(?=\\w)[^.!?\u3002\uff01\uff1f\n]+)*[.!?\u3002\uff01\uff1f]*")
_ASKS = re.compile("[?\uff1f]\\s*\\Z|\\A\\s*\u00bf")
_KANA = re.compile("[\u3041-\u30ff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_ENGLISH = re.compile(r"\b(?:the|I|I'm|is|and|you|my|have|with|this|that|it|of|for|we|was|your|are)\b")
_ENOUGH, _BEGINNING = 2, 120
_LATIN = re.compile("[a-z]", re.IGNORECASE)
_ARTICLE = re.compile(
    r"^(?:la|las|el|los|un|una|unos|unas|le|les|l['\u2019]|une|des|o|os|a|as|um|uma|der|die|das|den|dem|ein|eine|einen)\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """
    One thing a message tells: `slot` is what it fills ("home", "allergy:x"), `value` what tells it from others in its
    slot, `how` "is", "new" or "ends"; `words` are the value as it was said (of a diet its English name), `quote` is
    how the sentence begins.
    """

    language: str
    kind: str
    slot: str
    how: str
    line: str
    value: str
    words: str
    quote: str


@remembered
def told_in(text: str) -> Sequence[Told]:
    """Return what *text* tells of its writer in the languages that have a table, in order."""
    prose = _QUOTED.sub(" ", _FENCED.sub("\n", text[:_READ]))
    found: dict[str, Told] = {}
    clauses = 0
    for sentence in _SENTENCE.findall(prose):
        said = sentence.strip()
        if _ASKS.search(said) or not 2 < len(said) <= _LONGEST:
            continue
        bare = said.rstrip(".!\u3002\uff01 ")
        for language in _languages_of(bare):
            for told in _of_sentence(bare, table(language)):
                found.setdefault(told.line, told)
        clauses += 1 + bare.count(",")
        if clauses > _CLAUSES:
            break
    return tuple(found.values())[:_MOST]


def _languages_of(sentence: str) -> Sequence[str]:
    """Return the languages a sentence may be in, by its script."""
    if _KANA.search(sentence):
        return ("japanese",)
    if _HAN.search(sentence):
        return ("chinese",)
    if not _LATIN.search(sentence) or len(_ENGLISH.findall(sentence[:_BEGINNING])) >= _ENOUGH:
        return ()
    return [name for name in LANGUAGES if name not in ("japanese", "chinese")]


def _of_sentence(sentence: str, known: Table) -> Iterator[Told]:
    if known.silent.search(sentence):
        return
    kinds: set[tuple[str, str, bool]] = set()
    for start in _starts(sentence, known):
        for rule in known.rules:
            told = (rule.kind, rule.slot.partition(":")[0], rule.how == "ends")
            if told in kinds and rule.kind != "liking":
                continue
            found = rule.pattern.match(sentence, start)
            if found is None:
                continue
            kinds.add(told)
            yield _told(rule, found, sentence, start, known.language)
            break


def _starts(sentence: str, known: Table) -> list[int]:
    """Return where clauses begin: at the sentence's start and behind what joins two, fillers skipped."""
    starts = [0, *(each.end() for each in known.joint.finditer(sentence))]
    opened = [(found.end() if (found := known.opener.match(sentence, at)) else at) for at in starts]
    return list(dict.fromkeys([*starts, *opened]))


def _told(rule: Rule, found: re.Match[str], sentence: str, start: int, language: str) -> Told:
    groups = {name: (value or "").strip(" ,'\u2019") for name, value in found.groupdict().items()}
    line = sentence[start:].strip() if rule.line == "verbatim" else rule.line
    for name, words in groups.items():
        line = line.replace(f"{{{name}}}", words) if rule.line != "verbatim" else line
    words = "".join(groups.values()) or line.rpartition(" ")[2]
    value = _ARTICLE.sub("", words.casefold())
    slot = rule.slot.replace("{v}", value)
    return Told(language, rule.kind, slot, rule.how, _capital(line), value, words, _quote(sentence))


def _capital(line: str) -> str:
    return line[:1].upper() + line[1:]


def _quote(sentence: str) -> str:
    if len(sentence) <= _QUOTE_CHARS:
        return sentence
    cut = sentence[:_QUOTE_CHARS].rpartition(" ")[0] or sentence[:_QUOTE_CHARS]
    return f"{cut} \u2026"
