"""
`bench stress`: several processes on one memory, killed at random, and then the books are compared with what is there.

What was acknowledged must be stored, once, and found again; what was forgotten must be gone; every process must see
what any was told; and the audit must find nothing.
"""

import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from ...api.composition import assemble
from ...api.memoryos import Memoryos
from ...domain.settings import Settings, load_settings
from ...storage.chroma import open_store
from ...storage.lock import FolderLock
from ...updating.audit import audit, stored_pages
from .stress_crew import USERS, Crew
from .stress_ledger import Comparison, Ledger
from .stressing import SETTINGS

__all__ = ["StressReport", "Times", "render", "run", "to_json"]

_KILL_EVERY_S = 3.0
_SETTLE_S = 120.0
_RECALLED = 300
_HOLDS = 2000
_SHOWN = 5

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Times:
    """How often something was done, and how long it took, in milliseconds."""

    count: int
    p50_ms: float
    p95_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class StressReport:
    """
    What a run did, and in `wrong` what must not be: page ids, words or messages by kind; empty when all is well.

    `times` has "add", "retrieve", "look up" (a page that another process was told is stored), "forget" and "wait"
    (for the store, with the opening anew that another process's write makes necessary). `in_doubt` additions were
    announced by a process that was killed before it was told; another one added each again. `lock_alone_us` is taking
    and leaving the folder's lock when nobody else wants it. `pages` are stored in the end, `recalled` of them were
    asked for; `recovery_s` is from the last opening to settled.
    """

    processes: int
    seconds: float
    kills: int
    times: Mapping[str, Times]
    lock_alone_us: float
    in_doubt: int
    pages: int
    recalled: int
    recovery_s: float
    wrong: Mapping[str, Sequence[str]]


def run(
    processes: int = 4,
    seconds: float = 60.0,
    *,
    kills: bool = True,
    progress: Progress = lambda done, total: None,
) -> StressReport:
    """
    Let *processes* work on one memory in a temporary folder for *seconds*, then examine it.

    Args:
        processes: At least one; all open the fresh folder at once.
        seconds: From when all are at work; starting and examining come on top.
        kills: Whether to kill one of them (SIGKILL) every three seconds or so, and start another in its place.
        progress: Called with the seconds passed and in all.

    Raises:
        ValueError: No processes, or no time.
        RuntimeError: A process could not start.
    """
    if processes < 1 or seconds <= 0:
        raise ValueError(f"stress needs processes and time, got {processes} and {seconds:g} s")
    with tempfile.TemporaryDirectory(prefix="memoryos-stress-", ignore_cleanup_errors=True) as name:
        alone = _lock_alone_us(Path(name))
        ledger, dice = Ledger(), random.Random()
        crew = Crew(Path(name) / "memory", ledger, dice)
        try:
            crew.start(processes)
            killed, took = _let_work(crew, dice, seconds, kills, progress)
            crew.end()
        finally:
            crew.kill()
        return _examined(Path(name) / "memory", ledger, crew.in_doubt, dice, processes, took, killed, alone)


def _let_work(crew: Crew, dice: random.Random, seconds: float, kills: bool, progress: Progress) -> tuple[int, float]:
    """Kill one now and then while they work; return how many, and how long it took in seconds."""
    began, killed = time.monotonic(), 0
    while (left := seconds - (time.monotonic() - began)) > 0:
        progress(int(seconds - left), int(seconds))
        pause = dice.expovariate(1 / _KILL_EVERY_S) if kills else 1.0
        time.sleep(min(pause, left))
        if kills and pause < left:
            crew.replace()
            killed += 1
    progress(int(seconds), int(seconds))
    return killed, time.monotonic() - began


def _examined(
    folder: Path,
    ledger: Ledger,
    in_doubt: int,
    dice: random.Random,
    processes: int,
    took: float,
    killed: int,
    alone: float,
) -> StressReport:
    """Open what the processes left, let it come to rest, and compare it with what they were told."""
    wrong: dict[str, Sequence[str]] = {"errors": [f"{text} ({count})" for text, count in ledger.failures.items()]}
    recalled = list(ledger.acknowledged_additions().items())
    recalled = dice.sample(recalled, min(_RECALLED, len(recalled)))
    settings = load_settings({**SETTINGS, "data_dir": folder}, environ={})
    began = time.monotonic()
    with Memoryos(settings) as memory:
        wrong["unfinished"] = [user for user in memory.users() if not memory.settle(_SETTLE_S, user_id=user)]
        recovery = time.monotonic() - began
        wrong["unrecalled"] = [
            page_id for page_id, each in recalled if not _recalls(memory, page_id, each.user_id, each.word)
        ]
    found, wrong["violations"] = _audited(settings)
    compared: Comparison = ledger.compare(found)
    doubtful = len(ledger.in_doubt())
    wrong |= {
        "lost": compared.lost,
        "twice": compared.twice,
        "forgotten, yet there": compared.undead,
        "never announced": compared.strangers[doubtful:],
        "unseen by another process": sorted(ledger.missed - set(ledger.forgetting)),
        "unrecalled at once": ledger.unrecalled,
    }
    return StressReport(
        processes=processes,
        seconds=took,
        kills=killed,
        times={what: _times(durations) for what, durations in ledger.milliseconds.items()},
        lock_alone_us=alone,
        in_doubt=in_doubt,
        pages=sum(map(len, found.values())),
        recalled=len(recalled),
        recovery_s=recovery,
        wrong={kind: list(what) for kind, what in wrong.items() if what},
    )


def _audited(settings: Settings) -> tuple[dict[str, Mapping[str, int]], list[str]]:
    """Return the pages of every user with how often each is stored, and what the audit finds."""
    store = open_store(settings)
    memory = assemble(settings, store)
    try:
        found = {user: stored_pages(memory, user) for user in store.users()}
        violations = [
            f"{user}: {each.check}: {each.detail}" for user in sorted({*found, *USERS}) for each in audit(memory, user)
        ]
    finally:
        memory.index.close()
        store.close()
    return dict(found), violations


def _recalls(memory: Memoryos, page_id: str, user_id: str, word: str) -> bool:
    """Whether a question with the one word that only this page has finds the page."""
    answer = memory.retrieve_context(f"What did I say about {word}?", archive=True, user_id=user_id)
    return any(hit.page.page_id == page_id for hit in (*answer.short_term, *answer.mid_term))


def _lock_alone_us(folder: Path) -> float:
    """Return what taking and leaving a folder's lock costs when nobody else wants it, in microseconds."""
    lock = FolderLock(folder / "alone.lock")
    with lock.hold():  # makes the files
        began = time.perf_counter()
    for _ in range(_HOLDS):
        with lock.hold():
            pass
    took = time.perf_counter() - began
    lock.close()
    return took / _HOLDS * 1e6


def _times(durations: Sequence[float]) -> Times:
    if len(durations) == 1:
        durations = [*durations, *durations]
    cuts = quantiles(durations, n=100, method="inclusive")
    return Times(len(durations), cuts[49], cuts[94], max(durations))


def render(report: StressReport) -> str:
    """Return the report as plain text."""
    lines = [
        f"{report.processes} processes on one memory for {report.seconds:.0f} s, {report.kills} killed with SIGKILL",
        f"{'':<12} {'times':>8} {'p50 ms':>9} {'p95 ms':>9} {'max ms':>9}",
    ]
    for what, times in sorted(report.times.items()):
        lines.append(f"{what:<12} {times.count:>8,} {times.p50_ms:>9.1f} {times.p95_ms:>9.1f} {times.max_ms:>9.0f}")
    lines += [
        f"lock, nobody else: {report.lock_alone_us:.0f} µs; wait: for the store, opened anew where another one wrote",
        f"{report.in_doubt} additions in doubt at a kill, each added again; settled {report.recovery_s:.1f} s after "
        "the last opening",
        f"{report.pages:,} pages in the end, {report.recalled} of them asked for",
    ]
    for kind, ids in report.wrong.items():
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        lines.append(f"WRONG: {len(ids)} {kind}: {', '.join(ids[:_SHOWN])}{more}")
    if not report.wrong:
        lines.append("acknowledged = stored = retrievable; forgotten = gone; the audit finds nothing")
    return "\n".join(lines)


def to_json(report: StressReport) -> dict[str, Any]:
    """Return the report as JSON-able values."""
    return asdict(report)
