"""The tables as records: the pieces of a language's patterns, and its rules."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Rule", "Table", "table"]

_PIECE = re.compile(r"<([A-Z]+)>")
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: what `pattern` finds at the start of a clause is of `kind` in `slot`; `example` must give `wanted`."""

    kind: str
    slot: str
    how: str
    pattern: re.Pattern[str]
    line: str
    example: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Table:
    """A language: what opens a clause, what joins two, what silences a sentence, and the rules."""

    language: str
    opener: re.Pattern[str]
    joint: re.Pattern[str]
    silent: re.Pattern[str]
    rules: tuple[Rule, ...]


@cache
def table(language: str) -> Table:
    """Return the table of one of `fact_languages.LANGUAGES`."""
    rows = files(__package__).joinpath(f"{language}.tsv").read_text("utf-8").splitlines()
    cells = [row.split("\t") for row in rows if row and not row.startswith("#")]
    pieces = {name[1:]: pattern for name, pattern in (row for row in cells if row[0].startswith("="))}
    return Table(
        language=language,
        opener=re.compile(rf"(?:{pieces['OPENER']}\s*)+", re.IGNORECASE),
        joint=re.compile(
            rf"[,;:\u3001\uff0c\uff1b\uff1a\u2014\u2013]\s*|\s(?:{pieces['AND']})\s|(?:{pieces['AND']})(?=[\u4e00-\u9fff])"
        ),
        silent=re.compile(pieces["SILENT"], re.IGNORECASE),
        rules=tuple(sorted((_rule(row, pieces) for row in cells if not row[0].startswith("=")), key=_after_endings)),
    )


def _after_endings(rule: Rule) -> bool:
    """Rules for what has ended come first: "no longer likes" before "does not like"."""
    return rule.how != "ends"


def _rule(row: list[str], pieces: Mapping[str, str]) -> Rule:
    kind, slot, how, pattern, line, example, wanted = row
    return Rule(kind, slot, how, re.compile(_written_out(pattern, pieces), re.IGNORECASE), line, example, wanted)


def _written_out(pattern: str, pieces: Mapping[str, str]) -> str:
    for _ in range(_DEPTH):
        pattern = _PIECE.sub(lambda found: pieces[found[1]], pattern)
    return pattern
