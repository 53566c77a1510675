"""
`bench scale`: how fast memory of a given size is, next to raw Chroma on the same vectors.

Memory is filled directly (`filler`); then a server is started on it and asked over stdio, as after a restart (`wire`),
and another process times it from within, beside raw Chroma (`probe`).
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...domain.settings import Settings, load_settings
from ...retrieval.embedders import choose
from ...storage.folder import bytes_in
from .filler import Talk, fill, made_up_talk, told_talk
from .probe import Figures
from .raw import RawChroma, turn_vectors
from .wire import WireFigures, ask

__all__ = ["SIZES", "ScaleReport", "Size", "render", "run", "to_json"]

SIZES = (1_000, 3_000, 10_000, 100_000)
_ADDS, _QUESTIONS = 30, 60

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Size:
    """One size: *fill_s* to write it in bulk, what a host sees, the figures from within, and the folder's size."""

    pages: int
    fill_s: float
    host: WireFigures
    engine: Figures
    disk_mb: float

    @property
    def host_ratio(self) -> float:
        """How many times a query of raw Chroma a retrieval over stdio takes."""
        return self.host.retrieve_p50_ms / self.engine.chroma_query_ms

    @property
    def row_ratio(self) -> float:
        """How many times adding one record to raw Chroma an `add_memory` takes, one after another over stdio."""
        return self.host.add_p50_ms / self.engine.chroma_add_ms

    @property
    def add_ratio(self) -> float:
        """How many times adding one record to raw Chroma adding a page takes."""
        return self.engine.add_ms / self.engine.chroma_add_ms


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """The sizes, smallest first."""

    embedder: str
    source: str
    sizes: tuple[Size, ...]

    @property
    def growth(self) -> float:
        """How many times the smallest memory's median over stdio the largest's is."""
        return self.sizes[-1].host.retrieve_p50_ms / self.sizes[0].host.retrieve_p50_ms


def run(
    sizes: Sequence[int] = SIZES,
    *,
    files: Sequence[Path] = (),
    embedder: str = "bundled",
    progress: Progress = lambda done, total: None,
) -> ScaleReport:
    """
    Measure at each of *sizes* (pages).

    Args:
        sizes: Growing.
        files: Conversations, as `read_dialogues` takes them, whose pages are repeated; default: made-up pages.
        embedder: "bundled" or "minilm".
        progress: Called with (pages written, pages in all); each is written twice, here and to raw Chroma.

    Raises:
        ValueError: *sizes* do not grow from 1.
        RuntimeError: A measuring process failed.
    """
    ordered = list(sizes)
    if not ordered or ordered[0] < 1 or ordered != sorted(set(ordered)):
        raise ValueError(f"sizes must grow from 1, got {ordered}")
    talk = told_talk(files) if files else made_up_talk()
    found = []
    with tempfile.TemporaryDirectory(prefix="memoryos-scale-", ignore_cleanup_errors=True) as name:
        settings = load_settings(
            {
                "data_dir": Path(name) / "memory",
                "embedder": embedder,
                "analyzer": "local",
                "mid_term_capacity": 1_000_000,
            },
            environ={},
        )
        written = 0
        for size in ordered:
            found.append(
                _measure(settings, talk, written, size, Path(name) / "raw", lambda at: progress(at, 2 * ordered[-1]))
            )
            written = size
    return ScaleReport(embedder, " and ".join(file.name for file in files) or "made-up pages", tuple(found))


def _measure(
    settings: Settings, talk: Talk, written: int, size: int, raw: Path, progress: Callable[[int], None]
) -> Size:
    started = time.perf_counter()
    fill(settings, talk, written, size, lambda done: progress(written + done))
    took = time.perf_counter() - started
    with RawChroma(raw) as chroma:
        name = choose(settings.embedder, model="", api_key=None, base_url=None).name
        for vectors in turn_vectors(settings, name, len(chroma), 2 * size):
            chroma.add(vectors, "Noted.")
            progress(size + len(chroma) // 2)
    progress(2 * size)
    questions = talk.questions[: _QUESTIONS + 1]
    host = ask(settings.data_dir, _environment(settings), questions)
    return Size(size, took, host, _probe(settings, raw, questions), bytes_in(settings.data_dir) / 1e6)


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "MEMORYOS_EMBEDDER": settings.embedder,
        "MEMORYOS_ANALYZER": settings.analyzer,
        "MEMORYOS_MID_TERM_CAPACITY": str(settings.mid_term_capacity),
    }


def _probe(settings: Settings, raw: Path, questions: Sequence[str]) -> Figures:
    task = {
        "folder": str(settings.data_dir),
        "embedder": settings.embedder,
        "raw": str(raw),
        "questions": list(questions),
        "adds": _ADDS,
    }
    done = subprocess.run(
        [sys.executable, "-m", "memoryos_mcp.cli.bench.probe"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the measuring process failed: {done.stderr[-500:]}")
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def render(report: ScaleReport) -> str:
    """Return the report as a table in plain text."""
    lines = [
        f"{report.source}, embedder {report.embedder}; times in ms",
        f"{'':>8} | {'retrieve_context over stdio':^27} | {'within':^13} | {'add':^13} | {'raw Chroma':^13} | "
        f"{'moved':>7} {'memory':>7} {'disk':>6}",
        f"{'pages':>8} | {'first':>9} {'p50':>8} {'p95':>8} | {'p50':>6} {'p95':>6} | {'p50':>6} {'p95':>6} | "
        f"{'add':>6} {'query':>6} | {'pages/s':>7} {'MB':>7} {'MB':>6}",
    ]
    for size in report.sizes:
        host, own = size.host, size.engine
        lines.append(
            f"{size.pages:>8,} | {host.first_ms:>9,.0f} {host.retrieve_p50_ms:>8.1f} {host.retrieve_p95_ms:>8.1f} | "
            f"{own.retrieve_p50_ms:>6.1f} {own.retrieve_p95_ms:>6.1f} | {own.add_ms:>6.1f} {own.add_p95_ms:>6.1f} | "
            f"{own.chroma_add_ms:>6.1f} {own.chroma_query_ms:>6.1f} | {own.moved_per_s:>7.0f} "
            f"{host.memory_mb:>7,.0f} {size.disk_mb:>6,.0f}"
        )
    lines.append("first: from starting the server to its first retrieval's reply; moved: consolidated while adding")
    for what, ratios in (
        ("retrieving over stdio", [size.host_ratio for size in report.sizes]),
        ("adding page after page over stdio, consolidation running,", [size.row_ratio for size in report.sizes]),
    ):
        lines.append(f"{what} takes {', '.join(f'{ratio:.1f}' for ratio in ratios)} times raw Chroma's")
    lines.append("adding takes " + ", ".join(f"{size.add_ratio:.1f}" for size in report.sizes) + " times raw Chroma's")
    if len(report.sizes) > 1:
        lines.append(
            f"retrieving over stdio takes {report.growth:.1f} times as long at {report.sizes[-1].pages:,} pages "
            f"as at {report.sizes[0].pages:,}"
        )
    return "\n".join(lines)


def to_json(report: ScaleReport) -> dict[str, Any]:
    """Return the report as JSON-able values."""
    sizes = [
        {
            **asdict(size),
            "add_ratio": size.add_ratio,
            "host_ratio": size.host_ratio,
            "row_ratio": size.row_ratio,
        }
        for size in report.sizes
    ]
    return {**asdict(report), "sizes": sizes, "growth": report.growth}
