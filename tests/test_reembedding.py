"""Making missing vectors, seen from other threads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memoryos_mcp.domain.records import Page

from .world import USER, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give a memory over real Chroma, and close it."""
    made = World(tmp_path)
    yield made
    made.close()


def without_vectors(world: World, *texts: str) -> list[Page]:
    """Consolidate pages whose vectors are not made."""
    pages = world.say(*texts)
    world.memory.index.add_rows(USER, pages)
    world.memory.mid_term.put_pages(USER, pages)
    return pages


def test_who_says_look_anew_while_a_batch_is_made_is_heard(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a damaged index is found by whichever thread reads it; what the batch had listed is out of date then."""
    pages = without_vectors(world, *(f"Topic{number} is a page." for number in range(70)))
    index, more = world.memory.index, list[Page]()
    makes = index.embedded_runs

    def damaged_meanwhile(*asked: object) -> object:
        monkeypatch.undo()
        made = makes(*asked)  # type: ignore[arg-type]
        more.extend(without_vectors(world, "Late is a page."))
        world.reembedder.forget(USER)
        return made

    monkeypatch.setattr(index, "embedded_runs", damaged_meanwhile)
    assert world.reembedder.step(USER)
    assert world.reembedder.step(USER)

    assert index.embedded_ids(USER) == {page.page_id for page in [*pages, *more]}
