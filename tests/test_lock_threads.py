"""The lock of a data folder within one process: users side by side, one thread alone, other processes in their turn."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.storage.lock import FolderLock
from memoryos_mcp.storage.lock_file import LockFile

WAIT_S = 10.0
"""Only a test that fails waits so long."""


@contextmanager
def in_a_thread(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Run *work* beside the block; it has ended when the block has."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(WAIT_S)
        assert not thread.is_alive()


@contextmanager
def held_by_another(lock: FolderLock, user_id: str | None) -> Iterator[None]:
    """Have another thread hold the lock during the block."""
    inside, end = threading.Event(), threading.Event()

    def hold() -> None:
        with lock.hold(user_id):
            inside.set()
            end.wait(WAIT_S)

    with in_a_thread(hold):
        assert inside.wait(WAIT_S)
        try:
            yield
        finally:
            end.set()


def queue_is_taken(path: Path) -> bool:
    """Whether somebody stands in the queue for the lock at *path*."""
    queue = LockFile(path.with_suffix(".turn"))
    taken = not queue.try_lock()
    queue.close()
    return taken


def test_users_do_not_wait_for_one_another(tmp_path: Path) -> None:
    """Ours: two threads hold two users' memories at the same time."""
    lock = FolderLock(tmp_path / "store.lock", wait_s=WAIT_S)
    with held_by_another(lock, "anna"), lock.hold("ben"), lock.hold("ben"), lock.share():
        pass


def test_a_user_is_held_by_one_thread(tmp_path: Path) -> None:
    """Ours: and who waits too long is told whose thread has it."""
    lock = FolderLock(tmp_path / "store.lock", wait_s=0.05)
    with (
        held_by_another(lock, "anna"),
        pytest.raises(StoreUnavailableError, match=r"of this process has held this user's memory for 0\.05 s"),
        lock.hold("anna"),
    ):
        pass
    with lock.hold("anna"):
        pass


@pytest.mark.parametrize(("held", "wanted"), [("anna", None), (None, "anna"), (None, None)])
def test_a_thread_that_is_alone_is_alone(tmp_path: Path, held: str | None, wanted: str | None) -> None:
    """Ours: it waits for all others, and all others for it."""
    lock = FolderLock(tmp_path / "store.lock", wait_s=0.05)
    with (
        held_by_another(lock, held),
        pytest.raises(StoreUnavailableError, match="of this process has held the memory"),
        lock.hold(wanted),
    ):
        pass
    with lock.hold(wanted):
        pass


def test_a_thread_asks_for_one_user_at_a_time(tmp_path: Path) -> None:
    """Ours: two threads that hold a user each and ask for the other's would wait for ever."""
    lock = FolderLock(tmp_path / "store.lock")
    with lock.hold("anna"), pytest.raises(RuntimeError, match="one user's memory"), lock.hold("ben"):
        pass
    with lock.hold(), lock.hold("anna"), lock.hold("ben"), lock.hold():
        pass


def test_two_that_ask_to_be_alone_while_they_hold_a_user_have_it_in_turn(tmp_path: Path) -> None:
    """Ours: each steps aside for the other; neither lets go of its user or of the folder."""
    lock, both, alone = FolderLock(tmp_path / "store.lock", wait_s=WAIT_S), threading.Barrier(2), list[str]()

    def work(user_id: str) -> None:
        with lock.hold(user_id):
            both.wait(WAIT_S)
            with lock.hold():
                alone.append(f"{user_id} in")
                alone.append(f"{user_id} out")
            assert not LockFile(tmp_path / "store.lock").try_lock()

    with in_a_thread(lambda: work("anna")), in_a_thread(lambda: work("ben")):
        pass
    assert sorted([alone[:2], alone[2:]]) == [["anna in", "anna out"], ["ben in", "ben out"]]


def test_another_process_has_its_turn_though_threads_follow_one_another(tmp_path: Path) -> None:
    """Ours: with many users some thread is always inside; who waits outside must not wait for all of them to rest."""
    path, order = tmp_path / "store.lock", list[str]()
    lock, elsewhere = FolderLock(path, wait_s=WAIT_S, turn_s=0.0), FolderLock(path, wait_s=WAIT_S)

    def work(name: str, its: FolderLock) -> None:
        with its.hold(name):
            order.append(name)

    def wait_then_work() -> None:
        asked.wait(WAIT_S)
        work("elsewhere", elsewhere)

    asked = threading.Event()
    with in_a_thread(wait_then_work), lock.hold("anna"):
        asked.set()
        while not queue_is_taken(path):
            pass
        later = threading.Thread(target=work, args=("ben", lock))
        later.start()
        while "ben" not in lock._users:  # it has its user, and stands before the folder
            pass
    later.join(WAIT_S)
    assert order == ["elsewhere", "ben"]


def test_a_process_goes_on_while_nobody_waits(tmp_path: Path) -> None:
    """Ours: its turn ends only for somebody; a slow thread does not hold up the others of its process."""
    lock = FolderLock(tmp_path / "store.lock", wait_s=WAIT_S, turn_s=0.0)
    with held_by_another(lock, "anna"), lock.hold("ben"):
        pass
