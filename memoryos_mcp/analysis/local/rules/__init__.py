"""
The rules that say what a clause tells, read from the tables beside this file: a row is a pattern, a kind and a line.

English is read from these tables: `english_life.tsv` over clauses, `english_work.tsv` over sentences, and the words of
both in `english_words.toml`. The other languages have a table each in `languages/`.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["How", "Rule", "area_of", "pattern_of", "pieces", "rules", "tools", "tools_in", "written_out"]

How = Literal["is", "new", "once", "ends", "quiet"]
_PIECE = re.compile(r"<(\w+)>")
_DEPTH = 6
_ALONE = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table: what `pattern` finds is a fact of `kind` in `slot`; `example` must give `wanted`."""

    kind: str
    slot: str
    how: How
    pattern: re.Pattern[str]
    line: str
    attribute: str
    example: str
    wanted: str


@cache
def rules(table: str) -> tuple[Rule, ...]:
    """Return the rules of a table ("english_life"), in order."""
    language = table.partition("_")[0]
    return tuple(_rule(row.split("\t"), pieces(language)) for row in _rows(f"{table}.tsv"))


@cache
def pieces(language: str) -> Mapping[str, str]:
    """Return the named pieces of patterns of a language, each written out in full."""
    table = tomllib.loads(files(__package__).joinpath(f"{language}_words.toml").read_text("utf-8"))
    listed = {name: _alternatives(words.split(";")) for name, words in table["lists"].items()}
    return {**listed, **table["pieces"], "TOOL": _alternatives(sorted(tools(), key=len, reverse=True), literal=True)}


@cache
def tools() -> Mapping[str, str]:
    """Return the area of every tool by its name in lower case."""
    found = (row.split("\t") for row in _rows("areas.tsv"))
    return {name.strip(): area for area, names in found for name in names.split(";")}


def area_of(text: str) -> str:
    """Return the area of the first tool that *text* names, "" when it names none; everyday words count alone only."""
    for found in _any_tool().finditer(text):
        if found[0].lower() not in _everyday() or len(text.split()) < _ALONE:
            return tools()[found[0].lower()]
    return ""


@cache
def _everyday() -> frozenset[str]:
    """Return the names of tools that are words of everyday talk."""
    return frozenset(pieces("english")["everyday"].strip("(?:)").split("|"))


def tools_in(text: str) -> set[str]:
    """Return the tools that *text* names, in lower case."""
    return {found[0].lower() for found in _any_tool().finditer(text)}


@cache
def _any_tool() -> re.Pattern[str]:
    names = _alternatives(sorted(tools(), key=len, reverse=True), literal=True)
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)


def _rule(row: list[str], named: Mapping[str, str]) -> Rule:
    kind, slot, how, pattern, line, attribute, example, wanted = row
    whole = re.compile(written_out(pattern, named), re.IGNORECASE)
    return Rule(kind, slot, cast("How", how), whole, line, attribute, example, wanted)


def written_out(pattern: str, named: Mapping[str, str]) -> str:
    """Return *pattern* with its named pieces in place; pieces may name pieces."""
    for _ in range(_DEPTH):
        pattern = _PIECE.sub(lambda found: named.get(found[1], found[0]), pattern)
    return pattern


def _rows(name: str) -> list[str]:
    lines = files(__package__).joinpath(name).read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _alternatives(words: list[str], *, literal: bool = False) -> str:
    kept = [re.escape(word) if literal else word.strip() for word in words if word.strip()]
    return "(?:" + "|".join(kept) + ")"


@cache
def pattern_of(module: str, name: str) -> re.Pattern[str]:
    """Return the English pattern that *module* reads by, from its table; a line break there means nothing."""
    return re.compile(written_out(_patterns()[module][name].replace("\n", ""), pieces("english")))


@cache
def _patterns() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("english_patterns.toml").read_text("utf-8"))
