"""The structured half of a retrieval: labelled, as shown, without what is empty, and no longer than the text allows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.domain.records import Retrieval
from memoryos_mcp.retrieval.rendering import HEADER
from memoryos_mcp.server.retrieval_view import retrieval_view
from memoryos_mcp.server.views import RECALLED

from .make import fact
from .retrieval_world import RetrievalWorld, exchange

LONG = "We talked about the harbour and the boats in it, and how the wind had turned by evening. "


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetrievalWorld]:
    """Return an empty memory."""
    with RetrievalWorld(tmp_path) as opened:
        yield opened


def size(view: dict[str, Any]) -> int:
    """Return the characters of a result as it goes over the wire."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")))


def empty_fields(value: Any, path: str = "") -> list[str]:
    """Return where, below the contract's own lists, a field says nothing."""
    if isinstance(value, dict):
        return [each for name, inner in value.items() for each in empty_fields(inner, f"{path}/{name}")]
    if isinstance(value, list) and value:
        return [each for inner in value for each in empty_fields(inner, path)]
    return [path] if value in ("", None, [], False) and path.count("/") > 1 else []


def chatty(world: RetrievalWorld, words: int = 3, **fields: Any) -> None:
    """Remember a hundred pages."""
    world.remember(*(exchange(at, f"{at} {LONG * words}", f"{LONG} {at}", **fields) for at in range(100)))


def ratio(found: Retrieval) -> float:
    """Return how many times the text's characters the structured half takes."""
    return size(retrieval_view(found)) / len(found.text)


def test_it_says_that_it_is_data() -> None:
    """FACTS, other traps: some clients show their model this half alone; both say the same."""
    assert RECALLED == HEADER


def test_it_carries_the_texts_as_shown(world: RetrievalWorld) -> None:
    """Ours: the passages of a long turn, not the whole of it; a side that is not shown is not there."""
    text = "Filler about nothing. " * 200 + "The vault code is 4711. " + "More filler. " * 200
    world.remember(*(exchange(at, f"Boat {at} came in.", "Aha.") for at in range(3)), exchange(450, text, "Noted."))
    found = world.recall("What is the vault code?", 150)
    page = next(page for page in retrieval_view(found)["mid_term"] if "4711" in page.get("user_input", ""))

    assert page["user_input"].replace("\n", "\n  ") in found.text
    assert len(page["user_input"]) < 1_000


def test_nothing_in_it_is_empty(world: RetrievalWorld) -> None:
    """Ours: no empty fields, but for the lists that the contract names."""
    chatty(world)
    world.knows(fact("f1", "Likes boats", kind="liking", page_ids=("p77",)))
    view = retrieval_view(world.recall("What of the harbour and the boats?", 800))

    assert empty_fields(view) == []
    assert view["segments"] == []


@pytest.mark.parametrize("budget", [300, 500, 1500, 6000])
@pytest.mark.parametrize("extra", [{}, {"metadata": {"tool": "x" * 300}}, {"segment_id": "s1", "metadata": {"a": 1}}])
def test_it_is_at_most_half_as_long_again_as_the_text(
    world: RetrievalWorld, budget: int, extra: dict[str, Any]
) -> None:
    """Ours: whatever metadata and segments there are."""
    chatty(world, **extra)
    world.knows(fact("f1", "Likes boats", kind="liking", page_ids=("p77",)))

    assert ratio(world.recall("What of the harbour and the boats?", budget)) <= 1.5


def test_short_turns_keep_to_it_too(world: RetrievalWorld) -> None:
    """Ours: the frames of pages must not outweigh what they hold; what is left out is counted."""
    said = "boats lay in the harbour at noon, said Bob the old sailor, and the wind was fair all that day."
    world.remember(*(exchange(at, f"So {at} {said}", "Aha.") for at in range(300)))
    found = world.recall("How many boats lay in the harbour?", 1500)
    view = retrieval_view(found)

    assert ratio(found) <= 1.5
    assert len(view["mid_term"]) + view["omitted"] == len(found.mid_term) + found.omitted
    assert view["mid_term"][0]["user_input"] == found.mid_term[0].page.user_input


def test_the_shortest_turns_keep_to_it(world: RetrievalWorld) -> None:
    """Ours: the worst pages go; the text has them."""
    world.remember(*(exchange(at, f"{at} boats.", "Aha.") for at in range(300)))
    found = world.recall("How many boats?", 1500, fill=True)

    assert ratio(found) <= 1.5
    assert retrieval_view(found)["mid_term"][0]["user_input"] == found.mid_term[0].page.user_input


def test_metadata_and_segments_come_back_where_there_is_room(world: RetrievalWorld) -> None:
    """Protocol: metadata comes back unchanged, the best pages' first."""
    metadata = {"source": "chat", "tags": ["a"], "deep": {"none": None, "zero": 0}}
    chatty(world, metadata=metadata, segment_id="s1")
    view = retrieval_view(world.recall("What of the harbour and the boats?", 1500))

    assert view["mid_term"][0]["metadata"] == metadata
    assert view["mid_term"][0]["segment_id"] == "s1"
    assert [segment["id"] for segment in view["segments"]] == ["s1"]


def test_scores_come_on_request(world: RetrievalWorld) -> None:
    """Ours: `explain` brings score and why back."""
    chatty(world)
    found = world.recall("What of the harbour?", 500, explain=True)

    assert found.mid_term
    assert all(page["why"] and page["score"] > 0 for page in retrieval_view(found, explain=True)["mid_term"])
    assert not any({"why", "score"} & set(page) for page in retrieval_view(found)["mid_term"])
    assert {bool(hit.why) for hit in world.recall("What of the harbour?", 500).mid_term} == {False}


def test_what_the_text_says_of_a_page_stands_there_too(world: RetrievalWorld) -> None:
    """Ours: "later changed" must reach a model that sees this half alone."""
    world.remember(exchange(1, "Run the tests"), exchange(2, "Run the tests"))
    (page, *_) = retrieval_view(world.recall("Run the tests", 300))["mid_term"]

    assert page["notes"] == ["said 2 times"]
