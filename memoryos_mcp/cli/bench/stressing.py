"""
One process of `bench stress`: it adds, retrieves, looks up and forgets until stdin ends, or until it is killed.

Reads its task as one JSON line, then one line for every page that it is to look up because another process was told
that it is stored. Writes one JSON line before each change and one after it: what stands between is in doubt when the
process dies there. Run by `bench.stress`.
"""

import json
import queue
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ...domain.errors import MemoryOSError, NotFoundError
from ...domain.settings import load_settings

if TYPE_CHECKING:
    from ...api.memoryos import Memoryos

__all__ = ["SETTINGS", "main", "word_for"]

SETTINGS: Final = {
    "embedder": "bundled",
    "analyzer": "local",
    "short_term_capacity": 5,
    "mid_term_capacity": 12,
    "project": "none",
}
"""Small tiers, so that pages move on all the time."""

_FORGET_EVERY = 40
_WAIT_EVERY = 10
_ADDS = 0.6
_TOPICS = (
    "I planted {} in the garden this morning.",
    "My sister plays {} on the piano.",
    "I am allergic to {}.",
    "I moved to {} last week.",
    "We are reading a book about {} at school.",
    "The train to {} was late again.",
    "I started to learn {} in the evenings.",
    "My dog is afraid of {}.",
)
_SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]


def word_for(number: int) -> str:
    """Return a word of six syllables that stands for *number*, which is below 70 to the sixth power."""
    syllables = []
    for _ in range(6):
        number, rest = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[(rest * 37 + 11) % len(_SYLLABLES)])
    return "".join(syllables)


class _Player:
    """Does one thing after the other with an open memory."""

    def __init__(self, memory: "Memoryos", task: dict[str, Any], say: Callable[..., None]) -> None:
        self._memory = memory
        self._users: list[str] = task["users"]
        self._dice = random.Random(task["seed"])
        self._next = int(task["first"])
        self._say = say
        self._mine: list[tuple[str, str, str]] = []
        self._count = 0

    def act(self) -> None:
        """Add or retrieve, and now and then forget, or measure the wait for the store."""
        self._count += 1
        if self._count % _WAIT_EVERY == 0:
            self._wait()
        elif self._count % _FORGET_EVERY == 1 and self._mine:
            self._forget(*self._mine.pop(self._dice.randrange(len(self._mine))))
        elif not self._mine or self._dice.random() < _ADDS:
            user, word = self._dice.choice(self._users), word_for(self._next)
            self._next += 1
            self.add(user, word, self._dice.choice(_TOPICS).format(word))
        else:
            self._ask(*self._dice.choice(self._mine))

    def add(self, user: str, word: str, text: str, stamp: str | None = None) -> None:
        """Add one page; the same words at the same time are the same page, however often they come."""
        stamp = stamp or time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        self._say("adding", user, word, text, stamp)
        with self._timed("add"):
            answer = self._memory.add_memory(text, "I will keep that in mind.", stamp, user_id=user)
        self._say("added", word, answer.page_id)
        self._mine.append((user, word, answer.page_id))

    def look_up(self, user: str, page_id: str) -> None:
        """See whether a page is there that another process was told is stored."""
        try:
            with self._timed("look up"):
                self._memory.page(page_id, user_id=user)
        except NotFoundError:
            self._say("not there", page_id)

    def _ask(self, user: str, word: str, page_id: str) -> None:
        with self._timed("retrieve"):
            answer = self._memory.retrieve_context(f"What did I say about {word}?", archive=True, user_id=user)
        if not any(hit.page.page_id == page_id for hit in (*answer.short_term, *answer.mid_term)):
            self._say("not recalled", word)

    def _forget(self, user: str, word: str, page_id: str) -> None:
        self._say("forgetting", word, page_id)
        with self._timed("forget"):
            self._memory.forget_memory(page_ids=[page_id], dry_run=False, user_id=user)
        self._say("forgot", page_id)

    def _wait(self) -> None:
        store = self._memory.parts.store.exclusive()
        with self._timed("wait"):
            store.__enter__()
        store.__exit__(None, None, None)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        """Say how long the block took, in milliseconds, if it came to its end."""
        started = time.perf_counter()
        yield
        self._say("took", what, (time.perf_counter() - started) * 1000)


def main() -> None:
    """Do the task on stdin."""
    task = json.loads(sys.stdin.readline())
    from ...api.memoryos import Memoryos

    def say(*values: Any) -> None:
        sys.stdout.write(json.dumps(values) + "\n")
        sys.stdout.flush()

    wanted: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wanted,), daemon=True).start()
    with Memoryos(load_settings({**SETTINGS, "data_dir": task["folder"]}, environ={})) as memory:
        player = _Player(memory, task, say)
        for user, word, text, stamp in task["again"]:
            player.add(user, word, text, stamp)
        say("ready")
        while True:
            try:
                if not wanted.empty():
                    line = wanted.get()
                    if line is None:
                        break
                    player.look_up(*json.loads(line))
                player.act()
            except MemoryOSError as exc:
                say("failed", f"{type(exc).__name__}: {exc}")
    say("closed")


def _listen(wanted: "queue.SimpleQueue[str | None]") -> None:
    for line in sys.stdin:
        wanted.put(line)
    wanted.put(None)


if __name__ == "__main__":
    main()
