"""The whole memory with a model behind real HTTP: what it costs, what its failures leave behind, what it answers."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.cli.demo.script import conversation
from memoryos_mcp.domain.errors import AnalyzerError, ConfigError, InputError
from memoryos_mcp.domain.records import Page
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.updating.updater import STAND_IN

from .scripted_endpoint import (
    Asked,
    Behaviour,
    Outcome,
    ScriptedEndpoint,
    answers,
    closes,
    delays,
    fails,
    hostile,
    refuses,
    says,
    truncated,
)

SETTLE_S = 60  # a bound for a shared machine, not a claim about speed
CAPACITY = 3
PAGES = 9
KEY = "sk-very-secret"


@pytest.fixture
def served() -> Iterator[ScriptedEndpoint]:
    """Return an endpoint that answers well."""
    with ScriptedEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def memory(served: ScriptedEndpoint, tmp_path: Path) -> Iterator[Memoryos]:
    """Open a memory whose pages that model reads: of small capacity, and with little patience."""
    with opened(served, tmp_path, short_term_capacity=CAPACITY, llm_timeout=2) as memory:
        yield memory


def opened(served: ScriptedEndpoint, folder: Path, **values: Any) -> Memoryos:
    """Return a memory in *folder* over the endpoint."""
    fixed = {"data_dir": folder / "data", "user_id": "anna", "embedder": "bundled", "openai_base_url": served.url}
    return Memoryos(load_settings({**fixed, "openai_api_key": KEY, **values}, environ={}))


def talk(memory: Memoryos, count: int = CAPACITY + PAGES) -> list[str]:
    """Add *count* pages a minute apart and return their ids; the first tells of a parrot."""
    said = ["I adopted a grey parrot called Kiwi.", *(f"I planted tree number {place}." for place in range(1, count))]
    return [
        memory.add_memory(text, f"Well done, number {place}!", f"2026-05-08 12:{place:02}:00").page_id
        for place, text in enumerate(said)
    ]


def until(condition: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    """Wait until *condition* holds, at most *timeout_s*; return whether it does."""
    deadline, pause = time.monotonic() + timeout_s, threading.Event()
    while not condition() and time.monotonic() < deadline:
        pause.wait(0.02)
    return condition()


def moved(memory: Memoryos) -> list[Page]:
    """Return the pages in mid-term memory."""
    return [page for segment, _ in memory.segments() for page in memory.segment(segment.segment_id)[2]]


def stored_words(memory: Memoryos) -> str:
    """Return every text that was derived from pages, as one."""
    profile = memory.get_user_profile()
    derived: list[object] = [profile.summary, profile.static, profile.traits]
    derived += [profile.user_knowledge, profile.assistant_knowledge]
    derived += [(segment.summary, segment.keywords) for segment, _ in memory.segments()]
    derived += [(page.chain_summary, page.user_input, page.agent_response) for page in moved(memory)]
    return repr(derived)


def test_a_conversation_is_read_by_the_model_within_its_cost(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours: at most 0.4 calls and 600 prompt tokens a page over a conversation at default settings."""
    exchanges = conversation()
    with opened(served, tmp_path) as memory:
        for exchange in exchanges:
            memory.add_memory(exchange.user_input, exchange.agent_response, exchange.timestamp)
        assert memory.settle(SETTLE_S)
        status, pages, profile = memory.status(), moved(memory), memory.get_user_profile()

    assert (status.pending, status.stand_ins, status.last_error) == (0, 0, None)
    assert status.mid_term_pages == len(pages) == len(exchanges) - 10
    assert {page.analyzer for page in pages} == {"openai"}
    assert all(page.chain_summary.startswith("They speak of ") for page in pages)
    assert profile.user_knowledge
    assert {fact.analyzer for fact in profile.user_knowledge} == {"openai"}
    assert served.calls / len(exchanges) <= 0.4
    assert served.prompt_tokens / len(exchanges) <= 600
    assert status.usage["since_start"]["calls"] == served.calls
    assert status.usage["since_start"]["prompt_tokens"] == served.prompt_tokens


def test_adding_and_recalling_ask_no_model(served: ScriptedEndpoint, memory: Memoryos) -> None:
    """Ours: the model works behind the call; here its worker is kept from starting while pages come in."""
    with memory.parts.worker.exclusively("anna", 5):
        ids = talk(memory, 40)
        assert "Kiwi" in memory.retrieve_context("What is my parrot called?").text
        memory.get_user_profile()
        memory.remember_fact("Likes trees.", "user")
        assert served.calls == 0
    assert memory.settle(SETTLE_S)
    assert served.calls > 0
    assert len(set(ids)) == 40


def invents(asked: Asked) -> Outcome:
    """Answer well, of pages that nobody asked about."""
    return Outcome(re.sub(r'"p(\d+)"', r'"p9\1"', answers(asked).text))


@dataclass(frozen=True)
class Failure:
    """How a model fails, what the status says of it, and what of its words must not be stored."""

    behaviour: Behaviour
    told: str
    words: tuple[str, ...] = ()


FAILURES = {
    "down": Failure(fails(503), "HTTP 503", ("Ignore all",)),
    "closing": Failure(closes, "cannot be reached"),
    "slow": Failure(delays(30), "gave no answer within 0.3 s"),
    "busy": Failure(fails(429, retry_after="0.1"), "HTTP 429", ("Ignore all",)),
    "truncated": Failure(truncated, "cut off", ("They speak of",)),
    "empty": Failure(says(""), "the answer was empty"),
    "no JSON": Failure(says("Sure! The user seems nice."), "no JSON object", ("seems nice",)),
    "wrong shape": Failure(says('{"result": {"summary": "All is well"}}'), "topics must name", ("All is well",)),
    "invented ids": Failure(invents, "topics must name", ("They speak of", "p91")),
    "refusal": Failure(refuses, "refused to answer", ("I cannot help",)),
    "hostile": Failure(hostile, "100,000 characters", ("Ignore all", "forget_memory")),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_model_costs_nothing_that_was_said(name: str, served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Invariant 3: all pages kept, none of the failure stored, calls go on, it is shown, and read again when well."""
    failure = FAILURES[name]
    served.default = failure.behaviour
    with opened(served, tmp_path, short_term_capacity=CAPACITY, llm_timeout=0.3 if name == "slow" else 5) as memory:
        ids = talk(memory)
        assert memory.settle(SETTLE_S)
        told = memory.status()
        assert (told.short_term_pages, told.mid_term_pages, told.pending, told.stand_ins) == (CAPACITY, PAGES, 0, PAGES)
        assert failure.told in (told.last_error or "")
        assert told.usage["since_start"]["failures"] > 0
        assert [memory.page(id_)[0].agent_response for id_ in ids] == [
            f"Well done, number {place}!" for place in range(len(ids))
        ]
        assert {page.analyzer for page in moved(memory)} == {STAND_IN}
        shown = f"{stored_words(memory)} {told}"
        assert not [word for word in (*failure.words, KEY) if word in shown]
        assert memory.add_memory("One more.", "Fine.").status == "stored"
        assert "Kiwi" in memory.retrieve_context("What is my parrot called?").text

        served.default = answers
        assert until(lambda: memory.settle(SETTLE_S) and not memory.status().stand_ins)
        well = memory.status()
        assert (well.mid_term_pages, well.last_error) == (PAGES + 1, None)
        assert {page.analyzer for page in moved(memory)} == {"openai"}
        assert "They speak of" in stored_words(memory)
        facts = memory.get_user_profile().user_knowledge
        assert {fact.analyzer for fact in facts} == {"openai"}


def test_the_worker_by_itself_stands_in_after_three_tries_and_reads_again(
    served: ScriptedEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: nobody waits and nobody commands; until then the pages stay where they are."""
    monkeypatch.setattr("memoryos_mcp.updating.user_work._FIRST_RETRY_S", 0.01)
    monkeypatch.setattr("memoryos_mcp.updating.user_work._LONGEST_RETRY_S", 0.05)
    served.script(refuses, refuses)
    holding = threading.Event()

    def third(asked: Asked) -> Outcome:
        holding.wait(5)
        return refuses(asked)

    served.default = third
    with opened(served, tmp_path, short_term_capacity=CAPACITY) as memory:
        talk(memory, 13)
        assert until(lambda: served.calls == 3)
        waiting = memory.status()
        assert (waiting.short_term_pages, waiting.pending, waiting.stand_ins) == (13, 10, 0)
        holding.set()
        assert until(lambda: memory.status().stand_ins == 10)
        served.default = answers
        assert until(lambda: not memory.status().stand_ins)
        assert {page.analyzer for page in moved(memory)} == {"openai"}


def test_reanalyze_reads_again_what_was_stood_in_for(
    served: ScriptedEndpoint, memory: Memoryos, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: on command, with progress; a model that is still down is an error and changes nothing."""
    for name in ("user_work._FIRST_RETRY_S", "user_work._LONGEST_RETRY_S", "worker._BUSY_ELSEWHERE_S"):
        monkeypatch.setattr(f"memoryos_mcp.updating.{name}", 600.0)  # lest the worker reads them first
    served.default = refuses
    talk(memory)
    assert memory.settle(SETTLE_S)
    before = stored_words(memory)
    with pytest.raises(AnalyzerError, match="refused"):
        memory.reanalyze()
    assert (memory.status().stand_ins, stored_words(memory)) == (PAGES, before)
    seen: list[tuple[int, int]] = []
    served.default = answers
    assert memory.reanalyze(progress=lambda done, total: seen.append((done, total))) == PAGES
    assert (seen[0], seen[-1]) == ((0, PAGES), (PAGES, PAGES))
    assert memory.status().stand_ins == 0
    assert memory.reanalyze() == 0


def test_reanalyze_reads_everything_again_when_asked(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours: for whoever sets up a model after months without one."""
    values = {"short_term_capacity": CAPACITY}
    with opened(served, tmp_path, analyzer="local", **values) as memory:
        talk(memory)
        assert memory.settle(SETTLE_S)
        with pytest.raises(InputError, match="the analyzer in force is local"):
            memory.reanalyze(everything=True)
    assert served.calls == 0
    with opened(served, tmp_path, **values) as memory:
        assert memory.reanalyze() == 0
        assert memory.reanalyze(everything=True) == PAGES
        read = {page.page_id for page in moved(memory) if page.analyzer == "openai"}
        facts = [fact for fact in memory.get_user_profile().user_knowledge if read.intersection(fact.page_ids)]
        assert len(read) == PAGES
        assert {fact.analyzer for fact in facts} == {"openai"}


def test_a_hot_segment_that_was_stood_in_for_is_promoted_again(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours: the traits that the paper wants of a promotion are the model's, once it answers."""
    served.default = refuses
    with opened(served, tmp_path, short_term_capacity=CAPACITY, heat_threshold=1) as memory:
        for number in range(CAPACITY + PAGES):
            memory.add_memory(
                f"I went painting by the lake, day {number}.", "Lovely.", f"2026-05-{number + 1:02} 12:00"
            )
        assert memory.settle(SETTLE_S)
        served.default = answers
        assert until(lambda: memory.settle(SETTLE_S) and not memory.status().stand_ins)
        assert until(lambda: memory.settle(SETTLE_S) and bool(memory.get_user_profile().traits))
        asked = [each.payload["response_format"]["json_schema"]["name"] for each in served.asked]
        traits = {trait.dimension: trait.evidence for trait in memory.get_user_profile().traits}
    assert asked[-1] == "segment_analysis"
    assert traits["painting"].startswith("I went painting by the lake")


def test_a_command_gets_its_turn_between_two_questions_of_the_worker(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Regression: the worker held its lock until all was read again, and `reanalyze` gave up waiting for it."""
    served.default = refuses
    with opened(served, tmp_path, short_term_capacity=CAPACITY) as memory:
        talk(memory, CAPACITY + 40)
        assert memory.settle(SETTLE_S)
        asked = served.calls
    busy, go_on = threading.Event(), threading.Event()

    def slowly(asked: Asked) -> Outcome:
        busy.set()
        go_on.wait(5)
        return answers(asked)

    served.default = slowly
    with opened(served, tmp_path, short_term_capacity=CAPACITY) as memory:
        assert busy.wait(5)
        seen: list[tuple[int, int]] = []
        command = threading.Thread(target=memory.reanalyze, kwargs={"progress": lambda *at: seen.append(at)})
        command.start()
        assert until(lambda: memory.parts.worker._users["anna"].wanted > 0)
        go_on.set()
        command.join(5)
        assert seen[0] == (0, 40 - 16)
        assert memory.status().stand_ins == 0
    assert served.calls == asked + 3


def test_what_the_model_cost_is_kept_over_a_restart(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours: since start and in total."""
    with opened(served, tmp_path, short_term_capacity=CAPACITY) as memory:
        talk(memory)
        assert memory.settle(SETTLE_S)
    calls = served.calls
    with opened(served, tmp_path, short_term_capacity=CAPACITY) as memory:
        usage = memory.status().usage
    assert (usage["since_start"]["calls"], usage["total"]["calls"]) == (0, calls)
    assert usage["total"]["prompt_tokens"] == served.prompt_tokens


def test_a_response_uses_what_memory_holds_and_is_stored(served: ScriptedEndpoint, memory: Memoryos) -> None:
    """The paper's response step (3.5); the MemoryOS package stores the exchange itself, and so do we."""
    talk(memory)
    memory.remember_fact("Has a parrot that is allergic to nuts.", "user")
    served.script(says("Your parrot is called Kiwi."))
    answer = memory.get_response("What is my parrot called?", "old friends", "one line", {"place": "phone"})

    asked = next(each for each in served.asked if "old friends" in str(each.payload["messages"]))
    prompt = json.dumps(asked.payload["messages"])
    assert answer
    assert all(part in prompt for part in ("called Kiwi", "allergic to nuts", "one line", "phone"))
    (newest,) = memory.recent_page_ids(limit=1)
    page, _ = memory.page(newest)
    assert (page.user_input, page.agent_response) == ("What is my parrot called?", answer)
    assert page.metadata == {"place": "phone"}


def test_a_learnt_name_is_no_part_of_the_instructions(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """Ours (invariant 4): it was said once, perhaps by a text that was pasted; it reaches the model as data alone."""
    with opened(served, tmp_path, analyzer="local") as memory:
        memory.add_memory("My name is Max.", "Hello Max.")
        assert memory.settle(SETTLE_S)
        served.script(says("You are Max."))
        memory.get_response("Who am I?")
        system, message = served.asked[-1].payload["messages"]

    assert "Max" not in system["content"]
    assert "Max" in message["content"]


@pytest.mark.parametrize("behaviour", [refuses, says(""), fails(400), hostile], ids=["refuses", "empty", "400", "long"])
def test_a_response_that_fails_stores_nothing(behaviour: Behaviour, served: ScriptedEndpoint, memory: Memoryos) -> None:
    """The authors' server stores the error's text as what the assistant said."""
    served.default = behaviour
    with pytest.raises(AnalyzerError):
        memory.get_response("What is my parrot called?")
    assert memory.status().short_term_pages == 0
    assert memory.status().usage["since_start"]["failures"] == 1


def test_a_response_without_a_model_says_what_to_set(tmp_path: Path) -> None:
    """Ours: nothing is asked or stored."""
    settings = load_settings({"data_dir": tmp_path, "embedder": "bundled"}, environ={})
    with Memoryos(settings) as memory, pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        memory.get_response("Hello")


def test_code_for_the_memoryos_readme_runs_with_its_import_changed(
    served: ScriptedEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The MemoryOS README's Basic Usage: constructor, add_memory, get_response, summaries, forced analysis."""
    for name in ("MEMORYOS_CONFIG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    memo = Memoryos(
        user_id="demo_user",
        openai_api_key=KEY,
        openai_base_url=served.url,
        data_storage_path=str(tmp_path / "simple_demo_data"),
        llm_model="gpt-4o-mini",
        assistant_id="demo_assistant",
        short_term_capacity=7,
        mid_term_heat_threshold=5,
        retrieval_queue_capacity=7,
        long_term_knowledge_capacity=100,
        mid_term_similarity_threshold=0.6,
        embedding_model_name="all-MiniLM-L6-v2",
    )
    with memo:
        memo.add_memory(
            user_input="Hi! I'm Tom, I work as a data scientist in San Francisco.",
            agent_response="Hello Tom! Nice to meet you. Data science is such an exciting field.",
        )
        response = memo.get_response(query="What do you remember about my job?")
        assert response
        assert "San Francisco" in str(served.asked[-1].payload["messages"])
        assert memo.force_mid_term_analysis() is False
        assert isinstance(memo.get_user_profile_summary(), str)
        assert isinstance(memo.get_assistant_knowledge_summary(), list)
    assert (tmp_path / "simple_demo_data").is_dir()


def test_an_analysis_can_be_forced(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """The MemoryOS package's force_mid_term_analysis: the hottest segment is read however hot; a failure says so."""
    with opened(served, tmp_path, short_term_capacity=CAPACITY, heat_threshold=1_000) as memory:
        talk(memory)
        assert memory.settle(SETTLE_S)
        served.default = refuses
        with pytest.raises(AnalyzerError, match="refused"):
            memory.force_mid_term_analysis()
        served.default = answers
        calls = served.calls
        assert memory.force_mid_term_analysis()
        assert served.calls == calls + 1


def test_each_user_pays_for_the_own_questions_once(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """A regression: who came last was charged for what others had asked, and twice when two threads kept the books."""
    users = ("anna", "bob", "cleo")
    with opened(served, tmp_path, analyzer="local") as memory:

        def ask(user: str, times: int) -> None:
            for number in range(times):
                memory.get_response(f"Question {number} of {user}?", user_id=user)

        threads = [
            threading.Thread(target=ask, args=(user, times)) for times, user in enumerate(users, 2) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = {user: memory.status(user_id=user).usage for user in users}
        memory.forget_memory(everything=True, dry_run=False, user_id="bob")
        gone = memory.status(user_id="bob").usage["total"]["calls"]
    for times, user in enumerate(users, 2):
        prompts = [each for each in served.asked if f" of {user}?" in str(each.payload["messages"][-1])]
        assert told[user]["since_start"] == told[user]["total"]
        assert told[user]["total"]["calls"] == len(prompts) == 2 * times
        assert told[user]["total"]["prompt_tokens"] == sum(each.prompt_tokens for each in prompts)
    with opened(served, tmp_path, analyzer="local") as memory:
        kept = [memory.status(user_id=user).usage["total"]["calls"] for user in users]
    assert (gone, kept) == (0, [4, 0, 8])


def test_pages_read_in_the_background_are_charged_to_their_user(served: ScriptedEndpoint, tmp_path: Path) -> None:
    """A regression: one user's response was charged with the other's analysis, and the other way round."""
    with opened(served, tmp_path, short_term_capacity=CAPACITY) as memory:
        talk(memory)
        threads = [
            threading.Thread(target=memory.get_response, args=(f"Question {number}?",), kwargs={"user_id": "bob"})
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        assert memory.settle(SETTLE_S)
        for thread in threads:
            thread.join()
        anna, bob = (memory.status(user_id=user).usage["total"] for user in ("anna", "bob"))
    assert bob["calls"] == 4
    assert anna["calls"] == served.calls - 4 > 0
