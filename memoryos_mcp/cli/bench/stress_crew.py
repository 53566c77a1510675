"""The processes of `bench stress`: started, listened to, told what to look up, killed and replaced."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from .stress_ledger import Addition, Ledger

__all__ = ["USERS", "Crew"]

USERS: Final = ("anna", "Борис/../b")
_END_S = 60.0
_LOOKED_UP = 0.3
_NUMBERS = 1_000_000
_SAID_LAST = 2000


class Crew:
    """
    The processes at work on one folder, and a thread for each that writes down what it says.

    Args:
        folder: The data folder; need not be there yet.
        ledger: Takes everything they say.
        dice: Says who is killed and what is looked up.
    """

    def __init__(self, folder: Path, ledger: Ledger, dice: random.Random) -> None:
        self._folder = folder
        self._ledger = ledger
        self._dice = dice
        self._running: list[_Process] = []
        self._started = 0
        self.in_doubt = 0

    def start(self, count: int) -> None:
        """Start *count* at once and wait until all are at work."""
        self._running = [self._new([]) for _ in range(count)]
        for process in self._running:
            if not process.wait_ready(_END_S):
                raise RuntimeError(f"a process did not come to work: {process.said_last()}")

    def replace(self) -> None:
        """Kill one and start another, which adds again what no dead one was told of."""
        victim = self._running.pop(self._dice.randrange(len(self._running)))
        victim.kill()
        doubtful = self._ledger.in_doubt([process.number for process in self._running])
        self.in_doubt += sum(addition.by == victim.number for addition in doubtful)
        self._running.append(self._new(doubtful))

    def end(self) -> None:
        """Let all come to an end by themselves; one that does not is a failure."""
        for process in self._running:
            process.dismiss()
        deadline = time.monotonic() + _END_S
        for process in self._running:
            if (status := process.wait(deadline - time.monotonic())) != 0:
                failure = f"a process ended with {status}: {process.said_last()}"
                self._ledger.book(process.number, ["failed", failure])

    def kill(self) -> None:
        """Leave nobody behind."""
        for process in self._running:
            process.kill()

    def _new(self, again: Sequence[Addition]) -> "_Process":
        self._started += 1
        self._ledger.hand_over(again, self._started)
        task = {
            "folder": str(self._folder),
            "users": USERS,
            "seed": self._dice.randrange(2**32),
            "first": self._started * _NUMBERS,
            "again": [(each.user_id, each.word, each.text, each.stamp) for each in again],
        }
        return _Process(self._started, task, self._heard)

    def _heard(self, number: int, message: Sequence[Any]) -> None:
        """Write down what a process says; now and then another one looks up what it was told."""
        self._ledger.book(number, message)
        if message[0] == "added" and self._dice.random() < _LOOKED_UP:
            others = [process for process in self._running if process.number != number]
            if others:
                user_id = self._ledger.announced[message[1]].user_id
                self._dice.choice(others).ask_for(user_id, message[2])


class _Process:
    """One process, with the threads that read its stdout and stderr."""

    def __init__(self, number: int, task: dict[str, Any], heard: Callable[[int, Sequence[Any]], None]) -> None:
        self.number = number
        self._heard = heard
        self._ready = threading.Event()
        self._errors = ""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [sys.executable, "-m", "memoryos_mcp.cli.bench.stressing"],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
            encoding="utf-8",
        )
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._listen, self._keep_errors)]
        for reader in self._readers:
            reader.start()
        self._write(json.dumps(task))

    def wait_ready(self, timeout_s: float) -> bool:
        """Return whether it is at work before *timeout_s* have passed and before it ended."""
        deadline = time.monotonic() + timeout_s
        while not self._ready.wait(0.05):
            if self._process.poll() is not None or time.monotonic() > deadline:
                return False
        return True

    def ask_for(self, user_id: str, page_id: str) -> None:
        """Have it look up a page."""
        self._write(json.dumps([user_id, page_id]))

    def dismiss(self) -> None:
        """Have it end in its own time."""
        assert self._process.stdin is not None
        with suppress(OSError):  # it has ended already, which `wait` will tell
            self._process.stdin.close()

    def wait(self, timeout_s: float) -> int | str:
        """Return its exit status, or that it did not end."""
        try:
            status = self._process.wait(max(0.1, timeout_s))
        except subprocess.TimeoutExpired:
            return "no end"
        for reader in self._readers:
            reader.join()
        return status

    def kill(self) -> None:
        """End it as `kill -9` does; on return everything it said has been heard."""
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        self.dismiss()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def said_last(self) -> str:
        """Return the end of what it said on stderr."""
        return self._errors.strip()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # it was killed or dismissed meanwhile
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.endswith("\n"):
                return  # killed in the middle of a word
            message = json.loads(line)
            if message[0] == "ready":
                self._ready.set()
            else:
                self._heard(self.number, message)

    def _keep_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors = (self._errors + line)[-_SAID_LAST:]
