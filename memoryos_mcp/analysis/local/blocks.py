"""
Who speaks in a message: what somebody typed themselves, and what they pasted.

Code, logs, console output, quotations, mails, letters, tables, transcripts and hosts' boilerplate are not typed and
are not read. A line is code on two signals, never on one. Bounded: the first 8,000 and the last 4,000 characters are
read.
"""

import re

from .memo import remembered
from .rules import pattern_of

__all__ = ["typed_prose"]

_HEAD, _TAIL = 8_000, 4_000
_LONGEST_LINE = 2_000
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
_FILLING = re.compile(r"(?:[ \t\r\f\v\u00a0]{4,}|\n{3,}|\S{80,})")
_CONTINUED = re.compile(r"\A\s*This session is being continued from a previous conversation")
_BOILERPLATE = pattern_of("blocks", "boilerplate")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_QUOTED = re.compile(r"^\s*(?:>|\|\s)")
_STAMP = pattern_of("blocks", "stamp")
_CLOCK = re.compile(r"^\s*[\[(]?\d{1,2}:\d\d\b")
_LEVEL = pattern_of("blocks", "level")
_PROMPT = re.compile(r"^\s*(?:[$%#] ?(?=[a-z./~]+(?:\s|$))|>>> |\.\.\. |In \[\d+\]:|\w+@[\w-]+:\S*[$#] |PS [A-Z]:)")
_COMMENT = re.compile(r"^\s*(?:#(?!\w+ )|//|/\*|\*/|\*(?= @)|--(?= )|<!--|;;|\"\"\"|''')")
_KEYWORD = pattern_of("blocks", "keyword")
_SYNTAX = (
    re.compile(r"[;{}]\s*$|[{}]\s*\w*\s*[{}]|\)\s*[:{;]\s*$|\)\s*=>|=>|->|==|!=|&&|\|\||::|\+=|:="),
    re.compile(r"\b[\w.]+\([^)]*\)\s*(?:[.;:{]|$)"),
    re.compile(r"^\s*[\w.\[\]\"']+\s*=\s*\S"),
    re.compile(r"</?\w+[^>]{0,80}>"),
    re.compile(r"^\s*[\"']?[\w-]+[\"']?\s*:\s*(?:[\"'\[{]|\d|true|false|null)"),
    re.compile(r"\b(?:FROM|WHERE|VALUES|SET|JOIN|NULL|VARCHAR)\b"),
)
_SYMBOLS = re.compile(r"[{}()\[\]<>=;|\\$@&^*_~`+]|/(?=\S*/)")
_TABLE = re.compile(r"^[^,\t|.!?]*(?:[\t|][^\t|]*){2,}$|^[^,.!?]{1,30}(?:,[^,.!?]{1,31}){3,}$")
_SPEAKER = re.compile(r"^\s*(?:[A-Z][\w.' -]{0,24}|me|you|user|assistant|system|interviewer)(?: \([^)]{1,30}\))?:\s")
_HEADER = re.compile(r"^(?:From|To|Cc|Subject|Date|Sent|Reply-To):\s", re.IGNORECASE)
_SALUTATION = pattern_of("blocks", "salutation")
_SIGNATURE = pattern_of("blocks", "signature")
_PASTE = pattern_of("blocks", "paste")


@remembered
def typed_prose(text: str) -> str:
    """Return what was typed as prose in *text*, a line for a line; what was pasted is left out."""
    if _CONTINUED.match(text):
        return ""
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n\n{text[-_TAIL:]}"
    text = _FILLING.sub(_thinned, text)
    text = _BOILERPLATE.sub("\n", text.translate(_APOSTROPHES))
    paste = _PASTE.search(text)
    if paste:
        text = text[: paste.start() if paste["talk"] else paste.end()]
    lines = _without_console(_without_fences(text.split("\n")))
    return "\n".join(_without_mail(_without_shapes(lines)))


def _thinned(filling: re.Match[str]) -> str:
    """Return a run of blanks or line breaks shortened; a word that no one types is a blank."""
    return "\n\n" if filling[0][0] == "\n" else "    " if filling[0].isspace() else " "


def _without_fences(lines: list[str]) -> list[str]:
    kept, inside = list[str](), False
    for line in lines:
        if _FENCE.match(line):
            inside = not inside
        kept.append("" if inside or _FENCE.match(line) else line[:_LONGEST_LINE])
    return kept


def _without_console(lines: list[str]) -> list[str]:
    """Blank what follows a shell's prompt, or the headers of a mail, until the next empty line (a mail: to the end)."""
    kept, output, mail = list[str](), False, sum(bool(_HEADER.match(line)) for line in lines) > 1
    begun = False
    for line in lines:
        output = bool(line.strip()) and (output or bool(_PROMPT.match(line)))
        begun = begun or (mail and bool(_HEADER.match(line)))
        kept.append("" if output or begun else line)
    return kept


def _without_shapes(lines: list[str]) -> list[str]:
    """Blank lines of code, logs, quotations, tables and transcripts."""
    signals = [_code_signals(line) for line in lines]
    talk = sum(bool(_SPEAKER.match(line)) for line in lines) > 1
    clocks = sum(bool(_CLOCK.match(line)) for line in lines) > 1
    tables = sum(bool(_TABLE.match(line)) for line in lines) > 2
    kept = []
    for at, line in enumerate(lines):
        beside = max(signals[max(0, at - 1) : at + 2], default=0) if signals[at] else 0
        pasted = (
            (signals[at] > 1 or (signals[at] == 1 and beside > 1))
            or bool(_QUOTED.match(line) or _STAMP.match(line) or _LEVEL.match(line) or _PROMPT.match(line))
            or (talk and bool(_SPEAKER.match(line)))
            or (clocks and bool(_CLOCK.match(line)))
            or (tables and bool(_TABLE.match(line)))
        )
        kept.append("" if pasted else line)
    return kept


def _code_signals(line: str) -> int:
    """Return how many signs of code a line shows: symbols, syntax, a keyword at its start, a comment's mark."""
    body = line.strip()
    if not body:
        return 0
    signs = sum(bool(pattern.search(line)) for pattern in _SYNTAX)
    signs += len(_SYMBOLS.findall(body)) > max(3, 0.08 * len(body))
    if signs or _COMMENT.match(line):
        signs += bool(_KEYWORD.match(line)) + bool(_COMMENT.match(line)) + line.startswith(("    ", "\t"))
    return signs


def _without_mail(lines: list[str]) -> list[str]:
    """Blank what stands between a salutation on a line of its own and a signature."""
    ends = [at for at, line in enumerate(lines) if _SIGNATURE.match(line) and at]
    starts = [at for at, line in enumerate(lines) if _SALUTATION.match(line)]
    if not ends or not starts or starts[0] > ends[-1]:
        return lines
    return [*lines[: starts[0]], *("" for _ in lines[starts[0] : ends[-1] + 2]), *lines[ends[-1] + 2 :]]
