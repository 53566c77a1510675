"""
`bench scale`: how fast memory of a given size is, next to raw Chroma on the same vectors.

Memory is filled directly (`filler`), then opened in a process of its own (`probe`) as after a restart.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..embedders import choose
from ..protocols import Vectors
from ..settings import Settings, load_settings
from .filler import Talk, fill, made_up_talk, told_talk
from .probe import Figures

if TYPE_CHECKING:
    from chromadb.api.client import Client

__all__ = ["SIZES", "ScaleReport", "Size", "render", "run", "to_json"]

SIZES = (1_000, 10_000, 100_000)
_ADDS, _QUESTIONS, _CHROMA_CALLS, _CHUNK = 30, 60, 50, 2000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Size:
    """One size: *fill_s* to write it in bulk, the engine's figures, disk, and raw Chroma's medians at that size."""

    pages: int
    fill_s: float
    engine: Figures
    disk_mb: float
    chroma_add_ms: float
    chroma_query_ms: float


@dataclass(frozen=True, slots=True)
class ScaleReport:
    """The sizes, smallest first."""

    embedder: str
    source: str
    sizes: tuple[Size, ...]


def run(
    sizes: Sequence[int] = SIZES,
    *,
    file: Path | None = None,
    embedder: str = "bundled",
    progress: Progress = lambda done, total: None,
) -> ScaleReport:
    """
    Measure at each of *sizes* (pages).

    Args:
        sizes: Growing.
        file: A LoCoMo file whose pages are repeated; default: made-up pages.
        embedder: "bundled" or "minilm".
        progress: Called with (pages written, pages in all).

    Raises:
        ValueError: *sizes* do not grow from 1.
        RuntimeError: The measuring process failed.
    """
    ordered = list(sizes)
    if not ordered or ordered[0] < 1 or ordered != sorted(set(ordered)):
        raise ValueError(f"sizes must grow from 1, got {ordered}")
    talk = made_up_talk() if file is None else told_talk(file)
    found = []
    with tempfile.TemporaryDirectory(prefix="memoryos-scale-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "memory"
        settings = load_settings(
            {"data_dir": folder, "embedder": embedder, "analyzer": "local", "mid_term_capacity": 1_000_000}, environ={}
        )
        with _chroma(Path(name) / "chroma") as chroma:
            written = 0
            for size in ordered:
                found.append(_measure(settings, talk, written, size, chroma, lambda done: progress(done, ordered[-1])))
                written = size
    return ScaleReport(embedder, "made-up pages" if file is None else file.name, tuple(found))


def _measure(
    settings: Settings, talk: Talk, written: int, size: int, chroma: "_RawChroma", progress: Callable[[int], None]
) -> Size:
    started = time.perf_counter()
    fill(settings, talk, written, size, progress)
    took = time.perf_counter() - started
    engine = _probe(settings, talk.questions[: _QUESTIONS + 1])
    chroma.grow(size)
    add_ms, query_ms = chroma.times()
    return Size(size, took, engine, _disk_mb(settings.data_dir), add_ms, query_ms)


def _probe(settings: Settings, questions: Sequence[str]) -> Figures:
    task = {
        "folder": str(settings.data_dir),
        "embedder": settings.embedder,
        "questions": list(questions),
        "adds": _ADDS,
    }
    done = subprocess.run(
        [sys.executable, "-m", "memoryos_mcp.bench.probe"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the measuring process failed: {done.stderr[-500:]}")
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


class _RawChroma:
    """A Chroma collection of random unit vectors, as many as the engine has turns."""

    def __init__(self, collection: Any, dimensions: int) -> None:
        self._collection = collection
        self._dimensions = dimensions
        self._dice = np.random.default_rng(0)
        self._size = 0

    def grow(self, pages: int) -> None:
        """Add vectors until there are two for each page."""
        while self._size < 2 * pages:
            self._add(min(_CHUNK, 2 * pages - self._size))

    def times(self) -> tuple[float, float]:
        """Return the medians, in milliseconds, of adding one record with a text and of asking for ten."""
        adds, queries = [], []
        for _ in range(_CHROMA_CALLS):
            started = time.perf_counter()
            self._add(1)
            adds.append(time.perf_counter() - started)
            started = time.perf_counter()
            self._collection.query(query_embeddings=self._vectors(1), n_results=10, include=["documents", "distances"])
            queries.append(time.perf_counter() - started)
        return median(adds) * 1000, median(queries) * 1000

    def _add(self, count: int) -> None:
        ids = [str(self._size + at) for at in range(count)]
        self._collection.add(ids=ids, embeddings=self._vectors(count), documents=["Noted."] * count)
        self._size += count

    def _vectors(self, count: int) -> Vectors:
        rows = self._dice.standard_normal((count, self._dimensions)).astype(np.float32)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@contextmanager
def _chroma(folder: Path) -> Iterator[_RawChroma]:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    made = chromadb.PersistentClient(str(folder), settings=ChromaSettings(anonymized_telemetry=False))
    client = cast("Client", made)
    try:
        collection = client.create_collection(
            "raw", embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        yield _RawChroma(collection, choose("bundled", model="", api_key=None, base_url=None).dimensions)
    finally:
        client.close()


def _disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def render(report: ScaleReport) -> str:
    """Return the report as a table in plain text."""
    head = (
        f"{'pages':>8} {'first ms':>9} {'p50 ms':>7} {'p95 ms':>7} {'add ms':>7} {'memory MB':>10} {'disk MB':>8} "
        f"{'Chroma add ms':>14} {'query ms':>9}"
    )
    lines = [f"{report.source}, embedder {report.embedder}; first = restart to the end of the first retrieval", head]
    for size in report.sizes:
        own = size.engine
        lines.append(
            f"{size.pages:>8,} {own.first_ms:>9,.0f} {own.retrieve_p50_ms:>7.1f} {own.retrieve_p95_ms:>7.1f} "
            f"{own.add_ms:>7.1f} {own.memory_mb:>10,.0f} {size.disk_mb:>8,.0f} {size.chroma_add_ms:>14.1f} "
            f"{size.chroma_query_ms:>9.1f}"
        )
    return "\n".join(lines)


def to_json(report: ScaleReport) -> dict[str, Any]:
    """Return the report as JSON-able values."""
    return asdict(report)
