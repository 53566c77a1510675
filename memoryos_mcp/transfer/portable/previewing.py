"""What an export holds, before any of it is restored."""

from collections.abc import Callable, Iterable
from datetime import datetime, timezone

from ...domain.records import Fact, Page
from ..history import OWN, Skip, Summary
from .lines import read_header
from .restoring import Restored, decoded_lines

__all__ = ["preview"]


def preview(lines: Iterable[str], progress: Callable[[int], None] = lambda lines: None) -> Summary:
    """
    Return counts, dates and the first exchanges of an export; nothing is stored, nor compared with what is.

    Args:
        lines: Of the file, the header first.
        progress: Called with the lines read so far.

    Raises:
        InputError: This is no export, or one of a newer version.
    """
    numbered = enumerate(lines, start=1)
    read_header(next(numbered, (1, ""))[1])
    told, found = Restored(), Summary()
    found.files[OWN] += 1
    for _, _, item in decoded_lines(numbered, told, progress, datetime.now(timezone.utc)):
        if isinstance(item, Page):
            found.exchanges += 1
            found.seen(item.timestamp)
            found.sample(item.user_input, item.agent_response)
        elif isinstance(item, Fact):
            found.facts += 1
            found.seen(item.said_at)
    for reason in told.reasons:
        line, _, why = reason.partition(": ")
        found.skip(Skip(why, line), OWN)
    if more := told.skipped - len(told.reasons):
        found.skipped["lines that cannot be used either"] += more
        found.examples["lines that cannot be used either"] = ["further down"]
    if not told.complete:
        found.skip(Skip("the end line: the export may have been cut short", "end"), OWN)
    return found
