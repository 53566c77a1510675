"""
Ids of pages, segments, chains and facts.

A page's id is a hash of its texts and timestamp, so the same exchange handed in twice is one page, on any machine.
Short, because ids stand in the text a model reads: ten base-32 digits carry 50 bits.
"""

import base64
import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timezone

from .errors import NotFoundError

__all__ = ["SHORTEST_ID", "fact_id", "new_id", "page_id", "whole_id"]

SHORTEST_ID = 4
"""Characters of an id that a text shows at least, and that are taken as the beginning of one."""

_SEPARATOR = "\x1f"


def _digest(*parts: str) -> str:
    data = _SEPARATOR.join(parts).encode("utf-8", "surrogatepass")
    return base64.b32encode(hashlib.blake2b(data, digest_size=10).digest()).decode().lower()[:10]


def page_id(user_input: str, agent_response: str, timestamp: datetime, salt: int = 0) -> str:
    """Return `p` and ten digits; *salt* is raised only when two different pages of a user share an id."""
    return "p" + _digest(user_input, agent_response, _instant(timestamp), *([str(salt)] if salt else []))


def fact_id(about: str, fact: str, said_at: datetime) -> str:
    """Return `f` and ten digits; the same line said at the same time is the same fact."""
    return "f" + _digest(about, fact, _instant(said_at))


def new_id(kind: str) -> str:
    """Return *kind*'s letter and ten random digits: "s" for a segment, "c" for a chain."""
    return kind + base64.b32encode(secrets.token_bytes(10)).decode().lower()[:10]


def whole_id(what: str, given: str, known: Collection[str]) -> str:
    """
    Return the one of *known* that begins with *given*, as texts shorten ids; an unknown one as it is.

    Raises:
        NotFoundError: It begins several; *what* ("page", "fact") says of what kind.
    """
    if given in known or len(given) < SHORTEST_ID:
        return given
    found = sorted(id_ for id_ in known if id_.startswith(given))
    if len(found) > 1:
        raise NotFoundError(f"{what} {given!r} begins several ids; give one in full: {', '.join(found)}")
    return found[0] if found else given


def _instant(moment: datetime) -> str:
    """Return a time as text that does not depend on the zone it is told in."""
    return moment.astimezone(timezone.utc).isoformat()
