"""
`bench recall`: how much of what a question needs is in the text handed over, and what that text costs.

Every conversation is told to the real engine, page by page, into an empty data folder; then its questions are asked.
The baselines reply from the same pages. No model answers anything: evidence and tokens are counted by `ruler`.
"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import fmean, median

from ...api.memoryos import Memoryos
from ...domain.errors import InputError
from ...domain.records import Exchange, Page
from ...domain.settings import Settings, load_settings
from ...retrieval.embedders import choose
from .baselines import Baseline, ChunkBm25, GatedSegments, Topic
from .dialogue import Dialogue, Question
from .dialogues import read_dialogues
from .leaving_out import INGREDIENTS, Asking, without_each
from .recall_report import Economy, Method, Miss, Report, Spent, render, to_json
from .ruler import missing_evidence, share_held, tokens

__all__ = ["BUDGETS", "ENGINE", "Plan", "render", "run", "to_json"]

BUDGETS = (500, 1000, 2000)
"""Tokens of the whole reply."""

ENGINE = "memoryos-mcp"
_SETTLE_S = 600.0
_AT_ONCE = 200
_SHOWN = 1000
_SILENT = 40
_OTHERS = 15
_SHARES = 3

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What to measure.

    `chats` and `questions` bound the conversations of a file and the questions of a conversation (0: all); a third of
    the `off_topic` prompts is put to each conversation in turn.
    """

    embedder: str = "bundled"
    budgets: tuple[int, ...] = BUDGETS
    chats: int = 0
    questions: int = 0
    off_topic: tuple[str, ...] = ()
    leave_out: bool = False

    @property
    def shown(self) -> int:
        """The budget of kinds, misses and of leaving out: 1,000 when it is measured, else the smallest."""
        return _SHOWN if _SHOWN in self.budgets else min(self.budgets)


@dataclass(slots=True)
class _Counts:
    """What has been measured so far of one file; shares in [0, 1], times in milliseconds."""

    held: dict[str, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    left_out: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    spent: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    default: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)
    embedder: str = ""


def run(files: Sequence[Path], plan: Plan, progress: Progress = lambda done, total: None) -> list[Report]:
    """
    Measure the engine and the baselines; return a report for each of *files*.

    Args:
        files: As `read_dialogues` takes them.
        plan: What to measure.
        progress: Called with (steps done, steps in all); a step is a page added or a question asked.

    Raises:
        InputError: A file cannot be read, or has no question with evidence.
        MemoryOSError: The engine failed.
    """
    read = [(file, _chosen(file, plan)) for file in files]
    rounds = 1 + (len(INGREDIENTS) if plan.leave_out else 0)
    total = sum(len(each.exchanges) + rounds * len(each.answerable) for _, found in read for each in found)
    steps = iter(range(1, total + 1))
    return [_measured(file, dialogues, plan, lambda: progress(next(steps), total)) for file, dialogues in read]


def _chosen(file: Path, plan: Plan) -> list[Dialogue]:
    dialogues = [_cut(each, plan.questions) for each in read_dialogues(file)[: plan.chats or None]]
    if not any(each.answerable for each in dialogues):
        raise InputError(f"{file} has no question with evidence")
    return dialogues


def _cut(dialogue: Dialogue, longest: int) -> Dialogue:
    """Return *dialogue* with its first *longest* questions that have evidence, and the ones that have none."""
    kept = set(dialogue.answerable[: longest or None])
    return replace(dialogue, questions=tuple(each for each in dialogue.questions if each in kept or not each.evidence))


def _measured(file: Path, dialogues: Sequence[Dialogue], plan: Plan, step: Callable[[], None]) -> Report:
    counts = _Counts()
    embedder = choose(plan.embedder, model="", api_key=None, base_url=None)
    for place, dialogue in enumerate(dialogues):
        with _settings(plan.embedder, dialogue) as settings:
            with Memoryos(settings) as memory:
                pages = _tell(memory, dialogue, step)
                counts.embedder = memory.status().embedder
                baselines = (ChunkBm25(pages), GatedSegments(_topics(memory), pages, embedder))
                for question in dialogue.answerable:
                    _ask(memory, dialogue.name, question, baselines, plan, counts)
                    step()
                other = dialogues[(place + 1) % len(dialogues)] if len(dialogues) > 1 else None
                _ask_elsewhere(memory, other, plan.off_topic[place % _SHARES :: _SHARES], counts)
            if plan.leave_out:
                without_each(settings, partial(_ask_without, dialogue, plan.shown, counts, step))
    return _report(file, dialogues, plan, counts)


@contextmanager
def _settings(embedder: str, dialogue: Dialogue) -> Iterator[Settings]:
    """Hand out settings for one conversation, with a data folder that goes when the measuring is over."""
    with tempfile.TemporaryDirectory(prefix="memoryos-bench-", ignore_cleanup_errors=True) as folder:
        values = {"embedder": embedder, "analyzer": "local", **dialogue.settings, "data_dir": folder}
        yield load_settings(values, environ={})


def _tell(memory: Memoryos, dialogue: Dialogue, step: Callable[[], None]) -> list[Page]:
    """Add every exchange, wait until all is consolidated, and return the pages in order."""
    ids: list[str] = []
    for start in range(0, len(dialogue.exchanges), _AT_ONCE):
        some = dialogue.exchanges[start : start + _AT_ONCE]
        told = [Exchange(each.user_input, each.agent_response, each.timestamp) for each in some]
        ids += [added.page_id for added in memory.add_many(told)]
        if not memory.settle(_SETTLE_S):
            raise TimeoutError(f"{dialogue.name} was not consolidated within {_SETTLE_S:.0f} s")
        for _ in some:
            step()
    return [memory.page(id_)[0] for id_ in dict.fromkeys(ids)]


def _topics(memory: Memoryos) -> list[Topic]:
    return [
        Topic(frozenset(page.page_id for page in memory.segment(segment.segment_id)[2]), segment.keywords)
        for segment, _ in memory.segments()
    ]


def _ask(
    memory: Memoryos, dialogue: str, question: Question, baselines: Sequence[Baseline], plan: Plan, counts: _Counts
) -> None:
    """Ask one question of the engine and the baselines, and count what their replies hold."""
    for budget in plan.budgets:
        started = time.process_time()
        reply = memory.retrieve_context(question.text, max_tokens=budget).text
        counts.cpu.append(1000 * (time.process_time() - started))
        counts.held[ENGINE][budget].append(share_held(question, reply))
        for baseline in baselines:
            counts.held[baseline.name][budget].append(share_held(question, baseline.reply(question.text, budget)))
        if budget == plan.shown:
            counts.kinds[question.kind].append(share_held(question, reply))
            lacking = missing_evidence(question, reply)
            if lacking:
                counts.misses.append(Miss(dialogue, question.kind, question.text, question.answer, lacking, budget))
    reply = memory.retrieve_context(question.text).text
    counts.default.append(share_held(question, reply))
    counts.spent["answerable"].append(tokens(reply))


def _ask_elsewhere(memory: Memoryos, other: Dialogue | None, off_topic: Sequence[str], counts: _Counts) -> None:
    """Ask what the memory does not hold: of another conversation, and of nothing that is in any."""
    others = [question.text for question in other.questions][:_OTHERS] if other is not None else []
    for kind, prompts in (("others", others), ("off_topic", off_topic)):
        counts.spent[kind] += [tokens(memory.retrieve_context(prompt).text) for prompt in prompts]


def _ask_without(dialogue: Dialogue, budget: int, counts: _Counts, step: Callable[[], None], asking: Asking) -> None:
    """Ask every question of the engine without one ingredient."""
    for question in dialogue.answerable:
        counts.left_out[asking.name].append(share_held(question, asking.ask(question.text, budget)))
        step()


def _report(file: Path, dialogues: Sequence[Dialogue], plan: Plan, counts: _Counts) -> Report:
    answerable = counts.spent["answerable"]
    economy = Economy(
        100 * fmean(counts.default),
        100 * fmean(cost < _SILENT for cost in answerable),
        Spent.of(answerable),
        Spent.of(counts.spent["off_topic"]),
        Spent.of(counts.spent["others"]),
    )
    return Report(
        file=file.name,
        embedder=counts.embedder,
        dialogues=len(dialogues),
        pages=sum(len(dialogue.exchanges) for dialogue in dialogues),
        questions=len(counts.default),
        methods=tuple(
            Method(name, {budget: 100 * fmean(shares) for budget, shares in by_budget.items()})
            for name, by_budget in counts.held.items()
        ),
        shown=plan.shown,
        kinds={kind: 100 * fmean(shares) for kind, shares in counts.kinds.items()},
        economy=economy,
        cpu_ms=median(counts.cpu),
        misses=tuple(counts.misses),
        left_out=tuple(Method(name, {plan.shown: 100 * fmean(shares)}) for name, shares in counts.left_out.items()),
    )
