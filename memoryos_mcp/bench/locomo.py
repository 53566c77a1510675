"""
`bench locomo`: how much of what a question needs is in the text handed over, at several budgets.

Every conversation is told to the real engine, page by page, into an empty data folder; then its questions are asked.
The baselines rank the same pages. No model answers anything: evidence recall and the answer's words are counted.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ..embedders import choose
from ..memoryos import Memoryos
from ..protocols import Embedder
from ..records import Page
from ..settings import load_settings
from .baselines import Bm25, GatedSegments, PlainVectors, Topic
from .dialogues import Dialogue, read_dialogues
from .figures import Mark, Score, mark, page_reply, summarise

__all__ = ["BUDGETS", "ENGINE", "Method", "Report", "render", "run", "to_json"]

BUDGETS = (500, 1000, 2000, 4000)
"""Tokens of the whole reply, four characters each."""

ENGINE = "memoryos-mcp"
_SETTLE_S = 600.0

Progress = Callable[[int, int], None]
Marks = dict[str, dict[int, list[Mark]]]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to retrieve: its name, and its score by budget."""

    name: str
    scores: Mapping[int, Score]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome; the engine's method first. Times are medians in milliseconds."""

    embedder: str
    tokenizer: str
    dialogues: int
    pages: int
    questions: int
    methods: tuple[Method, ...]
    add_ms: float
    retrieve_ms: float


@dataclass
class _Times:
    add: list[float]
    retrieve: list[float]


def run(
    file: Path,
    *,
    embedder: str = "bundled",
    budgets: Sequence[int] = BUDGETS,
    progress: Progress = lambda done, total: None,
) -> Report:
    """
    Measure the engine and the baselines on a LoCoMo file.

    Args:
        file: As published: a JSON list of conversations with questions and evidence.
        embedder: "bundled" or "minilm".
        budgets: Tokens of the whole reply.
        progress: Called with (steps done, steps in all); a step is a page added or a question asked.

    Raises:
        ValueError: The file cannot be read as LoCoMo.
        MemoryOSError: The engine failed.
    """
    dialogues = read_dialogues(file)
    if not any(dialogue.questions for dialogue in dialogues):
        raise ValueError(f"{file} has no question with evidence")
    total = sum(len(dialogue.exchanges) + len(dialogue.questions) for dialogue in dialogues)
    marks: Marks = {}
    times = _Times([], [])
    steps = iter(range(1, total + 1))
    used = ("", "")
    same = choose(embedder, model="", api_key=None, base_url=None)
    for dialogue in dialogues:
        with tempfile.TemporaryDirectory(prefix="memoryos-bench-", ignore_cleanup_errors=True) as folder:
            settings = load_settings(
                {
                    "data_dir": folder,
                    "embedder": embedder,
                    "analyzer": "local",
                    "user_name": dialogue.user_name,
                    "assistant_name": dialogue.assistant_name,
                },
                environ={},
            )
            with Memoryos(settings) as memory:
                pages = _tell(memory, dialogue, times, lambda: progress(next(steps), total))
                _ask(memory, same, dialogue, pages, tuple(budgets), marks, times, lambda: progress(next(steps), total))
                used = memory.status().embedder, memory.status().tokenizer
    return Report(
        embedder=used[0],
        tokenizer=used[1],
        dialogues=len(dialogues),
        pages=sum(len(dialogue.exchanges) for dialogue in dialogues),
        questions=sum(len(dialogue.questions) for dialogue in dialogues),
        methods=tuple(
            Method(name, {budget: summarise(found) for budget, found in by_budget.items()})
            for name, by_budget in marks.items()
        ),
        add_ms=median(times.add) * 1000,
        retrieve_ms=median(times.retrieve) * 1000,
    )


def _tell(memory: Memoryos, dialogue: Dialogue, times: _Times, step: Callable[[], None]) -> list[Page]:
    """Add every exchange, wait until all is consolidated, and return the pages in order."""
    ids = []
    for exchange in dialogue.exchanges:
        started = time.perf_counter()
        added = memory.add_memory(exchange.user_input, exchange.agent_response, exchange.timestamp)
        times.add.append(time.perf_counter() - started)
        ids.append(added.page_id)
        step()
    if not memory.settle(_SETTLE_S):
        raise TimeoutError(f"{dialogue.name} was not consolidated within {_SETTLE_S:.0f} s")
    return [memory.page(id_)[0] for id_ in dict.fromkeys(ids)]


def _ask(
    memory: Memoryos,
    embedder: Embedder,
    dialogue: Dialogue,
    pages: Sequence[Page],
    budgets: Sequence[int],
    marks: Marks,
    times: _Times,
    step: Callable[[], None],
) -> None:
    """Ask every question of the engine and the baselines, and mark the replies."""
    vectors = PlainVectors(pages, embedder)
    topics = [
        Topic(frozenset(page.page_id for page in memory.segment(segment.segment_id)[2]), segment.keywords)
        for segment, _ in memory.segments()
    ]
    baselines = (Bm25(pages), vectors, GatedSegments(vectors, topics, pages, embedder))
    names = (dialogue.user_name, dialogue.assistant_name)
    for question in dialogue.questions:
        for budget in budgets:
            started = time.perf_counter()
            reply = memory.retrieve_context(question.text, max_tokens=budget).text
            times.retrieve.append(time.perf_counter() - started)
            marks.setdefault(ENGINE, {}).setdefault(budget, []).append(mark(question, reply, budget))
        for baseline in baselines:
            ranked = baseline.rank(question.text)
            for budget in budgets:
                reply = page_reply(ranked, budget, names)
                marks.setdefault(baseline.name, {}).setdefault(budget, []).append(mark(question, reply, budget))
        step()


def render(report: Report) -> str:
    """Return the report as a table in plain text."""
    lines = [
        f"{report.dialogues} conversations, {report.pages} pages, {report.questions} questions; "
        f"embedder {report.embedder}, tokenizer {report.tokenizer}",
        f"add {report.add_ms:.1f} ms, retrieve {report.retrieve_ms:.1f} ms (medians)",
        "",
        "Evidence recall, % of labelled utterances (in brackets: of the answer's words), by tokens of the whole reply",
    ]
    budgets = list(report.methods[0].scores)
    width = max(len(method.name) for method in report.methods)
    lines.append(f"{'':{width}}  " + "  ".join(f"{budget:>13,}" for budget in budgets))
    for method in report.methods:
        cells = [f"{score.evidence['all']:5.1f} ({score.answer['all']:5.1f})" for score in method.scores.values()]
        lines.append(f"{method.name:{width}}  " + "  ".join(f"{cell:>13}" for cell in cells))
    engine = report.methods[0]
    lines += ["", f"{engine.name} by category"]
    for name in engine.scores[budgets[0]].evidence:
        cells = [f"{score.evidence[name]:5.1f} ({score.answer[name]:5.1f})" for score in engine.scores.values()]
        lines.append(f"{name:{width}}  " + "  ".join(f"{cell:>13}" for cell in cells))
    used = [f"{score.tokens:,.0f}" for score in engine.scores.values()]
    lines.append(f"{'tokens used':{width}}  " + "  ".join(f"{cell:>13}" for cell in used))
    return "\n".join(lines)


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON-able values."""
    return asdict(report)
