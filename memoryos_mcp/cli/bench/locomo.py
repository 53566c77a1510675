"""
`bench locomo`: how much of what a question needs is in the text handed over, at several budgets.

Every conversation is told to the real engine, page by page, into an empty data folder; then its questions are asked.
The baselines rank the same pages. No model answers anything: evidence recall and the answer's words are counted.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from ...api.memoryos import Memoryos
from ...domain.protocols import Embedder
from ...domain.records import Page
from ...domain.settings import Settings, load_settings
from ...retrieval.embedders import choose
from .baselines import Bm25, GatedSegments, PlainVectors, Topic
from .dialogues import Dialogue, Question, read_dialogues
from .figures import Mark, mark, page_reply, summarise
from .leaving_out import INGREDIENTS, Asking, without_each
from .recall_report import Method, Report, misses_of, render, to_json

__all__ = ["BUDGETS", "ENGINE", "Method", "Report", "render", "run", "to_json"]

BUDGETS = (500, 1000, 2000, 4000)
"""Tokens of the whole reply, four characters each."""

ENGINE = "memoryos-mcp"
_SETTLE_S = 600.0
_SHOWN = 1000

Progress = Callable[[int, int], None]
Marks = dict[str, dict[int, list[Mark]]]


@dataclass
class _Run:
    """What has been measured so far; `left_out` is filled only when asked for. Times in seconds."""

    budgets: tuple[int, ...]
    embedder: Embedder
    step: Callable[[], None]
    marks: Marks = field(default_factory=dict)
    left_out: Marks = field(default_factory=dict)
    asked: list[tuple[str, Question]] = field(default_factory=list)
    add: list[float] = field(default_factory=list)
    retrieve: list[float] = field(default_factory=list)
    used: tuple[str, str] = ("", "")

    @property
    def shown(self) -> int:
        """The budget of misses and of leaving out: 1,000 when it is measured, else the smallest."""
        return _SHOWN if _SHOWN in self.budgets else min(self.budgets)


def run(
    file: Path,
    *,
    embedder: str = "bundled",
    budgets: Sequence[int] = BUDGETS,
    leave_out: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """
    Measure the engine and the baselines on a LoCoMo file.

    Args:
        file: As published: a JSON list of conversations with questions and evidence.
        embedder: "bundled" or "minilm".
        budgets: Tokens of the whole reply.
        leave_out: Ask again without each ingredient, at one budget.
        progress: Called with (steps done, steps in all); a step is a page added or a question asked.

    Raises:
        ValueError: The file cannot be read as LoCoMo.
        MemoryOSError: The engine failed.
    """
    dialogues = read_dialogues(file)
    if not any(dialogue.questions for dialogue in dialogues):
        raise ValueError(f"{file} has no question with evidence")
    rounds = 1 + (len(INGREDIENTS) if leave_out else 0)
    total = sum(len(dialogue.exchanges) + rounds * len(dialogue.questions) for dialogue in dialogues)
    steps = iter(range(1, total + 1))
    same = choose(embedder, model="", api_key=None, base_url=None)
    measured = _Run(tuple(budgets), same, lambda: progress(next(steps), total))
    for dialogue in dialogues:
        with tempfile.TemporaryDirectory(prefix="memoryos-bench-", ignore_cleanup_errors=True) as folder:
            settings = _settings(folder, embedder, dialogue)
            with Memoryos(settings) as memory:
                pages = _tell(memory, dialogue, measured)
                _ask(memory, dialogue, pages, measured)
                measured.used = memory.status().embedder, memory.status().tokenizer
            if leave_out:
                without_each(settings, partial(_ask_without, dialogue, measured))
    return _report(dialogues, measured)


def _settings(folder: str, embedder: str, dialogue: Dialogue) -> Settings:
    values = {
        "data_dir": folder,
        "embedder": embedder,
        "analyzer": "local",
        "user_name": dialogue.user_name,
        "assistant_name": dialogue.assistant_name,
    }
    return load_settings(values, environ={})


def _tell(memory: Memoryos, dialogue: Dialogue, measured: _Run) -> list[Page]:
    """Add every exchange, wait until all is consolidated, and return the pages in order."""
    ids = []
    for exchange in dialogue.exchanges:
        started = time.perf_counter()
        added = memory.add_memory(exchange.user_input, exchange.agent_response, exchange.timestamp)
        measured.add.append(time.perf_counter() - started)
        ids.append(added.page_id)
        measured.step()
    if not memory.settle(_SETTLE_S):
        raise TimeoutError(f"{dialogue.name} was not consolidated within {_SETTLE_S:.0f} s")
    return [memory.page(id_)[0] for id_ in dict.fromkeys(ids)]


def _ask(memory: Memoryos, dialogue: Dialogue, pages: Sequence[Page], measured: _Run) -> None:
    """Ask every question of the engine and the baselines, and mark the replies."""
    vectors = PlainVectors(pages, measured.embedder)
    topics = [
        Topic(frozenset(page.page_id for page in memory.segment(segment.segment_id)[2]), segment.keywords)
        for segment, _ in memory.segments()
    ]
    baselines = (Bm25(pages), vectors, GatedSegments(vectors, topics, pages, measured.embedder))
    names = (dialogue.user_name, dialogue.assistant_name)
    for question in dialogue.questions:
        measured.asked.append((dialogue.name, question))
        for budget in measured.budgets:
            started = time.perf_counter()
            reply = memory.retrieve_context(question.text, max_tokens=budget).text
            measured.retrieve.append(time.perf_counter() - started)
            _book(measured.marks, ENGINE, budget, mark(question, reply, budget))
        for baseline in baselines:
            ranked = baseline.rank(question.text)
            for budget in measured.budgets:
                reply = page_reply(ranked, budget, names)
                _book(measured.marks, baseline.name, budget, mark(question, reply, budget))
        measured.step()


def _ask_without(dialogue: Dialogue, measured: _Run, asking: Asking) -> None:
    """Ask every question of the engine without one ingredient."""
    for question in dialogue.questions:
        reply = asking.ask(question.text, measured.shown)
        _book(measured.left_out, asking.name, measured.shown, mark(question, reply, measured.shown))
        measured.step()


def _book(marks: Marks, name: str, budget: int, found: Mark) -> None:
    marks.setdefault(name, {}).setdefault(budget, []).append(found)


def _report(dialogues: Sequence[Dialogue], measured: _Run) -> Report:
    return Report(
        embedder=measured.used[0],
        tokenizer=measured.used[1],
        dialogues=len(dialogues),
        pages=sum(len(dialogue.exchanges) for dialogue in dialogues),
        questions=len(measured.asked),
        methods=_methods(measured.marks),
        add_ms=median(measured.add) * 1000,
        retrieve_ms=median(measured.retrieve) * 1000,
        misses=misses_of(measured.asked, measured.marks[ENGINE], measured.shown),
        left_out=_methods(measured.left_out),
    )


def _methods(marks: Marks) -> tuple[Method, ...]:
    return tuple(
        Method(name, {budget: summarise(found) for budget, found in by_budget.items()})
        for name, by_budget in marks.items()
    )
