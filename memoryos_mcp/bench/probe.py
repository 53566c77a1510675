"""
One process that opens a memory and times it: run by `bench.scale`, so that a restart is a real one.

Reads its task as JSON on stdin and writes the figures as one JSON line on stdout.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

__all__ = ["Figures", "main", "memory_mb", "probe"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds, but for the memory; `first_ms` is from opening to the first retrieval's end, imports included."""

    first_ms: float
    retrieve_p50_ms: float
    retrieve_p95_ms: float
    add_ms: float
    memory_mb: float


def probe(folder: Path, embedder: str, questions: Sequence[str], adds: int) -> Figures:
    """Open the memory in *folder*, ask each question (at least three), then add pages; return the times."""
    started = time.perf_counter()
    from ..memoryos import Memoryos

    with Memoryos(data_dir=folder, embedder=embedder, analyzer="local", mid_term_capacity=1_000_000) as memory:
        memory.retrieve_context(questions[0])
        first = time.perf_counter() - started
        asked = [_timed(lambda question=question: memory.retrieve_context(question)) for question in questions[1:]]
        resident = memory_mb()
        added = [_timed(lambda at=at: memory.add_memory(f"Note {at} of the probe.", "Noted.")) for at in range(adds)]
    return Figures(
        first_ms=first * 1000,
        retrieve_p50_ms=median(asked) * 1000,
        retrieve_p95_ms=quantiles(asked, n=20)[-1] * 1000,
        add_ms=median(added) * 1000 if added else 0.0,
        memory_mb=resident,
    )


def memory_mb() -> float:
    """Return this process's resident memory in MB; its peak where the system tells only that, 0 where nothing."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def main() -> None:
    """Do the task on stdin."""
    task = json.load(sys.stdin)
    found = probe(Path(task["folder"]), task["embedder"], task["questions"], task["adds"])
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


def _timed(call: object) -> float:
    started = time.perf_counter()
    call()  # type: ignore[operator]
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
