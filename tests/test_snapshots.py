"""Snapshots: taken by themselves, whole or not at all, few, bounded, and never in the way."""

import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli.doctor.memory import memory as memory_check
from memoryos_mcp.domain.settings import Settings, load_settings
from memoryos_mcp.storage.folder import FORGETTING, LOCKS
from memoryos_mcp.storage.lock import WorkLock
from memoryos_mcp.storage.snapshots import draft_of, drop_all_snapshots, snapshots_in
from memoryos_mcp.transfer import snapshots
from memoryos_mcp.transfer.portable.backup import check_copy
from memoryos_mcp.transfer.snapshots import Snapshots
from memoryos_mcp.updating import idle_work
from memoryos_mcp.updating.idle_work import IdleWork

from .damage import DATABASE, PAGES, settings_in, torn

DAY = timedelta(days=1)


class Clock:
    """A clock one can set; it begins at noon."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 8, 12, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def folder(healthy: Path, tmp_path: Path) -> Path:
    """Return a copy of a memory with sixty pages."""
    return Path(shutil.copytree(healthy, tmp_path / "memory"))


@pytest.fixture
def clock() -> Clock:
    """Return the clock."""
    return Clock()


def few(folder: Path, **values: object) -> Settings:
    """Return settings with other bounds on snapshots."""
    return load_settings({"data_dir": folder, "embedder": "bundled", "analyzer": "local", **values}, environ={})


def write_something(folder: Path, text: str = "I like bread.") -> None:
    """Add a page."""
    with Memoryos(settings_in(folder)) as memory:
        memory.add_memory(text, "Fine.")


def days(folder: Path) -> list[int]:
    """Return the days of the month of the snapshots, in order."""
    return [snapshot.taken_at.day for snapshot in snapshots_in(folder)]


def test_a_snapshot_is_a_memory_like_the_original(folder: Path, clock: Clock) -> None:
    """Ours: it can take the place of the data folder as it is."""
    taken = Snapshots(settings_in(folder), clock).take_if_due()

    assert taken is not None
    assert [snapshot.folder for snapshot in snapshots_in(folder)] == [taken.folder]
    copy = Path(shutil.copytree(taken.folder, folder.parent / "copy"))
    with Memoryos(settings_in(copy)) as memory:
        assert sum(line.startswith('{"kind":"page"') for line in memory.export()) == PAGES


def test_one_is_taken_a_day_and_only_when_something_changed(folder: Path, clock: Clock) -> None:
    """Ours: not twice a day, and not of a memory that rests."""
    taking = Snapshots(settings_in(folder), clock)
    taking.take_if_due()
    write_something(folder)
    assert taking.take_if_due() is None
    clock.time += DAY
    assert taking.take_if_due() is not None
    clock.time += DAY
    assert taking.take_if_due() is None
    assert days(folder) == [8, 9]


def test_four_are_kept_and_the_oldest_go(folder: Path, clock: Clock) -> None:
    """Ours: the number is a setting."""
    for day in range(6):
        write_something(folder, f"Day {day}.")
        assert Snapshots(settings_in(folder), clock).take_if_due()
        clock.time += DAY
    assert days(folder) == [10, 11, 12, 13]
    Snapshots(few(folder, snapshots=1), clock).take_if_due()
    assert days(folder) == [13]
    Snapshots(few(folder, snapshots=0), clock).take_if_due()
    assert days(folder) == []


def test_their_bytes_are_bounded(folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the oldest go first; a memory larger than the bound has none, and it is said."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    for day in range(3):
        write_something(folder, f"Day {day}.")
        Snapshots(settings_in(folder), clock).take_if_due()
        clock.time += DAY
    monkeypatch.setattr(snapshots, "_MB", 2.5 * size)
    Snapshots(few(folder, snapshot_megabytes=1), clock).take_if_due()
    assert days(folder) == [9, 10]
    monkeypatch.setattr(snapshots, "_MB", size / 2)
    write_something(folder)
    taking = Snapshots(few(folder, snapshot_megabytes=1), clock)
    assert taking.take_if_due() is None
    assert "MEMORYOS_SNAPSHOT_MEGABYTES" in taking.description
    assert "newest snapshot 2026-05-10" in taking.description


def test_none_is_taken_that_would_fill_the_disk(folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: said in status, and the room is left to the memory itself."""
    monkeypatch.setattr(snapshots, "_LEFT_FREE", 1 << 60)
    taking = Snapshots(settings_in(folder), clock)

    assert taking.take_if_due() is None
    assert "the disk has" in taking.description
    assert snapshots_in(folder) == []


def test_one_process_takes_it(folder: Path, clock: Clock) -> None:
    """Ours: another one that finds it at work goes on with its own work."""
    with WorkLock(folder / LOCKS / "snapshot.lock").hold(0):
        assert Snapshots(settings_in(folder), clock).take_if_due() is None
    assert Snapshots(settings_in(folder), clock).take_if_due() is not None


def test_a_damaged_memory_takes_no_sound_snapshots_place(folder: Path, clock: Clock) -> None:
    """Ours: what is damaged is not copied over the days before it."""
    Snapshots(settings_in(folder), clock).take_if_due()
    write_something(folder)
    torn(folder / DATABASE)
    clock.time += DAY
    taking = Snapshots(settings_in(folder), clock)

    assert taking.take_if_due() is None
    assert days(folder) == [8]
    assert "damaged" in taking.description


def test_a_process_that_is_killed_leaves_no_half_snapshot(folder: Path, clock: Clock) -> None:
    """Ours: what it copied is no snapshot, and the next one begins anew."""
    program = (
        "import os, pathlib, sys; from memoryos_mcp.transfer import snapshots; from tests.damage import settings_in\n"
        "snapshots.check_copy = lambda copy: os._exit(9)\n"
        "snapshots.Snapshots(settings_in(pathlib.Path(sys.argv[1]))).take_if_due()"
    )
    command = [sys.executable, "-c", program, str(folder)]
    killed = subprocess.run(command, cwd=Path(__file__).parent.parent, timeout=30, check=False)

    assert killed.returncode == 9
    assert (draft_of(folder) / DATABASE).exists()
    assert snapshots_in(folder) == []
    assert Snapshots(settings_in(folder), clock).take_if_due() is not None
    assert not draft_of(folder).exists()


def test_what_is_forgotten_while_one_is_taken_is_not_in_it(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours (invariant 6): a copy made before gets no name, and none is begun before the files are cleared."""

    def forget_meanwhile(copy: Path) -> None:
        drop_all_snapshots(folder)
        check_copy(copy)

    monkeypatch.setattr(snapshots, "check_copy", forget_meanwhile)
    assert Snapshots(settings_in(folder), clock).take_if_due() is None
    monkeypatch.undo()
    (folder / FORGETTING).touch()
    assert Snapshots(settings_in(folder), clock).take_if_due() is None
    assert snapshots_in(folder) == []


def test_a_chroma_server_has_none_and_it_is_said(folder: Path, clock: Clock) -> None:
    """Ours: its files are not ours to copy."""
    taking = Snapshots(few(folder, chroma="http://localhost:8000"), clock)

    assert taking.take_if_due() is None
    assert taking.description == "no snapshots: the documents are kept by the Chroma server"
    assert Snapshots(few(folder, snapshots=0), clock).description == "no snapshots: MEMORYOS_SNAPSHOTS is 0"


def test_a_clock_gone_wrong_keeps_no_snapshot_from_being_taken(folder: Path, clock: Clock) -> None:
    """Ours: one that was named a year ahead does not count as the newest for a year."""
    clock.time += 365 * DAY
    Snapshots(settings_in(folder), clock).take_if_due()
    clock.time -= 365 * DAY
    write_something(folder)

    assert Snapshots(settings_in(folder), clock).take_if_due() is not None
    assert [snapshot.taken_at for snapshot in snapshots_in(folder)] == [clock.time]


def test_the_worker_takes_it_when_nobody_calls(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: status and doctor name it."""
    monkeypatch.setattr(idle_work, "_QUIET_S", 0.0)
    with Memoryos(settings_in(folder)) as memory:
        while not snapshots_in(folder):
            assert memory.settle(5)
        (taken,) = snapshots_in(folder)
        told = f"newest snapshot {taken.taken_at:%Y-%m-%d %H:%M} UTC, 1 kept"
        assert told in memory.status().storage
    assert told in {finding.what for finding in memory_check(settings_in(folder))}


def test_memory_is_at_rest_a_while_after_the_last_call_or_when_there_is_no_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ours: computed by hand; ten seconds after a call, a minute after the last act, an hour at the latest."""
    monkeypatch.setattr(idle_work, "_QUIET_S", 10.0)
    seconds = [1000.0]
    acts: list[float] = []
    resting = IdleWork(lambda: acts.append(seconds[0]), lambda: seconds[0])

    assert resting.wait_s() == 10
    seconds[0] += 9
    resting.disturb()
    assert resting.wait_s() == 10
    seconds[0] += 10
    resting.act()
    assert (resting.wait_s(), acts) == (60, [1019])
    while resting.wait_s() > 0:
        seconds[0] += 5
        resting.disturb()
    assert seconds[0] == 1019 + 3600


def test_what_breaks_off_at_rest_does_not_end_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    """Ours: logged, and tried again later."""

    def broken() -> None:
        raise RuntimeError("boom")

    IdleWork(broken).act()

    assert "broke off" in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="permissions are the profile folder's there")
def test_snapshots_are_private(folder: Path, clock: Clock) -> None:
    """Ours: like the data folder itself."""
    taken = Snapshots(settings_in(folder), clock).take_if_due()

    assert taken is not None
    assert [path.stat().st_mode & 0o077 for path in (taken.folder.parent, taken.folder)] == [0, 0]
