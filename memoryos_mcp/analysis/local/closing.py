"""Which statement closes which line: by its slot and the value that an ending names, never by words in common. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from ...domain.records import Page
from .rules import pattern_of, tools_in
from .statement import Statement, value_words

__all__ = ["Entry", "closes", "ending_of", "key_of", "rest_of", "same_slot"]

_WORK_KINDS = frozenset(["instruction", "tool", "project_fact", "decision", "constraint"])
_NEVER_ENDED = frozenset(("name", "birthday", "family", "event"))
_ENDED = pattern_of("closing", "ended")
_CHANGED = re.compile(
    r"(?:Started|Joined|Became|Promoted|Retired|Is (?:retired|unemployed|out of work|between jobs))\b"
)
_MOVED = re.compile(
    r"\b(?:moved|changed|pushed|shifted|raised|lowered|increased|reduced|bumped|renamed|relocated|switched|upped)\b"
)
_EMPLOYER = re.compile(r"^(?:Works|Started|Runs|Joined|Became)\b.* (?:at|for|with)\b|^(?:Joined|Runs)\b")
_KINSHIP = {"learning": {"learning", "liking", "study"}, "side": {"side", "work", "employer"}}
_PET = pattern_of("closing", "pet")
_MEMBERS = re.compile(r",? and |, | or ")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that was read, known or new: what it fills, when it was said, on which pages, and whether it holds."""

    line: str
    kind: str
    key: str
    said_at: datetime
    page_ids: tuple[str, ...]
    fact_id: str
    holds: bool = True
    quote: str = ""


def key_of(said: Statement, page: Page) -> str:
    """Return the slot of a statement as it is stored: what is said of work holds within its project."""
    slot = said.slot
    if said.how == "ends" and said.value and ":" not in slot:
        slot = f"ended:{slot}:{said.value}"
    return f"{slot}@{page.project.lower()}" if page.project and said.kind in _WORK_KINDS else slot


def same_slot(entry: Entry, key: str, said: Statement, page: Page) -> bool:
    """Whether a line and a statement of *page* (stored under *key*) cannot both hold; time tells which one does."""
    if entry.key and entry.key == key:
        return True
    if entry.kind == "work" and said.kind == "work":
        return _same_job(entry, key, said)
    ended = entry.key.startswith("ended:") and ":" not in said.slot and entry.key.split(":")[1] == said.slot
    if ended:
        return page.page_id not in entry.page_ids and entry.said_at <= page.timestamp
    return entry.kind == said.kind == "project_fact" and _same_subject(entry, key, said)


def _same_subject(entry: Entry, key: str, said: Statement) -> bool:
    """Whether one of two project facts tells a change of what the other is about, in fewer words or more."""
    if said.how != "new" and not _MOVED.search(entry.line):
        return False
    (one, _, where), (other, _, there) = entry.key.partition("@"), key.partition("@")
    mine, theirs = set(one.split(":")[-1].split()), set(other.split(":")[-1].split())
    return where == there and bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _same_job(entry: Entry, key: str, said: Statement) -> bool:
    """Whether two lines on the main job exclude each other: a change ends all; a role and an employer go together."""
    jobs = ("work", "employer")
    if key not in jobs or entry.key.removeprefix("ended:").split(":")[0] not in jobs:
        return False
    if _CHANGED.match(entry.line) or _CHANGED.match(said.line) or _ENDED.match(entry.line) or said.how == "new":
        return True
    return bool(_EMPLOYER.match(entry.line) and _EMPLOYER.match(said.line))


def ending_of(entry: Entry) -> Statement | None:
    """Return the ending that a line tells, None when it tells none."""
    if not _ENDED.match(entry.line):
        return None
    slot = entry.key.partition("@")[0]
    if slot.startswith("ended:"):
        _, slot, value = [*slot.split(":", 2), "", ""][:3]
        return Statement(entry.kind, slot if value else f"ended:{slot}", "ends", entry.line, value or slot, entry.quote)
    return Statement(entry.kind, slot, "ends", entry.line, slot.partition(":")[2], entry.quote)


def closes(said: Statement, entry: Entry) -> bool:
    """Whether an ending names what *entry* says."""
    if entry.kind == "" or (_ENDED.match(entry.line) and entry.line != said.line):
        return False
    wanted, slot = set(said.value.split()), said.slot
    prefix, _, held = entry.key.partition("@")[0].partition(":")
    named = set(held.split()) or set(value_words(entry.line).split())
    if slot.startswith("ended:"):
        return (
            bool(wanted) and entry.kind not in _NEVER_ENDED and wanted <= named | set(value_words(entry.line).split())
        )
    group, _, _ = slot.partition(":")
    if ":" not in slot:
        alike = prefix == group or (group == "work" and prefix in ("employer", *(["side"] if wanted else [])))
        return alike and wanted <= set(value_words(entry.line).split())
    if group == "tool" == prefix:
        return bool(tools_in(said.line) & tools_in(entry.line))
    if prefix not in _KINSHIP.get(group, {group}):
        return False
    return bool(wanted) and (wanted <= named or (bool(held) and named <= wanted))


def rest_of(entry: Entry, said: Statement) -> tuple[str, str]:
    """Return the line and the key of what is left when an ending names one of several in a line, "" when nothing is."""
    prefix, _, held = entry.key.partition(":")
    wanted = set(said.value.split())
    if prefix not in ("pet", "allergy", "language") or not wanted or set(held.split()) <= wanted:
        return "", ""
    head, listed = _listed(entry.line, prefix)
    left = [each for each in listed if not set(value_words(each).split()) & wanted]
    if not left or len(left) == len(listed):
        return "", ""
    names = " and ".join([", ".join(left[:-1]), left[-1]] if len(left) > 1 else left)
    if prefix == "pet":
        species = _PET.search(entry.line)
        one = re.sub(r"(?<=[a-z]{2})s$", "", species["s"]) if species else "pet"
        line = f"Has a {one} named {names}" if len(left) == 1 else f"Has {one}s named {names}"
    else:
        line = f"{head} {names}"
    return line, f"{prefix}:{value_words(' '.join(left))}"


def _listed(line: str, prefix: str) -> tuple[str, list[str]]:
    if prefix == "pet":
        return "", re.findall(r"(?<!^)\b[A-Z][\w'-]+", line)
    found = re.match(r"(Allergic to|Speaks) (.+?)(?: \(.*\))?$", line)
    return (found[1], _MEMBERS.split(found[2])) if found else ("", [])
