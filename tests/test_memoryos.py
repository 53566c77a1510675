"""The facade: what is added is kept, found, explained and forgotten; real Chroma, embedder and analyzer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest

import memoryos_mcp
from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.errors import AnalyzerUnavailableError, InputError, NotFoundError
from memoryos_mcp.domain.records import Exchange
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.tiers.arrivals import Arrivals

SETTLE_S = 60  # a bound for a shared machine, not a claim about speed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder of this test's own."""
    return tmp_path / "data"


@pytest.fixture
def memory(folder: Path) -> Iterator[Memoryos]:
    """Open a memory of small short-term capacity."""
    values = {"data_dir": folder, "short_term_capacity": 3, "user_id": "anna", "embedder": "bundled"}
    with Memoryos(load_settings(values, environ={})) as opened:
        yield opened


def talk(memory: Memoryos, count: int, user_id: str | None = None) -> list[str]:
    """Add *count* plain pages a minute apart and return their ids."""
    added = [
        memory.add_memory(
            f"Question number {number} about gardens.",
            f"Answer number {number}.",
            f"2026-05-08 12:{number:02}:00",
            user_id=user_id,
        )
        for number in range(count)
    ]
    return [result.page_id for result in added]


def test_the_package_offers_the_facade_and_loads_it_late() -> None:
    """Ours: `from memoryos_mcp import Memoryos` works, other names say what is wrong."""
    assert memoryos_mcp.Memoryos is Memoryos
    with pytest.raises(AttributeError, match="nonsense"):
        memoryos_mcp.nonsense  # noqa: B018 - the access is the test


def test_every_page_added_is_stored_in_exactly_one_tier(memory: Memoryos) -> None:
    """Invariant 2, end to end: pages in = pages stored, per tier."""
    ids = talk(memory, 10)
    assert memory.settle(SETTLE_S)
    status = memory.status()
    assert (status.short_term_pages, status.mid_term_pages, status.archive, status.pending) == (3, 7, 0, 0)
    tiers = [memory.page(id_)[1] for id_ in ids]
    assert tiers == ["mid_term"] * 7 + ["short_term"] * 3
    assert status.last_error is None


def test_the_same_exchange_at_the_same_time_is_one_page(memory: Memoryos) -> None:
    """The contract: `duplicate` for same texts and timestamp, in whatever tier the first one lies by now."""
    first = talk(memory, 6)
    assert memory.settle(SETTLE_S)
    again = memory.add_memory("Question number 0 about gardens.", "Answer number 0.", "2026-05-08T12:00:00Z")
    assert (again.page_id, again.status) == (first[0], "duplicate")
    other = memory.add_memory("Question number 0 about gardens.", "Answer number 0.", "2026-05-08T12:00:01Z")
    assert other.status == "stored"


def test_texts_metadata_and_time_come_back_unchanged(memory: Memoryos) -> None:
    """The contract: metadata comes back unchanged, timestamps as aware UTC."""
    metadata = {"source": {"app": "x", "tags": ["a", 1, None, 1.5, True]}, "ünï": "çödé"}
    added = memory.add_memory("Grüße 👋", "你好\n```py\nx = 1\n```", "2026-05-08T14:00:00+02:00", metadata)
    page, _ = memory.page(added.page_id)
    assert (page.user_input, page.agent_response) == ("Grüße 👋", "你好\n```py\nx = 1\n```")
    assert page.metadata == metadata
    assert page.timestamp == datetime(2026, 5, 8, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "arguments",
    [
        {"user_input": " ", "agent_response": "x"},
        {"user_input": "x", "agent_response": ""},
        {"user_input": "x" * 100_001, "agent_response": "x"},
        {"user_input": "x", "agent_response": "x", "timestamp": "soon"},
        {"user_input": "x", "agent_response": "x", "metadata": {"a": float("inf")}},
        {"user_input": "x", "agent_response": "x", "user_id": "  "},
    ],
    ids=["blank input", "empty response", "too long", "timestamp", "metadata", "blank user"],
)
def test_bad_input_stores_nothing(memory: Memoryos, arguments: dict[str, object]) -> None:
    """The contract: a clear error, and no trace in the store."""
    with pytest.raises(InputError):
        memory.add_memory(**arguments)  # type: ignore[arg-type]
    assert memory.status().short_term_pages == 0


def test_what_was_said_is_found_and_explained(memory: Memoryos) -> None:
    """Ours: the answer's page is in the reply, dated, with the parts of its score."""
    memory.add_memory("I adopted a grey parrot called Kiwi.", "What a lovely name!", "2026-03-01 09:00:00")
    talk(memory, 12)
    assert memory.settle(SETTLE_S)
    found = memory.retrieve_context("What is my parrot called?", max_tokens=300, explain=True)
    assert "Kiwi" in found.text
    assert found.token_count <= found.max_tokens == 300
    hit = next(hit for hit in found.mid_term if "Kiwi" in hit.page.user_input)
    assert hit.why
    assert hit.page.segment_id in {segment.segment_id for segment, _ in found.segments}


def test_retrieval_counts_a_visit_of_the_segments_it_used(memory: Memoryos) -> None:
    """The paper's: N_visit and recency follow retrieval; ours: written after the reply."""
    talk(memory, 8)
    assert memory.settle(SETTLE_S)
    used = memory.retrieve_context("gardens question number 1").segments
    assert used
    assert memory.settle(SETTLE_S)
    visits = {segment.segment_id: segment.visits for segment, _ in memory.segments()}
    assert all(visits[segment.segment_id] == segment.visits + 1 for segment, _ in used)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"query": "  "}, "query is blank"),
        ({"query": "x", "max_tokens": 50}, "max_tokens"),
        ({"query": "x", "since": "then"}, "since"),
        ({"query": "x", "since": "2026-05-09", "until": "2026-05-08"}, "lies after until"),
    ],
    ids=["blank", "budget", "since", "order"],
)
def test_a_bad_retrieval_says_why(memory: Memoryos, arguments: dict[str, object], message: str) -> None:
    """The contract: what was wrong, the value and the way out."""
    with pytest.raises(InputError, match=message):
        memory.retrieve_context(**arguments)  # type: ignore[arg-type]


def test_a_profile_grows_from_what_the_user_says(memory: Memoryos) -> None:
    """Ours: no model is needed for plain statements, and they carry their page."""
    added = memory.add_memory("Hi, I'm Anna. I'm allergic to peanuts.", "Noted, Anna!")
    assert memory.settle(SETTLE_S)
    profile = memory.get_user_profile()
    assert any("peanut" in fact.fact.lower() and fact.page_ids == (added.page_id,) for fact in profile.user_knowledge)
    assert {attribute.name: attribute.value for attribute in profile.static}["name"] == "Anna"
    assert "Anna" in profile.summary


def test_a_fact_told_is_kept_superseded_and_found(memory: Memoryos) -> None:
    """The contract of remember_fact: id and what it superseded."""
    old, closed = memory.remember_fact("Lives in Paris.", "user")
    assert closed == ()
    new, closed = memory.remember_fact("Lives in Oslo.", "user", supersedes=old.fact_id, pinned=True)
    assert closed == (old.fact_id,)
    facts = memory.get_user_profile().user_knowledge
    assert [(fact.fact, fact.superseded_by) for fact in facts] == [
        ("Lives in Oslo.", None),
        ("Lives in Paris.", new.fact_id),
    ]
    again, _ = memory.remember_fact("Lives  in\nOslo.", "user")
    assert again == new
    assert "Oslo" in memory.retrieve_context("Where do I live?").text


def test_a_fact_about_nobody_or_superseding_nothing_is_refused(memory: Memoryos) -> None:
    """The contract: about is user or assistant; an unknown id is named."""
    with pytest.raises(InputError, match="'user' or 'assistant', got 'cat'"):
        memory.remember_fact("Purrs.", "cat")
    with pytest.raises(NotFoundError, match="f404"):
        memory.remember_fact("Purrs.", "user", supersedes="f404")


def test_forgetting_is_a_dry_run_unless_asked(memory: Memoryos) -> None:
    """The contract: dry_run is the default."""
    ids = talk(memory, 5)
    assert memory.settle(SETTLE_S)
    assert memory.forget_memory(page_ids=[ids[0]]).dry_run
    assert memory.page(ids[0])
    memory.forget_memory(page_ids=[ids[0]], dry_run=False)
    with pytest.raises(NotFoundError, match=ids[0]):
        memory.page(ids[0])
    memory.forget_memory(before="2030-01-01", dry_run=False)
    assert (memory.status().short_term_pages, memory.status().mid_term_pages) == (0, 0)


def test_a_fact_is_named_by_the_beginning_of_its_id(memory: Memoryos) -> None:
    """Ours: as texts shorten ids; a wrong one is told of in words that fit a terminal too."""
    old, _ = memory.remember_fact("Lives in Paris.", "user")
    new, closed = memory.remember_fact("Lives in Oslo.", "user", supersedes=old.fact_id[:4])

    assert closed == (old.fact_id,)
    assert f"- Lives in Oslo. ({new.said_at.day} " in memory.retrieve_context("Where do I live?").text
    assert memory.forget_memory(fact_ids=[new.fact_id[:4]]).fact_ids == (new.fact_id,)
    with pytest.raises(NotFoundError, match="what is recalled shows ids"):
        memory.forget_memory(fact_ids=["f000000000"])


def test_a_page_is_named_by_the_beginning_of_its_id(memory: Memoryos, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: replies shorten ids to save tokens; what they show can be handed back, unless it could mean two pages."""
    ids = talk(memory, 6)
    assert memory.settle(SETTLE_S)
    assert memory.page(ids[0][:7])[0].page_id == ids[0]
    assert memory.forget_memory(page_ids=[ids[0][:7]]).page_ids == (ids[0],)
    with pytest.raises(NotFoundError, match="p"):
        memory.page("p")
    monkeypatch.setattr("memoryos_mcp.domain.identity.SHORTEST_ID", 1)
    with pytest.raises(NotFoundError, match="begins several ids"):
        memory.page("p")


def test_evicted_pages_are_found_when_the_archive_is_asked_for(folder: Path) -> None:
    """Ours: eviction archives; a plain retrieval does not search there, an explicit one does."""
    values = {"data_dir": folder, "short_term_capacity": 1, "mid_term_capacity": 1, "embedder": "bundled"}
    with Memoryos(load_settings(values, environ={})) as small:
        kept = small.add_memory("What does flux mode do in Quixotic?", "It batches writes.", "2025-01-01 10:00:00")
        small.add_memory("Quarterly tax forms are due in Norway.", "The deadline is the 31st.", "2026-01-01 10:00:00")
        small.add_memory("How do I bleed a radiator?", "Turn the key until it hisses.", "2026-02-01 10:00:00")
        assert small.settle(SETTLE_S)
        assert small.page(kept.page_id)[1] == "archive"
        assert [page.page_id for page in small.archive()] == [kept.page_id]
        assert "batches" not in small.retrieve_context("Quixotic flux mode?").text
        assert "batches" in small.retrieve_context("Quixotic flux mode?", archive=True).text
        small.forget_memory(page_ids=[kept.page_id], dry_run=False)
        assert "batches" not in small.retrieve_context("Quixotic flux mode?", archive=True).text


def test_one_users_memory_is_never_anothers(memory: Memoryos) -> None:
    """Invariant 5, through every way out."""
    memory.add_memory("I am allergic to shellfish.", "Noted.", user_id="bob/../anna")
    memory.remember_fact("Likes chess.", "user", user_id="bob/../anna")
    talk(memory, 6, user_id="bob/../anna")
    assert memory.settle(SETTLE_S, user_id="bob/../anna")
    reply = memory.retrieve_context("What am I allergic to? chess shellfish")
    assert "shellfish" not in reply.text
    assert "chess" not in reply.text
    assert memory.get_user_profile().user_knowledge == ()
    assert memory.segments() == []
    assert memory.users() == ["bob/../anna"]
    memory.forget_memory(everything=True, dry_run=False)
    assert memory.status(user_id="bob/../anna").mid_term_pages == 4


def test_resources_are_listed_by_heat_and_unknown_ids_are_named(memory: Memoryos) -> None:
    """Ours: segments hottest first, a segment with its pages in order."""
    talk(memory, 9)
    assert memory.settle(SETTLE_S)
    listed = memory.segments()
    assert [heat for _, heat in listed] == sorted((heat for _, heat in listed), reverse=True)
    segment, _, pages = memory.segment(listed[0][0].segment_id)
    assert len(pages) == segment.pages
    assert len(memory.recent_page_ids(limit=2)) == 2
    with pytest.raises(NotFoundError, match="s404"):
        memory.segment("s404")


def test_a_restart_keeps_everything_and_resumes_what_was_left(folder: Path) -> None:
    """Invariant 1: what was acknowledged is on disk; the worker of the next start goes on."""
    settings = load_settings({"data_dir": folder, "short_term_capacity": 2, "embedder": "bundled"}, environ={})
    first = Memoryos(settings)
    ids = talk(first, 9)
    first.close()
    with Memoryos.open(settings) as second:
        assert second.settle(SETTLE_S)
        assert {second.page(id_)[0].page_id for id_ in ids} == set(ids)
        assert second.status().mid_term_pages == 7


def test_a_hundred_adds_in_flight_are_all_stored(memory: Memoryos) -> None:
    """Ours: the other memory servers lose most of these."""
    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(lambda number: memory.add_memory(f"Note {number}", "Ok"), range(100)))
    assert memory.settle(SETTLE_S)
    status = memory.status()
    assert len({result.page_id for result in results}) == 100
    assert status.short_term_pages + status.mid_term_pages == 100


def test_listeners_hear_of_changes(memory: Memoryos) -> None:
    """Ours: hosts are told which resources changed."""
    heard: set[tuple[str, str]] = set()
    everything = threading.Event()

    def listen(user_id: str, what: str) -> None:
        heard.add((user_id, what))
        if {what for _, what in heard} == {"short_term", "mid_term", "long_term"}:
            everything.set()

    memory.subscribe(listen)
    memory.add_memory("I'm allergic to peanuts.", "Noted.")
    talk(memory, 5)
    assert everything.wait(SETTLE_S)
    assert {user for user, _ in heard} == {"anna"}


def test_a_failing_analyzer_is_shown_costs_nothing_and_recovers(
    memory: Memoryos, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 3: adds and retrievals go on, the error is in the status, the work is done later."""
    analyzer = memory.parts.analysts.updater.analyzer

    def down(*_: object) -> None:
        raise AnalyzerUnavailableError("no route to model")

    with monkeypatch.context() as patch:
        patch.setattr(type(analyzer), "analyze_batch", down)
        talk(memory, 8)
        assert not memory.settle(SETTLE_S)
        assert "no route to model" in (memory.status().last_error or "")
        assert "number 7" in memory.retrieve_context("question number 7").text
        assert memory.status().pending > 0
    assert memory.settle(SETTLE_S)
    assert memory.status().last_error is None
    assert memory.status().mid_term_pages == 5


def test_an_id_shared_by_two_different_pages_is_told_apart(memory: Memoryos, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: 50 bits collide once in a long while; then the second page gets another id, not the first one's fate."""
    monkeypatch.setattr("memoryos_mcp.api.admission.make_page_id", lambda *parts: f"p-same-{parts[3]}")
    first = memory.add_memory("One.", "Ok.", "2026-05-08 12:00:00")
    second = memory.add_memory("Two.", "Ok.", "2026-05-08 12:00:00")
    assert (first.page_id, second.page_id) == ("p-same-0", "p-same-1")
    assert memory.add_memory("Two.", "Ok.", "2026-05-08 12:00:00").status == "duplicate"


def test_settings_and_single_values_exclude_one_another(folder: Path) -> None:
    """Ours: misuse of the constructor is a ValueError at once."""
    with pytest.raises(ValueError, match="not both"):
        Memoryos(load_settings({"data_dir": folder}, environ={}), user_id="anna")


def test_arrival_numbers_are_given_once_and_rise_whatever_the_clock_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A regression: with the clock set back, what was said next stood before what mid-term memory held already.

    Two memories on one folder stand for two processes: each has numbers of its own and the store's lock in common.
    """
    values = {"data_dir": folder, "short_term_capacity": 2, "user_id": "anna", "embedder": "bundled"}
    settings = load_settings(values, environ={})
    with Memoryos(settings) as first, Memoryos(settings) as second:
        before = talk(first, 5)
        assert first.settle(SETTLE_S)
        newest = max(first.page(id_)[0].sequence for id_ in before[:3])
        first.forget_memory(page_ids=before[3:], dry_run=False)
        monkeypatch.setattr("time.time_ns", lambda: 1)
        after = second.add_memory("The clock was set back.", "Ok")
        with ThreadPoolExecutor(8) as pool:
            one = pool.map(lambda n: (first, second)[n % 2].add_memory(f"Note {n}", "Ok"), range(24))
            many = pool.map(lambda n: second.add_many([Exchange(f"Many {n} {k}", "Ok") for k in range(3)]), range(4))
            added = [after, *one, *(result for results in many for result in results)]
        numbers = [second.page(result.page_id)[0].sequence for result in added]
    assert len(set(numbers)) == len(numbers) == 37
    assert min(numbers) > newest


def test_arrival_numbers_of_several_threads_do_not_overlap(memory: Memoryos) -> None:
    """Ours: the numbers are given under their own lock, too."""
    arrivals = Arrivals(memory.parts.tiers.short_term, memory.parts.tiers.mid_term)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda number: arrivals.above(0, 5), range(2000)))
    numbers = {number for numbers in taken for number in numbers}
    assert len(numbers) == 5 * 2000
