"""
What hosts write into a conversation as if it were said: marks of interruption, notifications, limits, attachments.

It is data, in `boilerplate.tsv` beside this module, one example each. Nothing is taken out of code, and no tag that is
not closed. Work is linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from .fences import fences

__all__ = ["Boilerplate", "boilerplate", "is_boilerplate", "typed_text"]

_KINDS = ("block", "words", "whole", "start", "part")
_LONGEST_WHOLE = 2_500


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """One kind of it: how `pattern` is read ("block", "words", "whole", "start", "part"), an example, whose it is."""

    kind: str
    pattern: str
    example: str
    host: str


@dataclass(frozen=True, slots=True)
class _Patterns:
    whole: re.Pattern[str]
    start: re.Pattern[str]
    part: re.Pattern[str]
    tag: re.Pattern[str]
    words: frozenset[str]
    hints: tuple[str, ...]


def boilerplate() -> tuple[Boilerplate, ...]:
    """Return all that is known of it, in the order of the file."""
    rows = (files(__package__) / "boilerplate.tsv").read_text("utf-8").splitlines()
    cells = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return tuple(Boilerplate(kind, pattern, _read(example), host) for kind, pattern, example, host in cells)


def is_boilerplate(text: str) -> bool:
    """Whether *text* holds nothing that was typed or answered. Blank text is none of it."""
    return bool(text.strip()) and not typed_text(text)


@lru_cache(maxsize=1024)
def typed_text(text: str) -> str:
    """Return *text* without what hosts wrote into it; as it is when there is nothing of the kind."""
    patterns = _patterns()
    bare = text.strip()
    if _is_whole(bare, patterns) or patterns.start.match(bare):
        return ""
    if not any(hint in text for hint in patterns.hints):
        return text
    pieces, at = [], 0
    for start, end, words in _parts(text, patterns):
        pieces += [text[at:start], words]
        at = end
    if not at:
        return text
    left = "".join([*pieces, text[at:]]).strip()
    return "" if _is_whole(left, patterns) else left


def _is_whole(bare: str, patterns: _Patterns) -> bool:
    return len(bare) <= _LONGEST_WHOLE and patterns.whole.fullmatch(bare) is not None


def _read(example: str) -> str:
    """Return an example with its escapes of private characters read."""
    return re.sub(r"\\u(\w{4})", lambda found: chr(int(found[1], 16)), example)


@cache
def _patterns() -> _Patterns:
    by_kind: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for each in boilerplate():
        by_kind[each.kind].append(each.pattern)
    tags = "|".join(map(re.escape, [*by_kind["block"], *by_kind["words"]]))
    return _Patterns(
        whole=re.compile("|".join(by_kind["whole"]), re.DOTALL),
        start=re.compile("|".join(by_kind["start"])),
        part=re.compile("|".join(by_kind["part"])),
        tag=re.compile(rf"<({tags})(?: [^<>\n]{{0,200}})?>"),
        words=frozenset(by_kind["words"]),
        hints=("<", "[Image", "[Pasted", "\ue200", "\u2020"),
    )


def _parts(text: str, patterns: _Patterns) -> Iterator[tuple[int, int, str]]:
    """Yield what is the host's, in order: where it starts and ends, and what was typed within."""
    found = sorted((*patterns.tag.finditer(text), *patterns.part.finditer(text)), key=lambda each: each.start())
    code = [(block.start, block.end) for block in fences(text)] if found else []
    unclosed: set[str] = set()
    at, block = 0, 0
    for each in found:
        while block < len(code) and code[block][1] <= each.start():
            block += 1
        quoted = text[each.start() - 1 : each.start()] == "`"
        if each.start() < at or quoted or (block < len(code) and code[block][0] <= each.start()):
            continue
        end, words = _extent(text, each, patterns, unclosed)
        if end:
            yield each.start(), end, words
            at = end


def _extent(text: str, found: re.Match[str], patterns: _Patterns, unclosed: set[str]) -> tuple[int, str]:
    """Return where a part ends and what was typed within; 0 for a tag that is never closed."""
    if found.re is patterns.part:
        return found.end(), ""
    name = found.group(1)
    end = -1 if name in unclosed else text.find(f"</{name}>", found.end())
    if end < 0:
        unclosed.add(name)
        return 0, ""
    return end + len(name) + 3, text[found.end() : end] if name in patterns.words else ""
