"""
"Actually no, it's on May 16": a new value without its slot, which the newest fact of the last five pages gives it.

Found here in a message, and put into the line it corrects.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ...text.dates import describe, find_dates
from .closing import Entry
from .english.spelling import regular
from .english.wording import capital
from .rules import area_of, pattern_of
from .statement import Statement, quote_of

__all__ = ["corrected", "correction_of"]

_PATTERNS = tuple(pattern_of("corrections", f"form_{at}") for at in range(1, 8))
_CLAUSE = pattern_of("corrections", "clause")


def correction_of(sentence: str) -> Statement | None:
    """Return the bare new value that a sentence gives, None when it gives none."""
    text = regular(sentence).strip(" .!")
    for pattern in _PATTERNS:
        found = pattern.match(text)
        if found is None:
            continue
        new, old = found["new"].strip(" ,."), (found.groupdict().get("old") or "").strip(" ,.")
        if new and new.lower() != old.lower() and not _CLAUSE.match(new):
            return Statement("", "", "corrects", new, quote=quote_of(sentence), old=old)
    return None


def corrected(said: Statement, recent: Sequence[Entry]) -> tuple[Entry, Statement] | None:
    """Return the line that a bare value corrects and what it says then; *recent* holds lines, oldest first."""
    for entry in reversed(recent):
        line = _put(entry, said)
        if line and line != entry.line:
            slot = entry.key.partition("@")[0]
            return entry, replace(said, kind=entry.kind, slot=slot, how="is", line=line)
    return None


def _put(entry: Entry, said: Statement) -> str:
    """Return the line of *entry* with the new value in it, "" when that is no value of its kind."""
    if said.old and (found := re.search(rf"(?<!\w){re.escape(said.old)}(?!\w)", entry.line, re.IGNORECASE)):
        return f"{entry.line[: found.start()]}{said.line}{entry.line[found.end() :]}"
    dated = _put_date(entry, said.line)
    if dated or said.old:
        return dated
    if entry.kind == "tool" and area_of(said.line) and area_of(said.line) == area_of(entry.line):
        old = area_name(entry.line)
        return entry.line.replace(old, said.line, 1) if old else ""
    number = re.fullmatch(r"\D{0,3}(\d[\d.,]*).*", said.line)
    held = re.findall(r"\d[\d.,]*", re.sub(r"\([^()]*\)$", "", entry.line))
    if number and len(held) == 1:
        return entry.line.replace(held[0], number[1].rstrip(".,"), 1)
    prefix = re.match(
        r"(?:Name is|Goes by|Lives in|Moved to|Married to|Partner is|[A-Z]\w+ is called|Manager is|Birthday is) ",
        entry.line,
    )
    one = re.fullmatch(r"(?-i:[A-Z])[\w'-]*(?: (?-i:[A-Z])[\w'-]*)?", said.line)
    return f"{prefix[0]}{capital(said.line)}" if prefix and one else ""


def area_name(line: str) -> str:
    """Return the tool that a line names, as it stands there."""
    words = re.findall(r"[\w.+#-]+(?: [\w.+#-]+)?", line)
    return next((word for word in [*words, *line.split()] if area_of(word)), "")


def _put_date(entry: Entry, new: str) -> str:
    """Return the line with another day, when both the line and the new value name one."""
    said = entry.said_at
    mine, theirs = find_dates(entry.line, said), find_dates(new, said) or find_dates(f"on {new}", said)
    if not mine or entry.kind not in ("event", "plan", "birthday", "constraint"):
        return ""
    if theirs:
        day = describe(theirs[0].first, theirs[0].last)
    elif re.fullmatch(r"(?:the )?\d{1,2}(?:st|nd|rd|th)", new, re.IGNORECASE):
        day = re.sub(r"^\d{1,2}", re.sub(r"\D", "", new), entry.line[mine[0].start : mine[0].end])
    else:
        return ""
    return f"{entry.line[: mine[0].start]}{day}{entry.line[mine[0].end :]}"
