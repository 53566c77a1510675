"""
One process that opens a memory and times it from within: run by `bench.scale`, beside what a host sees over stdio.

Reads its task as JSON on stdin and writes the figures as one JSON line on stdout.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles

from .raw import RawChroma

__all__ = ["Figures", "main", "memory_mb", "probe"]

_NOTED = "Noted."


@dataclass(frozen=True, slots=True)
class Figures:
    """
    Milliseconds, but for `moved_per_s`: the pages that consolidation moved on a second while others were added.

    Adding is timed in turn with adding one record to raw Chroma, so that a busy machine slows both.
    """

    retrieve_p50_ms: float
    retrieve_p95_ms: float
    add_ms: float
    add_p95_ms: float
    moved_per_s: float
    chroma_add_ms: float
    chroma_query_ms: float


_SETTINGS = {"analyzer": "local", "mid_term_capacity": 1_000_000}


def probe(folder: Path, embedder: str, raw: Path, questions: Sequence[str], adds: int) -> Figures:
    """
    Time a memory beside raw Chroma.

    Args:
        folder: The memory's data folder.
        embedder: "bundled" or "minilm".
        raw: The folder of raw Chroma.
        questions: At least three; the first is not timed.
        adds: Pages to add one by one in turn with raw Chroma, and as many again without a pause; at least two.
    """
    from ...api.memoryos import Memoryos
    from ...domain.settings import load_settings
    from ...retrieval.embedders import choose

    vectors = choose(embedder, model="", api_key=None, base_url=None).embed(list(questions))
    with (
        RawChroma(raw) as chroma,
        Memoryos(load_settings({**_SETTINGS, "data_dir": folder, "embedder": embedder})) as memory,
    ):
        memory.settle()
        memory.retrieve_context(questions[0])
        chroma.query(vectors[0])
        asked = [_timed(partial(memory.retrieve_context, question)) for question in questions[1:]]
        queried = [_timed(partial(chroma.query, vector)) for vector in vectors[1:]]
        own, theirs = [], []
        for at in range(adds):
            text = f"Note {at} of the probe."
            own.append(_timed(partial(memory.add_memory, text, _NOTED)))
            theirs.append(_timed(partial(chroma.add, vectors[:1], f"{text} {_NOTED}")))
        memory.settle()
        before, started = memory.status().mid_term_pages, time.perf_counter()
        for at in range(adds):
            memory.add_memory(f"Note {at} in a row.", _NOTED)
        memory.settle()
        moved = memory.status().mid_term_pages - before
        took = time.perf_counter() - started
    return Figures(
        retrieve_p50_ms=median(asked) * 1000,
        retrieve_p95_ms=quantiles(asked, n=20)[-1] * 1000,
        add_ms=median(own) * 1000,
        add_p95_ms=quantiles(own, n=20)[-1] * 1000,
        moved_per_s=moved / took,
        chroma_add_ms=median(theirs) * 1000,
        chroma_query_ms=median(queried) * 1000,
    )


def memory_mb(process: int | None = None) -> float:
    """
    Return the resident memory in MB of this process, or of the one with this number.

    Of this one its peak where the system tells only that; 0 where it tells nothing.
    """
    statm = Path(f"/proc/{process or 'self'}/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    if process is not None:
        return 0.0
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


def main() -> None:
    """Do the task on stdin."""
    task = json.load(sys.stdin)
    found = probe(Path(task["folder"]), task["embedder"], Path(task["raw"]), task["questions"], task["adds"])
    sys.stdout.write(json.dumps(asdict(found)) + "\n")


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
