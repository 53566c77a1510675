"""
How records look to a person: builds what `output` prints, prints nothing itself.

Text from memory is always placed in `Text`, so that nothing in it is read as markup.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from ..domain.counting import counted
from ..domain.records import Fact, ForgetReceipt, PageHit, Profile, Retrieval, Segment, Status
from ..retrieval.rendering import NOTHING

if TYPE_CHECKING:
    from .doctor.finding import Finding

__all__ = [
    "day",
    "excerpt",
    "facts",
    "finding",
    "heading",
    "hit",
    "profile",
    "receipt",
    "retrieval",
    "segments",
    "status",
    "why",
]

_SIDE_CHARS = 200
_SUMMARY_CHARS = 90
_TELLING_CHARS = 4
_SENTENCE = re.compile(r"[.!?:;] ")
_INDENT = (0, 0, 0, 3)
_LEVELS = {"ok": "green", "warning": "yellow", "error": "bold red"}


def day(moment: datetime) -> str:
    """Return the date of *moment* as it is shown: 2025-01-19."""
    return moment.strftime("%Y-%m-%d")


def why(score: float, parts: Mapping[str, float]) -> str:
    """Return a score and its parts, largest first; parts that add nothing are left out."""
    named = sorted(parts.items(), key=lambda pair: -abs(pair[1]))
    shown = " + ".join(f"{name} {value:.2f}" for name, value in named if abs(value) >= 0.005)
    return f"score {score:.2f}" + (f" = {shown}" if shown else "")


def heading(text: str) -> Text:
    """Return a heading."""
    return Text(text, style="bold")


def finding(found: "Finding") -> RenderableType:
    """Return one finding of the doctor, with what to do about it on a line of its own."""
    table = Table.grid(Column(width=7), Column(width=11), Column(overflow="fold"), padding=(0, 1))
    table.add_row(Text(found.level, style=_LEVELS[found.level]), Text(found.check), Text(found.what))
    if found.remedy:
        table.add_row("", "", Text(f"-> {found.remedy}"))
    return table


def status(found: Status, folder: Path, users: Sequence[str]) -> RenderableType:
    """Return the state of one user's memory as a table."""
    rows = {
        "user": f"{found.user_id} ({counted(len(users), 'user')} in this memory)",
        "short-term memory": f"{found.short_term_pages} of {counted(found.short_term_capacity, 'page')}",
        "mid-term memory": f"{counted(found.mid_term_pages, 'page')} in {counted(found.segments, 'segment')}",
        "long-term memory": f"{counted(found.user_knowledge, 'fact')} about the user, "
        f"{found.assistant_knowledge} about the assistant, {counted(found.traits, 'trait')}",
        "archive": counted(found.archive, "page"),
        "pending": str(found.pending),
        "analyzer": found.analyzer,
        "facts are read in": found.fact_languages,
        "embedder": found.embedder,
        "tokenizer": found.tokenizer,
        "storage": found.storage,
        "data folder": str(folder),
        "last error": found.last_error or "none",
        **_model(found),
    }
    return _pairs(rows.items())


def _model(found: Status) -> dict[str, str]:
    """Return what the model cost and what was read in its place; nothing without a model."""
    names = {"since_start": "model since start", "total": "model in total"}
    rows = {
        names[when]: f"{counted(each['calls'], 'call')}, {each['prompt_tokens']:,} prompt and "
        f"{counted(each['completion_tokens'], 'completion token')}, {counted(each['failures'], 'failure')}"
        for when, each in found.usage.items()
    }
    again = "; memoryos-mcp reanalyze reads them again" if found.analyzer == "openai" else ""
    stood_in = {"read in its place": f"{counted(found.stand_ins, 'page')}{again}"} if found.stand_ins else {}
    return {**rows, **stood_in}


def segments(found: Sequence[tuple[Segment, float]], most: int = 12) -> RenderableType:
    """Return the first *most* segments, in the order given, with their heat and their pages not read by a promotion."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("heat", justify="right")
    table.add_column("pages", justify="right")
    table.add_column("unread", justify="right")
    for name in ("segment", "keywords", "summary"):
        table.add_column(name, no_wrap=name == "segment", overflow="fold")
    for segment, heat in found[:most]:
        cells = (segment.segment_id, ", ".join(segment.keywords[:4]), excerpt(segment.summary, (), _SUMMARY_CHARS))
        table.add_row(f"{heat:.2f}", str(segment.pages), str(segment.interactions), *(Text(cell) for cell in cells))
    left = len(found) - most
    more = [Text(f"and {left} more")] if left > 0 else []
    return Group(table, *more, Text("heat = visits + unread pages + recency; a promotion reads the pages", style="dim"))


def retrieval(found: Retrieval, *, explain: bool = False) -> RenderableType:
    """Return what a retrieval found: its pages best first, their scores on request, then facts and profile."""
    tiers = [("short-term", entry) for entry in found.short_term] + [("mid-term", entry) for entry in found.mid_term]
    ranked = sorted(tiers, key=lambda pair: pair[1].score, reverse=True)
    known = len(found.user_knowledge) + len(found.assistant_knowledge)
    parts: list[RenderableType] = [
        heading(
            f"{counted(len(ranked), 'page')}, {counted(known, 'fact')}; "
            f"{found.token_count} of {found.max_tokens} tokens, {found.omitted} omitted"
        )
    ]
    if not ranked and not known and not found.profile:
        parts.append(Text(NOTHING))
    words = _words(found.query)
    parts += [hit(rank, tier, entry, words, explain=explain) for rank, (tier, entry) in enumerate(ranked, start=1)]
    if found.user_knowledge or found.assistant_knowledge:
        parts += [Text(), heading("Long-term memory"), facts((*found.user_knowledge, *found.assistant_knowledge))]
    if found.profile:
        parts += [Text(), heading("Profile"), Text(found.profile)]
    return Group(*parts)


def hit(rank: int, tier: str, entry: PageHit, words: Collection[str], *, explain: bool = False) -> RenderableType:
    """Return one page of a retrieval: where and when it is from, what we say of it, both sides near *words*."""
    page = entry.page
    sides = (("user", page.user_input), ("assistant", page.agent_response))
    lines: list[RenderableType] = [Text(why(entry.score, entry.why))] if explain else []
    lines += [Text(f"{who}: {excerpt(said, words)}", style="dim") for who, said in sides if said]
    title = ", ".join([f"{rank:>2} {tier}", day(page.timestamp), f"page {page.page_id}", *entry.notes])
    return Group(Text(title), Padding(Group(*lines), _INDENT, expand=False))


def profile(found: Profile, *, superseded: bool) -> RenderableType:
    """Return long-term memory: attributes, traits and facts with their sources; *superseded* facts only if asked."""
    parts: list[RenderableType] = [heading(f"Profile of {found.user_id}")]
    rows = [(entry.name, entry.value, _source(entry.page_ids, entry.said_at)) for entry in found.static]
    parts.append(_table(("attribute", "value", "source"), rows) if rows else Text("no attributes yet"))
    traits = [(t.dimension, t.level, t.evidence, _source(t.page_ids, t.updated_at)) for t in found.traits]
    if traits:
        parts += [Text(), heading("Traits"), _table(("trait", "level", "evidence", "source"), traits)]
    for title, known in (("user", found.user_knowledge), ("assistant", found.assistant_knowledge)):
        shown = [fact for fact in known if superseded or fact.superseded_by is None]
        if shown:
            parts += [Text(), heading(f"Knowledge about the {title}"), facts(shown)]
    return Group(*parts)


def facts(found: Sequence[Fact]) -> RenderableType:
    """Return facts with kind, project, id, source page and date; one that is past or superseded says so."""
    rows = [(fact.fact, _marks(fact), fact.fact_id, _source(fact.page_ids, fact.said_at)) for fact in found]
    return _table(("fact", "kind", "id", "source"), rows)


def receipt(found: ForgetReceipt) -> RenderableType:
    """Return what was or would be forgotten, by place."""
    verb = "would be forgotten" if found.dry_run else "forgotten"
    rows = [(place, f"{count} {verb}") for place, count in found.places.items() if count]
    rows += [(place, f"{count} kept for other pages, rewritten") for place, count in found.rewritten.items() if count]
    if not rows:
        return Text("nothing of this kind is in memory")
    return _pairs([*rows, *([("files", found.files)] if found.files else [])])


def _marks(fact: Fact) -> str:
    """Return what a fact is, which project's, and whether it still holds."""
    past = fact.expires is not None and fact.expires <= datetime.now(timezone.utc)
    states = (("pinned", fact.pinned), ("past", past), ("superseded", fact.superseded_by))
    marks = [fact.kind.replace("_", " "), fact.project, *(state for state, given in states if given)]
    return ", ".join(filter(None, marks))


def _source(page_ids: Sequence[str], said: datetime) -> str:
    more = f" +{len(page_ids) - 1}" if len(page_ids) > 1 else ""
    return f"{day(said)} {page_ids[0]}{more}" if page_ids else f"{day(said)} told directly"


def excerpt(text: str, words: Collection[str], most: int = _SIDE_CHARS) -> str:
    """Return up to *most* characters of *text* in one line: where it names the most of *words*, else its beginning."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    starts = [0, *(match.end() for match in _SENTENCE.finditer(line))]
    best = max(starts, key=lambda start: (sum(word in line[start : start + most].casefold() for word in words), -start))
    cut = line[best : best + most].rstrip()
    return f"{'... ' if best else ''}{cut}{'...' if best + most < len(line) else ''}"


def _words(query: str) -> Collection[str]:
    return {word for word in re.findall(r"\w+", query.casefold()) if len(word) >= _TELLING_CHARS}


def _pairs(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(Column(), Column(overflow="fold"), padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(name, style="bold"), Text(value))
    return table


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
