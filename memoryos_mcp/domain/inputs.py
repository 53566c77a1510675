"""
Checks of what callers hand in: a value is cleaned, or refused with an error that shows it and says what to do.

Texts are cleaned rather than refused: control characters go, lone surrogates become U+FFFD, so that whatever a
host sends can be stored, indexed and sent back as UTF-8.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

from .errors import InputError

__all__ = [
    "AHEAD",
    "FEWEST_TOKENS",
    "MAX_SIDE_CHARS",
    "MAX_TOKENS",
    "MOST_CHARS",
    "MOST_TOKENS",
    "check_ids",
    "check_max_tokens",
    "check_metadata",
    "check_said_by",
    "check_side",
    "check_text",
    "check_user_id",
    "clean",
    "in_zone",
    "is_ahead",
    "parse_timestamp",
    "read_iso",
]

MAX_SIDE_CHARS = 100_000
MAX_FACT_CHARS = 2_000
MAX_QUERY_CHARS = 20_000
MAX_USER_ID_CHARS = 1_000
MAX_METADATA_CHARS = 50_000
MOST_CHARS = 1_000_000
"""The most that the settings `max_text_chars` and `max_metadata_chars` may allow."""
FEWEST_TOKENS, MOST_TOKENS = 100, 20_000
MAX_TOKENS = 1_500
"""What `max_tokens` is when a caller says nothing."""
AHEAD = timedelta(days=1)
"""How far ahead of the clock a time may lie: machines' clocks and zones are set wrong by hours."""

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c]")
"""What ends a line or a page of a document: left out, it would make one word of two."""

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return *text* without control characters (tabs stay, what ends a line is "\\n"), lone surrogates as U+FFFD."""
    return _SURROGATE.sub("\ufffd", _UNSTORABLE.sub("", _LINE_ENDS.sub("\n", text)))


def check_text(name: str, value: object, *, longest: int) -> str:
    """
    Return *value* cleaned.

    Raises:
        InputError: It is no text, blank, or longer than *longest* characters.
    """
    if not isinstance(value, str):
        raise InputError(f"{name} must be text, got {type(value).__name__} {_short(value)}")
    if len(value) > longest:
        raise InputError(f"{name} has {len(value):,} characters; at most {longest:,} are taken: split or shorten it")
    text = clean(value)
    if not text.strip():
        raise InputError(f"{name} is blank ({_short(value)}); give the text that was said")
    return text


def check_side(name: str, value: object, *, longest: int = MAX_SIDE_CHARS) -> str:
    """Return one side of a page, cleaned; see `check_text`."""
    return check_text(name, value, longest=longest)


def check_user_id(value: object) -> str:
    """
    Return a user id: any text that is not blank, up to 1,000 characters; surrounding space is part of it.

    One that would have to be cleaned is refused: two users must never become one.
    """
    user_id = check_text("user_id", value, longest=MAX_USER_ID_CHARS)
    if user_id != value:
        raise InputError(f"user_id {_short(value)} holds control characters or lone surrogates; leave them out")
    return user_id


def parse_timestamp(name: str, value: datetime | str, zone: tzinfo | None = None) -> datetime:
    """
    Return the time that ISO 8601 or `YYYY-MM-DD HH:MM:SS` names, aware, in the offset it was given with.

    Args:
        name: What the value is, for the message.
        value: Text, or a datetime. A text that ends in "Z" names an instant but no local offset (RFC 9557).
        zone: The user's, for what tells no local offset; None is the machine's.

    Raises:
        InputError: It cannot be read.
    """
    local = True
    if isinstance(value, str):
        value, local = read_iso(name, value)
    if not isinstance(value, datetime):
        raise InputError(f"{name} must be a date and time, got {type(value).__name__} {_short(value)}")
    try:
        value.astimezone(timezone.utc)
        if value.tzinfo is None:
            value = value.astimezone() if zone is None else value.replace(tzinfo=zone)
        return in_zone(value, value.tzinfo if local else zone)
    except OverflowError as exc:
        raise InputError(f"{name} {value} lies outside the years 1 to 9999 in UTC") from exc


def in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    """Return an aware time as the clocks of *zone* (None: the machine's) show it, with a fixed offset in minutes."""
    seen = moment.astimezone(zone)
    minutes = round((seen.utcoffset() or timedelta()) / timedelta(minutes=1))
    return moment.astimezone(timezone(timedelta(minutes=minutes)))


def check_said_by(name: str, moment: datetime, clock: datetime) -> datetime:
    """Return *moment*; or raise `InputError` when it lies more than a day ahead of *clock*."""
    if is_ahead(moment, clock):
        raise InputError(
            f"{name} {moment.isoformat()} lies more than a day ahead of the clock "
            f"({clock.isoformat(timespec='seconds')}); give the time at which it was said, or set the clock"
        )
    return moment


def is_ahead(moment: datetime, clock: datetime) -> bool:
    """Whether nobody can have said something at *moment* yet: it is more than a day after *clock*."""
    return moment - clock > AHEAD


def read_iso(name: str, value: str) -> tuple[datetime, bool]:
    """
    Return the time in a text, and whether it tells its local offset or leaves that to the zone.

    Raises:
        InputError: It cannot be read.
    """
    text, local = value.strip(), True
    if text.endswith(("Z", "z")):  # Python 3.10 does not read it
        text, local = text[:-1] + "+00:00", False
    text = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", text) if "T" in text or " " in text else text
    text = re.sub(r"(\.\d{1,6})\d*", lambda match: match[1].ljust(7, "0"), text)
    try:
        return datetime.fromisoformat(text), local
    except ValueError as exc:
        raise InputError(
            f"{name} {_short(value)} cannot be read; write it as 2026-05-08T13:56:00+02:00 or 2026-05-08 13:56:00"
        ) from exc


def check_ids(name: str, value: object) -> tuple[str, ...]:
    """Return a list of ids; a single text is refused, which would be taken apart into letters (`InputError`)."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InputError(f"{name} must be a list of ids, got {_short(value)}; write [{_short(value)}]")
    ids = tuple(value)
    if wrong := [each for each in ids if not isinstance(each, str)]:
        raise InputError(f"{name} must hold ids as text, got {_short(wrong[0])}")
    return ids


def check_metadata(value: object, *, longest: int = MAX_METADATA_CHARS) -> Mapping[str, Any]:
    """
    Return a JSON object as it will come back: the same keys and values, strings cleaned.

    Raises:
        InputError: It is no object, not JSON, or longer than *longest* characters as JSON.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"metadata must be a JSON object, got {type(value).__name__} {_short(value)}")
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as exc:
        raise InputError(f"metadata is not JSON: {exc}; use text, numbers, booleans, null, lists and objects") from exc
    if len(text) > longest:
        raise InputError(
            f"metadata has {len(text):,} characters as JSON; at most {longest:,} are taken: shorten it, "
            "or raise MEMORYOS_MAX_METADATA_CHARS"
        )
    result: Mapping[str, Any] = json.loads(clean(text))
    return result


def check_max_tokens(value: object) -> int:
    """Return a token budget within its bounds, or raise `InputError`."""
    low, high = FEWEST_TOKENS, MOST_TOKENS
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InputError(f"max_tokens must be a whole number from {low} to {high:,}, got {_short(value)}")
    return value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
