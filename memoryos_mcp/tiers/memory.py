"""
The tiers of one store together, and what updater, forgetting and repair share of them. No behaviour of its own.
"""

from dataclasses import dataclass

from ..domain.protocols import Embedder, Store
from ..domain.records import Page
from ..storage.index import TurnIndex
from .long_term import LongTermMemory
from .mid_term import MidTermMemory
from .short_term import ShortTermMemory

__all__ = ["BATCH_PAGES", "Memory", "page_text"]

BATCH_PAGES = 64
"""Pages that are consolidated or indexed in one go."""


def page_text(page: Page) -> str:
    """Return both sides of a page as one text, for its vector e_p."""
    return f"{page.user_input}\n{page.agent_response}"


@dataclass(frozen=True, slots=True)
class Memory:
    """The tiers of one store, with the derived turn index."""

    store: Store
    short_term: ShortTermMemory
    mid_term: MidTermMemory
    long_term: LongTermMemory
    index: TurnIndex
    embedder: Embedder
