"""The exclusive locks of a data folder: fair, named, gone with their holder."""

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.storage.lock import BusyError, FolderLock, WorkLock
from memoryos_mcp.storage.lock_file import HolderNote, LockFile

HOLD = (
    "import sys\n"
    "from pathlib import Path\n"
    "from memoryos_mcp.storage.lock import FolderLock\n"
    "with FolderLock(Path(sys.argv[1])).hold():\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


@contextmanager
def running(script: str, path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a process on a lock until it has said its first line; end it after."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_who_waits_has_the_lock_before_who_just_had_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a bare lock goes back to whoever let go of it a moment ago, and the others starve."""
    monkeypatch.setattr("memoryos_mcp.storage.process_lock._COURTESY_S", 5.0)
    path, order = tmp_path / "store.lock", list[str]()
    greedy, patient = FolderLock(path, turn_s=0.0), FolderLock(path)

    def wait_for_it() -> None:
        with patient.hold():
            order.append("patient")

    waiting = threading.Thread(target=wait_for_it)
    with greedy.hold():
        waiting.start()
        while (queue := LockFile(path.with_suffix(".turn"))).try_lock():  # until it stands in the queue
            queue.close()
        queue.close()
    with greedy.hold():
        order.append("greedy")
    waiting.join(5)
    assert order == ["patient", "greedy"]


def test_a_stuck_holder_is_named(tmp_path: Path) -> None:
    """Ours: process, program and since when, so that somebody can end it; never a wait for ever."""
    path = tmp_path / "store.lock"
    impatient = FolderLock(path, wait_s=0.05)
    with running(HOLD, path) as holder:
        said = rf"process {holder.pid} \(-c, since .* UTC\) has held"
        with pytest.raises(StoreUnavailableError, match=said), impatient.hold():
            pass
    with FolderLock(path, wait_s=5).hold():
        pass


def test_a_dead_holder_is_not_named(tmp_path: Path) -> None:
    """Ours: its note stays in the file, but it holds nothing any more."""
    path = tmp_path / "store.lock"
    with running(HOLD, path) as holder:
        note = HolderNote(path.with_suffix(".holder"))
        assert str(holder.pid) in note.read()
    expected = "another process" if os.name != "nt" else str(holder.pid)
    assert expected in note.read()


def test_a_note_that_cannot_be_read_names_nobody(tmp_path: Path) -> None:
    """Ours: an empty or foreign file beside the lock is no reason to fail."""
    path = tmp_path / "store.holder"
    assert HolderNote(path).read() == "another process"
    path.write_text("what\nis\nthis\nfile\n", encoding="utf-8")
    assert HolderNote(path).read() == "another process"


def test_a_holder_on_another_machine_is_named_with_it(tmp_path: Path) -> None:
    """Ours: whether it lives cannot be asked from here."""
    path = tmp_path / "store.holder"
    path.write_text("1\nelsewhere\n2026-05-08T12:00:00+00:00\nmemoryos-mcp\n", encoding="utf-8")
    assert HolderNote(path).read() == "process 1 (memoryos-mcp on elsewhere, since 12:00:00 UTC)"


def test_a_note_that_cannot_be_written_does_not_stop_the_holder(tmp_path: Path) -> None:
    """Ours: it is a courtesy; the lock is what counts."""
    (tmp_path / "store.holder").mkdir()
    with FolderLock(tmp_path / "store.lock").hold():
        pass


def test_a_thread_that_holds_for_too_long_is_named(tmp_path: Path) -> None:
    """Ours: threads of one process wait no longer than processes do."""
    lock = FolderLock(tmp_path / "store.lock", wait_s=0.05)
    refused: list[str] = []

    def other() -> None:
        try:
            with lock.hold():
                pass
        except StoreUnavailableError as exc:
            refused.append(str(exc))

    with lock.hold():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(5)
    assert refused == [f"{threading.current_thread().name} of this process has held the memory for 0.05 s; try again"]


def test_who_waits_in_vain_is_told_what_takes_so_long(tmp_path: Path) -> None:
    """Ours: clearing the files of a large memory takes longer than anybody waits; threads and processes are told."""
    lock, elsewhere = (FolderLock(tmp_path / "store.lock", wait_s=0.05) for _ in range(2))
    refused: list[str] = []

    def other(asked: FolderLock) -> None:
        try:
            with asked.hold():
                pass
        except StoreUnavailableError as exc:
            refused.append(str(exc))

    with lock.hold(), lock.tell_waiting("clearing files"):
        for asked in (lock, elsewhere):
            thread = threading.Thread(target=other, args=(asked,))
            thread.start()
            thread.join(5)
    assert ["clearing files" in message for message in refused] == [True, True]
    with lock.hold():
        other(elsewhere)
    assert "clearing" not in refused[2]


def test_a_hanging_first_of_the_queue_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the queue is a courtesy; a process stopped in it does not stop the others."""
    monkeypatch.setattr("memoryos_mcp.storage.process_lock._COURTESY_S", 0.02)
    hanging = LockFile(tmp_path / "store.turn")
    assert hanging.try_lock()
    with FolderLock(tmp_path / "store.lock", wait_s=5).hold():
        pass
    hanging.close()


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be removed there")
def test_a_lock_file_that_was_removed_is_made_again(tmp_path: Path) -> None:
    """Ours: otherwise two processes would hold locks on two files of one name."""
    path = tmp_path / "store.lock"
    first, second = FolderLock(path, wait_s=0.05, turn_s=0), FolderLock(path, wait_s=0.05)
    with first.hold():
        pass
    path.unlink()
    with first.hold(), pytest.raises(StoreUnavailableError), second.hold():
        pass


def test_a_file_system_that_grants_a_lock_twice_is_refused(tmp_path: Path) -> None:
    """Ours: some network folders do; nobody holds it here, so it is granted as there."""
    with pytest.raises(StoreUnavailableError, match=r"grants a lock twice.*MEMORYOS_DATA_DIR"):
        LockFile(tmp_path / "store.lock").verify()


def test_a_folder_where_locks_mean_nothing_is_refused_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: the first holder asks for the lock twice; on a folder that grants both, it does not work unprotected."""
    monkeypatch.setattr("filelock.lock_descriptor", lambda descriptor, *, blocking: True)
    lock, entered = FolderLock(tmp_path / "store.lock", wait_s=1), []

    for _ in range(2):
        with pytest.raises(StoreUnavailableError, match=r"grants a lock twice.*MEMORYOS_DATA_DIR"), lock.hold():
            entered.append("in")

    monkeypatch.undo()
    with lock.hold(), pytest.raises(StoreUnavailableError), FolderLock(tmp_path / "store.lock", wait_s=0.02).hold():
        pass
    assert entered == []
    lock.close()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_refused_with_the_way_out(tmp_path: Path, number: int) -> None:
    """Ours: no other kind of lock takes its place in silence; the folder has to be elsewhere."""
    lock_file = LockFile(tmp_path / "store.lock")
    with (
        pytest.raises(StoreUnavailableError, match=r"does not support locks.*MEMORYOS_DATA_DIR"),
        lock_file._explain_errors(),
    ):
        raise OSError(number, os.strerror(number))


def test_a_lock_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Ours: the file stands in the message."""
    with pytest.raises(StoreUnavailableError, match=r"cannot lock .*store\.lock"):
        LockFile(tmp_path / "missing" / "store.lock").try_lock()


def test_one_holder_at_a_time_works_for_a_user(tmp_path: Path) -> None:
    """Ours: only one process consolidates a user, and the others are told which."""
    with (
        WorkLock(tmp_path / "a.lock").hold(0),
        pytest.raises(BusyError, match=rf"process {os.getpid()} .*at work on this user"),
        WorkLock(tmp_path / "a.lock").hold(0.02),
    ):
        pass
    with WorkLock(tmp_path / "a.lock").hold(0), WorkLock(tmp_path / "b.lock").hold(0):
        pass


def test_a_closed_lock_opens_again(tmp_path: Path) -> None:
    """Ours: closing releases the files, not the lock's use."""
    lock = FolderLock(tmp_path / "store.lock")
    with lock.hold():
        pass
    lock.close()
    with lock.hold(), lock.hold():
        pass
    lock.close()
