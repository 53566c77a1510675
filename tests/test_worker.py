"""The background worker: when steps run, what happens when they fail, and what a second process keeps to itself."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.updating.batching import Batching
from memoryos_mcp.updating.updater import STAND_IN, Updater
from memoryos_mcp.updating.worker import Worker

from .fakes import FirstWordAnalyzer
from .world import USER, Make, World

BOUND_S = 30.0  # for a shared machine; a failing test takes that long, a passing one does not

Employ = Callable[..., Worker]


@pytest.fixture
def employ(tmp_path: Path) -> Iterator[Employ]:
    """Return a maker of started workers over a world."""
    workers: list[Worker] = []

    def build(world: World, updater: Updater | None = None, stand_in: Updater | None = None) -> Worker:
        world.changes = []
        worker = Worker(
            updater or world.updater,
            stand_in,
            world.repairer,
            world.reembedder,
            tmp_path,
            notify=lambda user, what: world.changes.append((user, what)),
        )
        workers.append(worker)
        worker.start()
        return worker

    yield build
    for worker in workers:
        assert worker.stop(BOUND_S)


def updater_of(world: World, analyzer: FirstWordAnalyzer, batching: Batching, mark: str = "") -> Updater:
    """Return an updater with another analyzer on the same tiers."""
    return Updater(
        world.memory,
        analyzer,
        heat_threshold=5,
        similarity_threshold=0.6,
        clock=lambda: world.now,
        batching=batching,
        mark=mark,
    )


def test_pages_move_on_in_the_background_and_listeners_hear_of_it(make: Make, employ: Employ) -> None:
    """Ours: one owned thread does what is pending."""
    world = make()
    worker = employ(world)
    world.say("tea one", "tea two", "tea three")
    worker.note_added(USER)
    assert worker.settle(USER, BOUND_S)
    assert world.memory.mid_term.page_count(USER) == 1
    assert (USER, "mid_term") in world.changes
    assert worker.last_error(USER) is None


def test_a_model_that_fails_is_stood_in_for_and_what_it_missed_is_done_again(make: Make, employ: Employ) -> None:
    """Invariant 3: the local analysis stands in, marked; a model that is back redoes it by itself."""
    world = make()
    model = FirstWordAnalyzer(eager=False)
    model.down = True
    batching = Batching(least=2, most=4)
    updater = updater_of(world, model, batching)
    worker = employ(world, updater, updater_of(world, world.analyzer, batching, STAND_IN))
    world.say("I am a nurse", "tea one", "tea two", "x", "y")
    assert worker.settle(USER, BOUND_S)
    assert "no route to model" in (worker.last_error(USER) or "")
    assert world.memory.mid_term.analyzed_count(USER, STAND_IN) == 3
    assert {item.analyzer for item in world.memory.long_term.facts(USER).values()} == {STAND_IN}

    model.down = False
    worker.wake(USER)
    assert worker.settle(USER, BOUND_S)
    assert world.memory.mid_term.analyzed_count(USER, STAND_IN) == 0
    assert {item.analyzer for item in world.memory.mid_term.all_pages(USER)} == {"local"}
    (fact,) = world.memory.long_term.facts(USER).values()
    assert (fact.fact, fact.analyzer) == ("I am a nurse", "local")
    assert worker.last_error(USER) is None


def test_a_batch_waits_until_it_is_full_old_or_asked_for(make: Make) -> None:
    """Ours: a model is asked once for several pages."""
    world = make()
    updater = updater_of(world, FirstWordAnalyzer(eager=False), Batching(least=3, linger=timedelta(minutes=10)))
    world.say("tea one", "x", "y")
    world.now = world.now.fromtimestamp(60, world.now.tzinfo)  # pages of `say` arrived in the first nanoseconds of 1970
    assert updater.step(USER) == set()
    assert updater.pending_work(USER) == 1
    world.now += timedelta(minutes=10)
    assert "mid_term" in updater.step(USER)
    world.say("car one")
    world.now -= timedelta(minutes=10)
    assert updater.step(USER) == set()
    assert "mid_term" in updater.step(USER, force=True)


def test_pages_wait_for_a_host_up_to_a_bound(make: Make, employ: Employ) -> None:
    """Ours: nobody is hurried who cannot be asked, and a host that never answers costs quality, not pages."""
    world = make()
    absent = FirstWordAnalyzer(eager=False)
    absent.down = True
    batching = Batching(least=3, most=2, on_demand=False)
    updater = updater_of(world, absent, batching)
    worker = employ(world, updater, updater_of(world, world.analyzer, batching, STAND_IN))
    world.say("tea one", "tea two", "x", "y")
    assert worker.settle(USER, BOUND_S)
    assert (updater.pending_work(USER), updater.pending_work(USER, workable=True)) == (2, 0)
    world.say("z")
    assert worker.settle(USER, BOUND_S)
    assert world.memory.mid_term.page_count(USER) == 2
    assert worker.last_error(USER) is None, "a host that did not answer is no failure"


def test_a_defect_in_a_step_is_shown_and_does_not_end_the_thread(
    make: Make, employ: Employ, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: the thread's boundary catches what nobody foresaw, logs it, and goes on."""
    world = make()
    worker = employ(world)
    with monkeypatch.context() as patch:
        patch.setattr(world.analyzer, "note", lambda *_: 1 / 0)
        world.say("tea one")
        assert not worker.settle(USER, BOUND_S)
        assert "ZeroDivisionError" in (worker.last_error(USER) or "")
    assert worker.settle(USER, BOUND_S)
    assert worker.last_error(USER) is None


def test_only_one_process_works_for_a_user_at_a_time(make: Make, employ: Employ, tmp_path: Path) -> None:
    """Invariant 7: the lock is a file's, so another process is kept out like another worker here."""
    world = make()
    worker = employ(world)
    other = Worker(world.updater, None, world.repairer, world.reembedder, tmp_path, notify=lambda user, what: None)
    world.say("tea one", "x", "y")
    with other.exclusively(USER):
        worker.wake(USER)
        assert not worker.settle(USER, 0.5)
        with pytest.raises(StoreUnavailableError, match="at work on this user"), worker.exclusively(USER):
            pass
    assert worker.settle(USER, BOUND_S)
    assert world.memory.mid_term.page_count(USER) == 1


def test_settling_gives_up_when_the_worker_stops(make: Make, employ: Employ) -> None:
    """Ours: a waiting caller is not left behind at shutdown."""
    world = make()
    worker = employ(world)
    world.say("tea one", "x", "y")
    assert worker.stop(BOUND_S)
    assert not worker.settle(USER, BOUND_S)


def test_visits_are_written_a_moment_later(make: Make, employ: Employ) -> None:
    """The paper's N_visit; ours: several retrievals make one write."""
    world = make()
    world.say("tea one", "x", "y")
    worker = employ(world)
    assert worker.settle(USER, BOUND_S)
    (segment,) = world.memory.mid_term.segments(USER)
    worker.note_visits(USER, [])
    callers = [threading.Thread(target=worker.note_visits, args=(USER, [segment])) for _ in range(5)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert worker.settle(USER, BOUND_S)
    assert world.memory.mid_term.segments(USER)[segment].visits == 5


def test_visits_noted_while_visits_are_written_are_written_too(
    make: Make, employ: Employ, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A regression: they were lost. From several threads, during each write, and once with a write that fails."""
    world = make()
    world.say("tea one", "x", "y")
    worker = employ(world)
    assert worker.settle(USER, BOUND_S)
    (segment,) = world.memory.mid_term.segments(USER)
    visit, writes = world.updater.visit, list[dict[str, int]]()

    def note_from_threads() -> None:
        callers = [threading.Thread(target=worker.note_visits, args=(USER, [segment, segment])) for _ in range(4)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    def busy(user_id: str, visits: dict[str, int]) -> None:
        writes.append(visits)
        if len(writes) < 4:
            note_from_threads()
        if len(writes) == 2:
            raise StoreUnavailableError("the disk is full")
        visit(user_id, visits)

    monkeypatch.setattr("memoryos_mcp.updating.user_work._FIRST_RETRY_S", 0.0)
    monkeypatch.setattr(world.updater, "visit", busy)
    note_from_threads()
    for _ in range(4):
        worker.settle(USER, BOUND_S)
    assert worker.settle(USER, BOUND_S)
    assert len(writes) >= 4
    assert world.memory.mid_term.segments(USER)[segment].visits == 8 * 4


def test_who_waits_for_work_that_failed_before_sees_no_error_of_it(make: Make, employ: Employ) -> None:
    """A regression: waiting could end between the last step of a run and the removal of what an earlier one said."""
    world = make()
    analyzer = FirstWordAnalyzer()
    updater = updater_of(world, analyzer, Batching())
    worker = employ(world, updater)
    done, looked, seen = threading.Event(), threading.Event(), threading.Event()
    steps, failure = worker._steps, worker._failure

    def lingering(user_id: str, by: Updater) -> None:
        steps(user_id, by)
        done.set()
        assert looked.wait(BOUND_S)

    def looking(user_id: str) -> object:
        """Return the failure; at the second look since all was done the waiting has not ended at the first."""
        found = failure(user_id)
        if done.is_set():
            (looked if seen.is_set() else seen).set()
        return found

    analyzer.down = True
    world.say("tea one", "x", "y")
    assert not worker.settle(USER, BOUND_S)
    assert worker.last_error(USER) is not None
    analyzer.down = False
    worker._steps, worker._failure = lingering, looking  # type: ignore[method-assign,assignment]
    try:
        assert worker.settle(USER, BOUND_S)
        assert worker.last_error(USER) is None
    finally:
        looked.set()
