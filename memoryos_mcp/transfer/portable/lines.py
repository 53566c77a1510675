"""
The export format: JSON lines in UTF-8, one record a line, each with its `kind`.

The first line is the header: {"kind": "header", "format": "memoryos-mcp", "version": 1, "users": [ids]}.
The last one is the end: {"kind": "end", "lines": n}, n lines before it: without it the file is cut short.
Every line between them has `user_id`, and by `kind`:

  segment    tier (mid_term, archive), segment_id, summary, keywords, created_at, last_visit, visits, interactions,
             pages, last_page_id, last_sequence, promoted_sequence, analyzer
  page       tier (short_term, mid_term, archive), page_id, user_input, agent_response, timestamp, metadata, project,
             sequence (order of arrival), noted, chain_id, chain_summary, segment_id, previous_id, analyzer
  fact       fact_id, fact, about (user, assistant), page_ids (where it comes from), said_at, superseded_by,
             superseded_at, pinned, key (facts with one key replace one another), analyzer, fact_kind ("" when told),
             project, quote, expires
  attribute  name, value, page_ids, said_at
  trait      dimension, level (high, medium, low), evidence, page_ids, updated_at
  usage      calls, prompt_tokens, completion_tokens, failures: what the model cost in total
  bar        digest (a hash of words), page_ids: what was forgotten by its id and is not learnt from these pages again

Times are ISO 8601 with an offset. The lines of a user stand together, segments before their pages, pages in order of
arrival. Nothing derived is in it: vectors and word index are made anew. A reader ignores fields it does not know.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from typing import Any

from ...domain.errors import InputError
from ...domain.inputs import MOST_CHARS, check_metadata, check_side, check_text, clean, parse_timestamp
from ...domain.records import FACT_KINDS, Attribute, Fact, Page, Segment, Trait
from ...generation.llm import Usage
from ...tiers.forgotten_facts import Bar

__all__ = ["FORMAT", "VERSION", "Item", "Line", "decode", "encode", "end", "header", "is_export", "read_header"]

FORMAT = "memoryos-mcp"
VERSION = 1

Item = Page | Segment | Fact | Attribute | Trait | Usage | Bar
Line = tuple[str, str, Item]
"""A record with whose it is and its tier ("" for what has none)."""

_KINDS: Mapping[str, type[Item]] = {
    "page": Page,
    "segment": Segment,
    "fact": Fact,
    "attribute": Attribute,
    "trait": Trait,
    "usage": Usage,
    "bar": Bar,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_TIERS = {"page": ("short_term", "mid_term", "archive"), "segment": ("mid_term", "archive")}
_IDS = ("page_id", "segment_id", "fact_id")
_LONGEST_ID = 200
_MOST = 2**62
"""Numbers are counts, or orders of arrival in nanoseconds; stores take less than 2**63, and one is added to them."""
_DIGEST = re.compile(r"[0-9a-f]{32}")


def header(users: list[str]) -> str:
    """Return the first line of an export of *users*."""
    return _dump({"kind": "header", "format": FORMAT, "version": VERSION, "users": users})


def end(lines: int) -> str:
    """Return the last line of an export that has *lines* lines before it."""
    return _dump({"kind": "end", "lines": lines})


def encode(user_id: str, tier: str, item: Item) -> str:
    """Return the line of a record."""
    kind = _NAMES[type(item)]
    where = {"tier": tier} if tier else {}
    values = _adapter(kind).dump_python(item, mode="json")
    if isinstance(item, Fact):
        values["fact_kind"] = values.pop("kind")  # "kind" is the line's own
    return _dump({"kind": kind, "user_id": user_id, **where, **values})


def is_export(line: str) -> bool:
    """Whether *line*, the first of a file, begins an export of ours (of whatever version)."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and value.get("kind") == "header" and value.get("format") == FORMAT


def read_header(line: str) -> None:
    """
    Look at the first line of a file.

    Raises:
        InputError: It is no header, or of a newer version.
    """
    if not is_export(line.lstrip("\ufeff")):
        raise InputError('this is no export of memoryos-mcp: its first line is no header with "format": "memoryos-mcp"')
    version = json.loads(line.lstrip("\ufeff")).get("version")
    if not isinstance(version, int) or version > VERSION:
        raise InputError(f"the export has version {version!r}, this one reads up to {VERSION}: upgrade memoryos-mcp")


def decode(line: str) -> Line | int:
    """
    Return the record of a line; of the end line the number of lines before it.

    Raises:
        InputError: It is none, or a value is unusable.
    """
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"no JSON: {exc}") from exc
    if not isinstance(values, dict):
        raise InputError(f"a JSON object is wanted, got {type(values).__name__}")
    kind, user_id, tier = values.pop("kind", None), values.pop("user_id", None), values.pop("tier", "")
    if kind == "end" and isinstance(values.get("lines"), int):
        return int(values["lines"])
    if kind not in _KINDS:
        raise InputError(f"unknown kind {kind!r}; known are {', '.join(_KINDS)}")
    if not isinstance(user_id, str):
        raise InputError(f"user_id must be text, got {user_id!r}")
    if kind == "fact" and "fact_kind" in values:
        values["kind"] = values.pop("fact_kind")
    if tier not in _TIERS.get(kind, ("",)):
        raise InputError(f"tier {tier!r} of a {kind} is none of {', '.join(_TIERS.get(kind, ()))}")
    return user_id, tier, _checked(_read(kind, values))


def _read(kind: str, values: dict[str, Any]) -> Item:
    from pydantic import ValidationError

    try:
        item: Item = _adapter(kind).validate_python(values)
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{kind}: {where}: {first['msg']}, got {str(first['input'])[:60]!r}") from exc
    return item


def _checked(item: Item) -> Item:
    """Return the record with its texts cleaned, as `add_memory` would; ids, times and numbers have to be right."""
    cleaned = {each.name: _value(each.name, getattr(item, each.name)) for each in fields(item)}
    if isinstance(item, Page):
        said = ("user_input", "agent_response")
        cleaned |= {name: check_side(name, getattr(item, name), longest=MOST_CHARS) for name in said}
        cleaned["metadata"] = check_metadata(item.metadata, longest=MOST_CHARS)
    if isinstance(item, Fact):
        check_text("fact", item.fact, longest=MOST_CHARS)
        if item.kind and item.kind not in FACT_KINDS:
            raise InputError(f"fact_kind {item.kind[:60]!r} of a fact is none of {', '.join(FACT_KINDS)}")
    if isinstance(item, Bar) and not (_DIGEST.fullmatch(item.digest) and item.page_ids):
        raise InputError(f"a bar needs a digest of 32 hexadecimal digits and page_ids, got {item.digest[:60]!r}")
    own = getattr(item, f"{_NAMES[type(item)]}_id", "-")
    if not own:
        raise InputError(f"a {_NAMES[type(item)]} has no id")
    return replace(item, **cleaned)


def _value(name: str, value: Any) -> Any:
    """Return the value of a field: a text cleaned, a time in UTC; or raise `InputError`."""
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise InputError(f"{name} {value.isoformat()} has no offset from UTC")
        return parse_timestamp(name, value)
    if isinstance(value, int) and not 0 <= value <= _MOST:
        raise InputError(f"{name} must be a whole number from 0 to {_MOST}, got {str(value)[:60]}")
    if not isinstance(value, str):
        return value
    if len(value) > MOST_CHARS:
        raise InputError(f"{name} has {len(value):,} characters; at most {MOST_CHARS:,} are taken")
    if name in _IDS and (len(value) > _LONGEST_ID or clean(value) != value or not value.isprintable()):
        raise InputError(f"{name} {value[:60]!r} is no id")
    return clean(value)


@cache
def _adapter(kind: str) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(_KINDS[kind])


def _dump(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
