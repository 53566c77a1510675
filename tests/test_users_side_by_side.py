"""Users of one memory in one process: nobody waits for another, and nobody sees what another said."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.protocols import Record

WAIT_S = 20.0
"""Only a test that fails waits so long."""
USERS = ("anna", "ben", "anna ", "Ann")
SUBJECTS = ("tea", "trains", "gardens", "violins")


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memoryos]:
    """Give a memory whose queues are short, so that pages move on while calls come in."""
    with Memoryos(tmp_path_factory.mktemp("memory"), short_term_capacity=2) as opened:
        yield opened


def use(memory: Memoryos, user_id: str) -> None:
    """Do what a call may do with a user's memory."""
    memory.add_memory(f"{user_id} likes tea.", "Noted.", user_id=user_id)
    assert memory.retrieve_context("tea", user_id=user_id).short_term
    memory.remember_fact("Likes tea.", "user", user_id=user_id)
    memory.get_user_profile(user_id=user_id)
    memory.status(user_id=user_id)
    memory.forget_memory(everything=True, user_id=user_id)  # a dry run


@contextmanager
def busy(memory: Memoryos, how: str, user_id: str) -> Iterator[None]:
    """Have another thread be at work on a user's memory during the block, and not come to an end."""
    inside, end = threading.Event(), threading.Event()

    def work() -> None:
        parts = memory.parts
        held = parts.forgetter.holding(user_id) if how == "forgetting" else parts.store.exclusive(user_id)
        with held:
            parts.tiers.short_term.pages(user_id)
            inside.set()
            end.wait(WAIT_S)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert inside.wait(WAIT_S)
        yield
    finally:
        end.set()
        thread.join(WAIT_S)
    assert not thread.is_alive()


@pytest.mark.parametrize("how", ["reading", "forgetting"])
def test_nobody_waits_for_a_slow_user(memory: Memoryos, how: str) -> None:
    """Ours: what one user's call takes long for, a huge memory, something to forget, is that user's matter."""
    done = threading.Event()

    def others() -> None:
        for user_id in USERS[1:]:
            use(memory, user_id)
        done.set()

    memory.add_memory("Anna was here.", "Yes.", user_id="anna")
    with busy(memory, how, "anna"):
        thread = threading.Thread(target=others)
        thread.start()
        assert done.wait(WAIT_S)
    thread.join(WAIT_S)


def test_one_user_waits_for_one_thing_at_a_time(memory: Memoryos) -> None:
    """Ours: two calls of one user still come one after the other."""
    done = threading.Event()

    def another() -> None:
        memory.retrieve_context("tea", user_id="anna")
        done.set()

    with busy(memory, "reading", "anna"):
        thread = threading.Thread(target=another)
        thread.start()
        assert not done.wait(0.05)
    thread.join(WAIT_S)
    assert done.is_set()


def test_what_two_users_forget_at_once_is_forgotten(memory: Memoryos) -> None:
    """Ours: one selection at a time is carried out, and the files are cleared of both; others go on meanwhile."""
    start = threading.Barrier(3)
    failed: list[BaseException] = []

    def forget(user_id: str) -> None:
        page = memory.add_memory(f"The secret of {user_id} is out.", "Oh.", user_id=user_id).page_id
        start.wait(WAIT_S)
        receipt = memory.forget_memory(page_ids=[page], dry_run=False, user_id=user_id)
        assert receipt.files == "cleared"

    def go_on() -> None:
        start.wait(WAIT_S)
        use(memory, "Ann")

    def watched(work: object, *arguments: str) -> None:
        try:
            work(*arguments)  # type: ignore[operator]
        except BaseException as exc:  # noqa: BLE001 - a thread's end: the test tells it
            failed.append(exc)

    works = [(forget, "anna"), (forget, "ben"), (go_on,)]
    threads = [threading.Thread(target=watched, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT_S)
    assert failed == []
    assert not (memory.settings.data_dir / "forgetting.json").exists()
    for user_id in ("anna", "ben"):
        assert "secret" not in memory.retrieve_context("What is the secret?", user_id=user_id).text


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.lists(
        st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(SUBJECTS), st.booleans()), min_size=2, max_size=6),
        min_size=3,
        max_size=3,
    )
)
def test_no_page_of_a_user_reaches_another(memory: Memoryos, calls: list[list[tuple[str, str, bool]]]) -> None:
    """Ours (property): whoever calls at the same time, and however alike the users' names are."""
    wrong: list[str] = []
    start = threading.Barrier(len(calls))

    def told_by(user_id: str) -> str:
        return f"user {USERS.index(user_id)} says"

    def work(mine: list[tuple[str, str, bool]]) -> None:
        start.wait(WAIT_S)
        for user_id, subject, adds in mine:
            if adds:
                memory.add_memory(f"{told_by(user_id)} {subject}", f"{subject} it is", user_id=user_id)
            found = memory.retrieve_context(f"Who says {subject}?", user_id=user_id)
            others = [told_by(other) for other in USERS if other != user_id]
            wrong.extend(f"{user_id}: {found.text}" for other in others if other in found.text)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT_S)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_a_memory_holds_a_bounded_number_of_users(tmp_path: Path) -> None:
    """Ours: a thousand users on one folder fit, since only those that were active last are held in memory."""
    with Memoryos(tmp_path) as memory:
        for number in range(70):
            memory.parts.tiers.long_term.facts(f"user {number}")
        held = memory.parts.tiers.long_term._place._users

    assert held.get("user 69") is not None
    assert held.get("user 0") is None


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_open_files_do_not_grow_with_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: Chroma had as many open as the process may have files, then closed some and lost what was unsaved."""
    monkeypatch.setattr("memoryos_mcp.storage.chroma.open_indexes.MOST_INDEXES", 8)
    users = [f"user {number}" for number in range(48)]
    unit = np.array([0.6, 0.8], np.float32)

    def open_files() -> int:
        links = (str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
        return sum(str(tmp_path / "chroma") in link and link.endswith(".bin") for link in links)

    with Memoryos(tmp_path) as memory:
        store = memory.parts.store
        for user_id in users:
            store.put(user_id, "turns.bundled", [Record("t1", "", {}, unit)])
            assert store.nearest(user_id, "turns.bundled", unit, 1)[0][0] == "t1"
        assert open_files() <= 5 * (8 + 2)
        assert [store.nearest(user_id, "turns.bundled", unit, 1)[0][0] for user_id in users] == ["t1"] * len(users)
