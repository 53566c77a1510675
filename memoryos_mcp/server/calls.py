"""
What the seven tools do: one function each, from checked arguments to a text and a structured result.

They run in worker threads, take the memory as their first argument and raise its errors. No protocol here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ..domain.counting import counted
from ..domain.secrets import marks
from . import views
from .api import MemoryApi
from .retrieval_view import retrieval_view

if TYPE_CHECKING:  # see `api`: not before `initialize` is answered
    from ..domain.records import Page, Status

__all__ = ["CALLS", "Call", "Reply"]

Reply = tuple[str, dict[str, Any]]
"""What the model reads, and the structured result."""

Call = Callable[..., Reply]

SETTLE_SECONDS = 30.0
"""How long `consolidate_memory` waits for pending work; hosts give a call about 60 s."""

TOLD_EVERY = 10
"""After so many pending pages, and again after as many more, `add_memory` tells a host that they wait for it."""

_SIDE_CHARS = 1_500


def add_memory(memory: MemoryApi, user_id: str | None = None, **fields: Any) -> Reply:
    """Store one exchange; *fields* are those of `Exchange`."""
    from ..domain.records import Exchange

    added = memory.add(Exchange(**fields), user_id=user_id)
    stored = added.status == "stored"
    text = "Stored" if stored else "Already stored, nothing changed:"
    due = stored and added.pending % TOLD_EVERY == 0
    asked = views.waiting_pages_note(memory.settings.resolved_analyzer, added.pending) if due else ""
    begun = _begun(memory, user_id) if stored else ""
    told = [f"{text} page {added.page_id}; pending {added.pending}.", begun, views.redacted_text(added.redacted)]
    return (
        " ".join(filter(None, [*told, f"{asked} when you have time." if asked else ""])),
        {
            "page_id": added.page_id,
            "status": added.status,
            "pending": added.pending,
            **_count_of(added.redacted),
        },
    )


def retrieve_context(memory: MemoryApi, query: str, explain: bool = False, **options: Any) -> Reply:
    """Recall what memory holds on a query."""
    found = memory.retrieve_context(query, explain=explain, **options)
    return found.text, retrieval_view(found, explain=explain)


def get_user_profile(
    memory: MemoryApi,
    include_knowledge: bool = True,
    include_assistant_knowledge: bool = False,
    include_superseded: bool = False,
    user_id: str | None = None,
) -> Reply:
    """Return who the user is; knowledge that was not asked for is left empty."""
    from ..analysis.fact_languages import fact_languages  # not before `initialize` is answered
    from ..retrieval.profile_text import profile_text

    profile = memory.get_user_profile(user_id=user_id)
    if not include_knowledge:
        profile = replace(profile, user_knowledge=())
    if not include_assistant_knowledge:
        profile = replace(profile, assistant_knowledge=())
    now = datetime.now(timezone.utc)
    read = fact_languages(memory.settings.resolved_analyzer)
    text = profile_text(
        profile, now=now, superseded=include_superseded, rest="in the structured result", languages=read
    )
    return text, views.profile_view(profile, read)


def remember_fact(memory: MemoryApi, fact: str, about: Any, **options: Any) -> Reply:
    """Keep one fact."""
    kept, superseded = memory.remember_fact(fact, about, **options)
    over = f", instead of {', '.join(superseded)}" if superseded else ""
    removed = marks(kept.fact)[len(marks(fact)) :]
    begun = _begun(memory, options.get("user_id"))
    text = " ".join(filter(None, [f"Kept as fact {kept.fact_id}{over}.", begun, views.redacted_text(removed)]))
    return text, {"fact_id": kept.fact_id, "superseded": list(superseded), **_count_of(removed)}


def forget_memory(memory: MemoryApi, **options: Any) -> Reply:
    """Forget, or say what would be forgotten."""
    receipt = memory.forget_memory(**options)
    return views.receipt_text(receipt), views.receipt_view(receipt)


def consolidate_memory(memory: MemoryApi, analysis: dict[str, Any] | None = None, user_id: str | None = None) -> Reply:
    """
    Let pending work finish: with *analysis* as it says, for a host by asking it, else by the configured analyzer.

    The batch is what it was about: the pages over short-term memory's capacity; with *analysis* the ids that moved.
    """
    if analysis is not None:
        return _applied(memory, analysis, user_id)
    before = memory.status(user_id=user_id)
    if before.analyzer == "host" and (question := _question(memory, before, user_id)) is not None:
        return question
    pages = memory.short_term(user_id=user_id)
    batch = pages[: max(0, len(pages) - before.short_term_capacity)]
    settled = memory.settle(SETTLE_SECONDS, user_id=user_id)
    after = memory.status(user_id=user_id)
    note = _consolidation_note(before.pending, after.pending, after.analyzer, after.last_error)
    return note, {
        "user_id": after.user_id,
        "pending": after.pending,
        "settled": settled,
        "batch": [views.page_view(page) for page in batch],
        "note": note,
    }


def memory_status(memory: MemoryApi, user_id: str | None = None) -> Reply:
    """Return the state of one user's memory."""
    status = memory.status(user_id=user_id)
    return views.status_text(status), views.status_view(status)


def _count_of(redacted: Sequence[str]) -> dict[str, int]:
    """Return how many secrets were removed, as a field that is there only when there were any."""
    return {"redacted": len(redacted)} if redacted else {}


def _begun(memory: MemoryApi, user_id: str | None) -> str:
    """Return what tells that a call began the memory of a user whom it named, "" when it did not."""
    if user_id is None or user_id == memory.settings.user_id:
        return ""
    status = memory.status(user_id=user_id)
    pages = status.short_term_pages + status.mid_term_pages + status.archive
    if pages + status.user_knowledge + status.assistant_knowledge > 1:
        return ""
    return f"This began a new memory, of user {status.user_id!r}; leave user_id out unless you were told to use it."


def _question(memory: MemoryApi, status: Status, user_id: str | None) -> Reply | None:
    """Return what a host's model is asked about the pages that wait for it, None when none do."""
    asked = memory.pending_analysis(user_id=user_id)
    if asked is None:
        return None
    wanted = frozenset(asked.page_ids)
    batch = [page for page in memory.short_term(user_id=user_id) if page.page_id in wanted]
    note = (
        f"{len(asked.page_ids)} of {counted(views.waiting_pages(status), 'waiting page')}; nothing has changed yet. "
        "Answer the questions with consolidate_memory(analysis = one object of this schema)."
    )
    return f"{asked.text}\n\n{note}", {
        "user_id": status.user_id,
        "pending": status.pending,
        "settled": False,
        "batch": [views.page_view(_bounded(page)) for page in batch],
        "note": note,
        "questions": asked.questions,
        "schema": dict(asked.schema),
    }


def _applied(memory: MemoryApi, analysis: dict[str, Any], user_id: str | None) -> Reply:
    """Consolidate as a host's model says."""
    moved = memory.apply_analysis(analysis, user_id=user_id)
    settled = memory.settle(SETTLE_SECONDS, user_id=user_id)  # what follows, a promotion perhaps, is not the host's
    after = memory.status(user_id=user_id)
    asked = views.waiting_pages_note(after.analyzer, views.waiting_pages(after))
    note = f"{counted(len(moved), 'page')} moved to mid-term memory as analysed; {asked or f'{after.pending} pending'}."
    return note, {
        "user_id": after.user_id,
        "pending": after.pending,
        "settled": settled and not after.pending,
        "batch": [{"page_id": page_id} for page_id in moved],
        "note": note,
    }


def _bounded(page: Page) -> Page:
    """Return *page* with sides short enough for a host, which caps what a model reads of one result."""
    sides = {"user_input": page.user_input, "agent_response": page.agent_response}
    long = {name: f"{side[:_SIDE_CHARS]} ..." for name, side in sides.items() if len(side) > _SIDE_CHARS}
    return replace(page, **long)  # type: ignore[arg-type]


def _consolidation_note(before: int, after: int, analyzer: str, error: str | None) -> str:
    if not before and not after:
        return "Nothing was pending: everything is consolidated and promoted."
    done = f"{before} pending before, {after} now; the analyzer is {analyzer}."
    if not after:
        return done
    return f"{done} The rest goes on in the background. Last error: {error or 'none'}"


CALLS: dict[str, Call] = {
    "add_memory": add_memory,
    "retrieve_context": retrieve_context,
    "get_user_profile": get_user_profile,
    "remember_fact": remember_fact,
    "forget_memory": forget_memory,
    "consolidate_memory": consolidate_memory,
    "memory_status": memory_status,
}
