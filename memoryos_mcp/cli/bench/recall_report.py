"""
The outcome of `bench recall`, as records, as a table in plain text, and as JSON. Measures nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

__all__ = ["Economy", "Method", "Miss", "Report", "Spent", "render", "to_json"]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to retrieve: its name, and by budget the share of the evidence in its replies, in percent."""

    name: str
    recall: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Spent:
    """The tokens of replies to one kind of prompt."""

    prompts: int
    median: float
    mean: float

    @classmethod
    def of(cls, costs: Sequence[int]) -> "Spent":
        """Return what *costs* come to; noughts for none."""
        return cls(len(costs), float(median(costs)), fmean(costs)) if costs else cls(0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Economy:
    """
    What the default call holds and costs: recall and false silences in percent, and tokens.

    A false silence is a reply of less than 40 tokens to a question whose evidence is in memory; `others` are questions
    about other conversations of the file, `off_topic` prompts that have nothing to do with any memory.
    """

    recall: float
    false_silences: float
    answerable: Spent
    off_topic: Spent
    others: Spent


@dataclass(frozen=True, slots=True)
class Miss:
    """A question whose evidence was not all in the engine's reply at `budget` tokens, with what was not there."""

    dialogue: str
    kind: str
    question: str
    answer: str
    missing: tuple[str, ...]
    budget: int


@dataclass(frozen=True, slots=True)
class Report:
    """
    The outcome for one file; the engine's method first.

    `kinds` is the engine's recall by kind of question at `shown` tokens, where the misses are from and where
    `left_out`, if asked for, is the engine again without one ingredient each. `cpu_ms` is the median of processor time
    a retrieval.
    """

    file: str
    embedder: str
    dialogues: int
    pages: int
    questions: int
    methods: tuple[Method, ...]
    shown: int
    kinds: Mapping[str, float]
    economy: Economy
    cpu_ms: float
    misses: tuple[Miss, ...] = ()
    left_out: tuple[Method, ...] = ()


def render(report: Report, misses: int = 0) -> str:
    """Return the report as tables in plain text, with the first *misses* of what was missed."""
    engine = report.methods[0]
    width = max(len(method.name) for method in (*report.methods, *report.left_out))
    lines = [
        f"{report.file}: {report.dialogues} conversations, {report.pages:,} pages, {report.questions:,} questions with "
        f"evidence; embedder {report.embedder}",
        f"{report.cpu_ms:.0f} ms of processor time a retrieval (median)",
        "",
        "Evidence recall in %, by tokens of the whole reply",
        f"{'':{width}}" + "".join(f"{budget:>9,}" for budget in engine.recall),
        *(f"{method.name:{width}}" + "".join(f"{value:9.1f}" for value in method.recall.values())
          for method in report.methods),
        "",
        f"{engine.name} by kind, at {report.shown:,} tokens: "
        + ", ".join(f"{kind} {value:.0f}" for kind, value in sorted(report.kinds.items())),
        *_economy(report.economy),
    ]  # fmt: skip
    if report.left_out:
        lines += ["", f"Points of evidence recall lost at {report.shown:,} tokens without one ingredient (-: gained)"]
        lines += [_lost(engine, method, report.shown, width) for method in report.left_out]
    if misses:
        shown = report.misses[:misses]
        lines += ["", f"{len(report.misses)} of {report.questions} questions lack evidence; {len(shown)} of them:"]
        lines += [line for miss in shown for line in _missed(miss)]
    return "\n".join(lines)


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON-able values."""
    return asdict(report)


def _economy(economy: Economy) -> list[str]:
    lines = [
        f"default call: {economy.recall:.1f} % of the evidence for {economy.answerable.mean:,.0f} tokens in the mean; "
        f"false silences {economy.false_silences:.1f} %"
    ]
    for name, spent in (("off topic", economy.off_topic), ("about other conversations", economy.others)):
        if spent.prompts:
            lines.append(
                f"{name}: median {spent.median:,.0f}, mean {spent.mean:,.0f} tokens over {spent.prompts} prompts"
            )
    return lines


def _lost(engine: Method, method: Method, budget: int, width: int) -> str:
    return f"{method.name:{width}}{engine.recall[budget] - method.recall[budget]:9.1f}"


def _missed(miss: Miss) -> list[str]:
    return [
        f"{miss.dialogue}, {miss.kind}, at {miss.budget:,} tokens: {miss.question} -> {miss.answer}",
        *(f"    {' '.join(text.split())}" for text in miss.missing),
    ]
