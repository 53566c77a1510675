"""
The memory as the server sees it: the seam between the protocol and the facade.

`Memoryos` is the implementation; a test may hand in another. Every method is synchronous, may be called from any
thread, and raises `MemoryOSError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..domain.inputs import MAX_TOKENS

if TYPE_CHECKING:  # the records' classes take 13 ms to make, and `initialize` waits for this module
    from ..analysis.host import HostBatch
    from ..domain.records import (
        About,
        AddResult,
        Exchange,
        Fact,
        ForgetReceipt,
        Page,
        Profile,
        Retrieval,
        Segment,
        Status,
    )
    from ..domain.settings import Settings

__all__ = ["Listener", "MemoryApi"]

Listener = Callable[[str, str], None]
"""Called with a user id and what changed: "short_term", "mid_term" or "long_term"; from any thread."""


class MemoryApi(Protocol):
    """What the server asks of a memory. `user_id` None means the user of the settings, which do not change."""

    settings: Settings

    def add(self, exchange: Exchange, *, user_id: str | None = None) -> AddResult: ...

    def retrieve_context(
        self,
        query: str,
        *,
        max_tokens: int = MAX_TOKENS,
        since: str | None = None,
        until: str | None = None,
        project: str | None = None,
        explain: bool = False,
        user_id: str | None = None,
    ) -> Retrieval: ...

    def get_user_profile(self, *, user_id: str | None = None) -> Profile: ...

    def remember_fact(
        self,
        fact: str,
        about: About,
        *,
        supersedes: str | None = None,
        pinned: bool = False,
        project: str | None = None,
        user_id: str | None = None,
    ) -> tuple[Fact, tuple[str, ...]]: ...

    def forget_memory(
        self,
        *,
        page_ids: Sequence[str] = (),
        fact_ids: Sequence[str] = (),
        before: str | None = None,
        everything: bool = False,
        dry_run: bool = True,
        user_id: str | None = None,
    ) -> ForgetReceipt: ...

    def status(self, *, user_id: str | None = None) -> Status: ...

    def short_term(self, *, user_id: str | None = None) -> list[Page]: ...

    def segments(self, *, user_id: str | None = None) -> list[tuple[Segment, float]]: ...

    def segment(self, segment_id: str, *, user_id: str | None = None) -> tuple[Segment, float, list[Page]]: ...

    def page(self, page_id: str, *, user_id: str | None = None) -> tuple[Page, str]: ...

    def recent_page_ids(self, *, limit: int, user_id: str | None = None) -> list[str]: ...

    def subscribe(self, listener: Listener) -> None: ...

    def settle(self, timeout: float | None = None, *, user_id: str | None = None) -> bool: ...

    def pending_analysis(self, *, user_id: str | None = None) -> HostBatch | None: ...

    def apply_analysis(self, analysis: Mapping[str, Any], *, user_id: str | None = None) -> tuple[str, ...]: ...

    def close(self) -> None: ...
