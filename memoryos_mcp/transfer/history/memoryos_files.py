"""
The JSON files of the MemoryOS package: short_term, mid_term, long_term_user and long_term_assistant.

Pages keep their dates; knowledge and profile become facts. Segments, heat and vectors are made anew. A page that
stands in two files is one.
"""

from typing import IO, Any

from ...domain.inputs import MAX_FACT_CHARS
from ...domain.records import About
from .items import ImportedExchange, Items, Knowledge, Skip, moment
from .json_parts import elements, entries

__all__ = ["LONG_TERM_KEYS", "read_chromadb_metadata", "read_long_term", "read_mid_term"]

LONG_TERM_KEYS = ("user_profiles", "knowledge_base", "assistant_knowledge")
_SOURCE = "memoryos"


def read_mid_term(file: IO[bytes]) -> Items:
    """Yield the pages of mid_term.json, which lie in its sessions."""
    yield from _pages_of_sessions(file, "sessions", "details")


def read_long_term(file: IO[bytes]) -> Items:
    """Yield the facts of long_term_user.json or long_term_assistant.json."""
    for key, value in entries(file, ""):
        if isinstance(value, Skip):
            yield value
        elif key == "user_profiles" and isinstance(value, dict):
            for user, profile in value.items():
                yield from _profile(profile, f"user_profiles of {user}")
        elif key in LONG_TERM_KEYS and isinstance(value, list):
            about: About = "user" if key == "knowledge_base" else "assistant"
            for number, entry in enumerate(value, start=1):
                yield _knowledge(entry, about, f"{key} {number}")


def read_chromadb_metadata(file: IO[bytes]) -> Items:
    """Yield the pages and profiles of metadata_USER_ASSISTANT.json; its knowledge lies in vectors only."""
    for where, value in elements(file, "short_term_memory.item"):
        yield _page(value, f"short_term_memory, {where}") if isinstance(value, dict) else Skip("no page", where)
    file.seek(0)
    yield from _pages_of_sessions(file, "mid_term_sessions", "pages_backup")
    file.seek(0)
    for user, profile in entries(file, "user_profiles"):
        yield from [profile] if isinstance(profile, Skip) else _profile(profile, f"user_profiles of {user}")


def _pages_of_sessions(file: IO[bytes], sessions: str, pages_key: str) -> Items:
    """Yield the pages that each of *sessions* has under *pages_key*."""
    for session, value in entries(file, sessions):
        pages = value.get(pages_key) if isinstance(value, dict) else None
        if isinstance(value, Skip) or not isinstance(pages, list):
            yield value if isinstance(value, Skip) else Skip("session without pages", f"session {session}")
            continue
        for number, page in enumerate(pages, start=1):
            where = f"session {session}, page {number}"
            yield _page(page, where) if isinstance(page, dict) else Skip("no page", where)


def _page(page: dict[str, Any], where: str) -> ImportedExchange | Skip:
    asked, answered = page.get("user_input"), page.get("agent_response")
    if not isinstance(asked, str) or not isinstance(answered, str):
        return Skip("user_input or agent_response is missing", where)
    return ImportedExchange(asked, answered, moment(page.get("timestamp")), where, where, {"source": _SOURCE})


def _knowledge(entry: object, about: About, where: str) -> Knowledge | Skip:
    if not isinstance(entry, dict) or not isinstance(entry.get("knowledge"), str):
        return Skip("no knowledge", where)
    return Knowledge(entry["knowledge"], about, moment(entry.get("timestamp")), _SOURCE, where)


def _profile(profile: object, where: str) -> Items:
    """Yield the text of a profile in pieces that a fact can hold, cut between lines."""
    text = profile.get("data") if isinstance(profile, dict) else profile
    if not isinstance(text, str) or not text.strip() or text.strip().lower() == "none":
        yield Skip("no profile", where)
        return
    said_at = moment(profile.get("last_updated")) if isinstance(profile, dict) else None
    pieces = [""]
    for line in text.splitlines():
        if len(pieces[-1]) + len(line) + 1 > MAX_FACT_CHARS - 100:
            pieces.append("")
        pieces[-1] = f"{pieces[-1]} {line.strip()}".strip()
    for piece in pieces:
        yield Knowledge(f"Profile: {piece}", "user", said_at, _SOURCE, where)
