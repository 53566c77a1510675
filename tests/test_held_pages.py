"""Pages that were read lately are not read again, unless somebody wrote since."""

from dataclasses import replace
from pathlib import Path

import pytest

from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.storage.chroma import open_store
from memoryos_mcp.storage.chroma.store import ChromaStore
from memoryos_mcp.tiers.held_pages import HeldPages
from memoryos_mcp.tiers.mid_term import MidTermMemory

from .make import page

USER = "ada"


@pytest.fixture
def stores(tmp_path: Path) -> tuple[ChromaStore, ChromaStore]:
    """Return one folder opened twice, as by two processes."""
    settings = load_settings({"data_dir": tmp_path}, environ={})
    return open_store(settings), open_store(settings)


def test_what_was_rewritten_archived_or_removed_is_shown_as_it_is_now(
    stores: tuple[ChromaStore, ChromaStore],
) -> None:
    """Ours: whoever writes a page drops what is held of it."""
    tier = MidTermMemory(stores[0], 10, "bundled")
    first, second = page(1, "Tea at four."), page(2, "Coffee at nine.")
    tier.put_pages(USER, [first, second])
    ids = [first.page_id, second.page_id]
    assert tier.pages_to_show(USER, ids) == [first, second]

    tier.put_pages(USER, [replace(first, segment_id="s2")])
    assert {each.segment_id for each in tier.pages_to_show(USER, ids)} == {"s2", second.segment_id}

    tier.remove_pages(USER, [first.page_id])
    assert tier.pages_to_show(USER, ids) == [second]

    tier.put_archived(USER, [first], [])
    assert sorted(each.page_id for each in tier.pages_to_show(USER, ids)) == sorted(ids)
    tier.remove_archived(USER, [first.page_id])
    assert tier.pages_to_show(USER, ids) == [second]

    stores[0].drop(USER)
    tier.forget(USER)
    assert tier.pages_to_show(USER, ids) == []


def test_what_another_process_wrote_is_seen(stores: tuple[ChromaStore, ChromaStore]) -> None:
    """Invariant 7: reads see what others acknowledged."""
    mine, other = (MidTermMemory(store, 10, "bundled") for store in stores)
    said = page(1, "Tea at four.")
    mine.put_pages(USER, [said])
    assert mine.pages_to_show(USER, [said.page_id]) == [said]

    other.remove_pages(USER, [said.page_id])

    assert mine.pages_to_show(USER, [said.page_id]) == []


def test_a_page_that_is_held_is_the_same_object(stores: tuple[ChromaStore, ChromaStore]) -> None:
    """Ours: what was worked out of a page is known by the page itself."""
    tier = MidTermMemory(stores[0], 10, "bundled")
    said = page(1, "Tea at four.")
    tier.put_pages(USER, [said])

    (once,), (again,) = (tier.pages_to_show(USER, [said.page_id]) for _ in range(2))

    assert once is again


def test_no_more_is_held_than_allowed(stores: tuple[ChromaStore, ChromaStore]) -> None:
    """Ours: a page may be a book; those that were not asked for the longest leave first."""
    held = HeldPages(stores[0], chars=3_500)
    pages = [page(number, "x" * 100) for number in range(3)]
    assert not held.get(USER, [])
    held.put(USER, pages)
    assert len(held.get(USER, [each.page_id for each in pages])) == 3

    held.get(USER, [pages[0].page_id])
    held.put(USER, [page(3, "y" * 900)])

    assert set(held.get(USER, [each.page_id for each in pages])) == {pages[0].page_id}
