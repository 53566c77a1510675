"""A memory in a dictionary for the server's tests: no store, no clock, no ranking. As a script it is served."""

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from memoryos_mcp.analysis.host import HostBatch, pending_batch
from memoryos_mcp.domain import inputs
from memoryos_mcp.domain.errors import InputError, NotFoundError
from memoryos_mcp.domain.records import (
    About,
    AddResult,
    Attribute,
    Batch,
    Exchange,
    Fact,
    ForgetReceipt,
    Page,
    PageHit,
    Profile,
    Retrieval,
    Segment,
    Status,
    Trait,
)
from memoryos_mcp.domain.settings import Settings, load_settings

logger = logging.getLogger("memoryos_mcp.fake")

SAID = datetime(2026, 5, 8, 13, 56, tzinfo=timezone.utc)
CAPACITY = 3


@dataclass
class DictMemory:
    """
    Pages `p1`, `p2` ... in order; segment `s1` holds those over the capacity; facts `f1` ...

    Args:
        broken: What every call raises instead.
        gate: What `retrieve_context` waits for, at most 5 s.
        stuck: How much stays pending, with an error.
        analyzer: Who reads pages; with "host" the pages wait for an analysis while any are `stuck`.
        usage: What a model cost.
    """

    user_id: str = "default"
    broken: Exception | None = None
    gate: threading.Event | None = None
    stuck: int = 0
    analyzer: str = "local"
    usage: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pages: dict[str, list[Page]] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    listeners: list[Callable[[str, str], None]] = field(default_factory=list)
    closed: bool = False

    def __post_init__(self) -> None:
        self.settings: Settings = load_settings({"analyzer": self.analyzer}, environ={})

    def add(self, exchange: Exchange, *, user_id: str | None = None) -> AddResult:
        user = self._user(user_id)
        page = Page(
            page_id=f"p{len(self.pages.get(user, [])) + 1}",
            user_input=inputs.check_side("user_input", exchange.user_input),
            agent_response=inputs.check_side("agent_response", exchange.agent_response),
            timestamp=SAID if exchange.timestamp is None else inputs.parse_timestamp("timestamp", exchange.timestamp),
            metadata=inputs.check_metadata(exchange.metadata),
            chain_id="c1",
            chain_summary=f"About: {exchange.user_input[:40]}",
        )
        for known in self.pages.get(user, []):
            if (known.user_input, known.agent_response) == (page.user_input, page.agent_response):
                return AddResult(known.page_id, "duplicate", 0)
        self.pages.setdefault(user, []).append(page)
        self._tell(user, "short_term")
        return AddResult(page.page_id, "stored", self.stuck or max(0, len(self.pages[user]) - CAPACITY))

    def retrieve_context(
        self,
        query: str,
        *,
        max_tokens: int = 1500,
        since: str | None = None,
        until: str | None = None,
        project: str | None = None,
        explain: bool = False,
        user_id: str | None = None,
    ) -> Retrieval:
        user = self._user(user_id)
        if self.gate is not None:
            self.gate.wait(5)
        inputs.check_text("query", query, longest=inputs.MAX_QUERY_CHARS)
        inputs.check_max_tokens(max_tokens)
        short, rest = self._tiers(user)
        facts = tuple(self.facts.get(user, []))
        return Retrieval(
            query=query,
            short_term=tuple(PageHit(page) for page in short),
            mid_term=tuple(PageHit(page, 0.5, {"lexical": 0.3, "vector": 0.2}) for page in rest),
            segments=((_segment(len(rest)), 2.0),) if rest else (),
            profile="Lives in Oslo.",
            user_knowledge=tuple(fact for fact in facts if fact.about == "user"),
            assistant_knowledge=tuple(fact for fact in facts if fact.about == "assistant"),
            text="\n".join(f"[{page.page_id}] {page.user_input}" for page in [*rest, *short]),
            token_count=7,
            max_tokens=max_tokens,
            omitted=0,
        )

    def get_user_profile(self, *, user_id: str | None = None) -> Profile:
        user = self._user(user_id)
        facts = self.facts.get(user, [])
        return Profile(
            user_id=user,
            assistant_id="assistant",
            summary="Lives in Oslo.",
            static=(Attribute("home", "Oslo", ("p1",), SAID),),
            traits=(Trait("Openness", "high", "tries new food", ("p1",), SAID),),
            user_knowledge=tuple(fact for fact in facts if fact.about == "user"),
            assistant_knowledge=tuple(fact for fact in facts if fact.about == "assistant"),
        )

    def remember_fact(
        self,
        fact: str,
        about: About,
        *,
        supersedes: str | None = None,
        pinned: bool = False,
        project: str | None = None,
        user_id: str | None = None,
    ) -> tuple[Fact, tuple[str, ...]]:
        user = self._user(user_id)
        facts = self.facts.setdefault(user, [])
        if supersedes is not None and supersedes not in {known.fact_id for known in facts}:
            raise NotFoundError(f"fact {supersedes!r} is not known; get_user_profile lists them")
        kept = Fact(f"f{len(facts) + 1}", inputs.check_text("fact", fact, longest=2000), about, (), SAID, pinned=pinned)
        facts[:] = [replace(f, superseded_by=kept.fact_id) if f.fact_id == supersedes else f for f in facts]
        facts.append(kept)
        self._tell(user, "long_term")
        return kept, () if supersedes is None else (supersedes,)

    def forget_memory(
        self,
        *,
        page_ids: Sequence[str] = (),
        fact_ids: Sequence[str] = (),
        before: str | None = None,
        everything: bool = False,
        dry_run: bool = True,
        user_id: str | None = None,
    ) -> ForgetReceipt:
        user = self._user(user_id)
        if not (page_ids or fact_ids or before or everything):
            raise InputError("name what to forget: page_ids, fact_ids, before or everything")
        known = [page.page_id for page in self.pages.get(user, [])]
        until = inputs.parse_timestamp("before", before) if before else None
        old = [page.page_id for page in self.pages.get(user, []) if until and page.timestamp < until]
        gone = known if everything else [*page_ids, *old]
        for page_id in gone:
            if page_id not in known:
                raise NotFoundError(f"page {page_id!r} is not in memory")
        rest = self._tiers(user)[1]
        if not dry_run:
            self.pages[user] = [page for page in self.pages.get(user, []) if page.page_id not in gone]
            self._tell(user, "mid_term")
        return ForgetReceipt(
            user, dry_run, tuple(gone), tuple(fact_ids), {"short_term": len(gone)}, {"segments": len(rest)}
        )

    def status(self, *, user_id: str | None = None) -> Status:
        user = self._user(user_id)
        short, rest = self._tiers(user)
        return Status(
            user_id=user,
            short_term_pages=CAPACITY + self.stuck if self.analyzer == "host" else len(short),
            short_term_capacity=CAPACITY,
            mid_term_pages=len(rest),
            segments=int(bool(rest)),
            user_knowledge=len(self.facts.get(user, [])),
            assistant_knowledge=0,
            traits=1,
            archive=0,
            pending=self.stuck,
            analyzer=self.analyzer,
            embedder="bundled",
            tokenizer="estimate",
            storage="a dictionary",
            last_error="the model is down" if self.stuck else None,
            stand_ins=3 if self.usage else 0,
            usage=self.usage,
        )

    def short_term(self, *, user_id: str | None = None) -> list[Page]:
        return self._tiers(self._user(user_id))[0]

    def segments(self, *, user_id: str | None = None) -> list[tuple[Segment, float]]:
        rest = self._tiers(self._user(user_id))[1]
        return [(_segment(len(rest)), 2.0)] if rest else []

    def segment(self, segment_id: str, *, user_id: str | None = None) -> tuple[Segment, float, list[Page]]:
        rest = self._tiers(self._user(user_id))[1]
        if segment_id != "s1" or not rest:
            raise NotFoundError(f"segment {segment_id!r} is not in mid-term memory")
        return _segment(len(rest)), 2.0, rest

    def page(self, page_id: str, *, user_id: str | None = None) -> tuple[Page, str]:
        short, rest = self._tiers(self._user(user_id))
        for tier, pages in (("short_term", short), ("mid_term", rest)):
            for page in pages:
                if page.page_id == page_id:
                    return page, tier
        raise NotFoundError(f"page {page_id!r} is not in memory")

    def recent_page_ids(self, *, limit: int, user_id: str | None = None) -> list[str]:
        return [page.page_id for page in reversed(self.pages.get(self._user(user_id), []))][:limit]

    def subscribe(self, listener: Callable[[str, str], None]) -> None:
        self.listeners.append(listener)

    def settle(self, timeout: float | None = None, *, user_id: str | None = None) -> bool:
        return not self.stuck

    def pending_analysis(self, *, user_id: str | None = None) -> HostBatch | None:
        return pending_batch(Batch(tuple(self.short_term(user_id=user_id))), []) if self.stuck else None

    def apply_analysis(self, analysis: Mapping[str, Any], *, user_id: str | None = None) -> tuple[str, ...]:
        if not self.stuck:
            raise InputError("no pages are pending")
        if "topics" not in analysis:
            raise InputError("analysis cannot be used: topics must name the pages; nothing was changed")
        self.stuck = 0
        return tuple(page.page_id for page in self.short_term(user_id=user_id))

    def close(self) -> None:
        self.closed = True
        logger.warning("the memory is closed")

    def _user(self, user_id: str | None) -> str:
        if self.broken is not None:
            raise self.broken
        return self.user_id if user_id is None else inputs.check_user_id(user_id)

    def _tiers(self, user: str) -> tuple[list[Page], list[Page]]:
        pages = self.pages.get(user, [])
        return pages[-CAPACITY:], pages[:-CAPACITY]

    def _tell(self, user: str, what: str) -> None:
        for listener in self.listeners:
            listener(user, what)


def _segment(pages: int) -> Segment:
    return Segment("s1", "Moving house", ("oslo", "move"), SAID, SAID, pages=pages)


def _serve() -> None:
    """Serve a `DictMemory` over stdio, as the real server serves the real one."""
    from memoryos_mcp.server import app

    def load() -> DictMemory:
        os.write(1, b"a dependency prints\n")
        return DictMemory()

    app.serve(load_settings({}), load)


if __name__ == "__main__":
    _serve()
