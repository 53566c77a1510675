"""What the local analyzer knows inside the engine: the order of arrival, pages of the future, frames over turns."""

from datetime import timedelta
from pathlib import Path

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.records import Exchange
from memoryos_mcp.updating.batching import by_now

from .make import NOON, page

TALK = [
    "I live in Graz.",
    "I have two cats, Milo and Otis.",
    "My exam is on 12 May.",
    "Sorry, it's on 14 May.",
    "Let's role-play: you are a guard, I'm a thief from Baghdad.",
    "I live in a palace and I hate dogs.",
    "OK, end of the role-play. Milo died.",
    "We moved to Vienna.",
]


def state(memory: Memoryos, user: str) -> list[str]:
    """Return the lines that hold and the attributes of a user."""
    assert memory.settle(30, user_id=user)
    profile = memory.get_user_profile(user_id=user)
    lines = [fact.fact for fact in profile.user_knowledge if fact.superseded_by is None]
    return sorted([*lines, *(f"{each.name} = {each.value}" for each in profile.static)])


def test_pages_may_come_one_by_one_at_once_or_newest_first(tmp_path: Path) -> None:
    """Ours: the same messages give the same facts and attributes."""
    said = [Exchange(text, "ok", NOON + timedelta(minutes=10 * at)) for at, text in enumerate(TALK)]
    with Memoryos(data_dir=tmp_path, embedder="bundled", analyzer="local") as memory:
        for one in said:
            memory.add_memory(one.user_input, one.agent_response, one.timestamp, user_id="one by one")
            assert memory.settle(30, user_id="one by one")
        memory.add_many(said, user_id="at once")
        for one in reversed(said):
            memory.add_memory(one.user_input, one.agent_response, one.timestamp, user_id="newest first")
            assert memory.settle(30, user_id="newest first")
        expected = state(memory, "one by one")
        assert [line for line in expected if "=" not in line] == [
            "Exam is on 14 May 2026",
            "Has a cat named Otis",
            "Milo died",
            "Moved to Vienna",
        ]
        assert state(memory, "at once") == expected
        assert state(memory, "newest first") == expected


def test_nothing_is_learnt_from_a_page_of_the_future() -> None:
    """Field report: "I live in Oslo" dated 2099 held for good against what was said later."""
    ahead, soon = page(1, timestamp=NOON.replace(year=2099)), page(2, timestamp=NOON + timedelta(hours=20))
    assert by_now([ahead, soon], NOON) == [soon]


def test_a_choice_among_what_the_assistant_offered_is_a_decision(tmp_path: Path) -> None:
    """Ours: decisions come in pairs; question and choice are kept in the assistant's wording."""
    offer = "For auth we have two ways:\nA) server-side sessions in Redis\nB) short-lived JWTs\nWhich one do you want?"
    with Memoryos(data_dir=tmp_path, embedder="bundled", analyzer="local") as memory:
        memory.add_memory("How should users log in?", offer, NOON, project="shop")
        memory.add_memory("Let's go with option B", "Done.", NOON + timedelta(minutes=2), project="shop")
        assert memory.settle(30)
        (fact,) = memory.get_user_profile().user_knowledge
        assert fact.fact == "Decided: short-lived JWTs (Which one do you want?)"
        assert (fact.kind, fact.project, fact.quote) == ("decision", "shop", "Let's go with option B")
