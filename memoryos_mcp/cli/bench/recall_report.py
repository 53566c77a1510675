"""
The outcome of `bench locomo`, as records, as a table in plain text, and as JSON. Measures nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .dialogues import CATEGORIES, Question
from .figures import Mark, Score

__all__ = ["Method", "Miss", "Report", "misses_of", "render", "to_json"]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to retrieve: its name, and its score by budget."""

    name: str
    scores: Mapping[int, Score]


@dataclass(frozen=True, slots=True)
class Miss:
    """
    A question whose evidence was not all in the engine's reply at `budget` tokens.

    `missing` are the utterances that were not there; `found_at` is the smallest measured budget at which all were, or
    None.
    """

    dialogue: str
    category: str
    question: str
    answer: str
    missing: tuple[str, ...]
    budget: int
    found_at: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """
    The outcome; the engine's method first. Times are medians in milliseconds.

    `misses` are the engine's, at the budget that each names; `left_out` the engine again without one ingredient each,
    empty when that was not asked for.
    """

    embedder: str
    tokenizer: str
    dialogues: int
    pages: int
    questions: int
    methods: tuple[Method, ...]
    add_ms: float
    retrieve_ms: float
    misses: tuple[Miss, ...] = ()
    left_out: tuple[Method, ...] = ()


def misses_of(
    asked: Sequence[tuple[str, Question]], marks: Mapping[int, Sequence[Mark]], budget: int
) -> tuple[Miss, ...]:
    """
    Return what was missed at *budget*, in the order asked.

    Args:
        asked: Name of the conversation and question.
        marks: The engine's, by budget, in the same order.
        budget: One of those measured.
    """
    return tuple(
        Miss(
            dialogue,
            CATEGORIES[question.category],
            question.text,
            question.answer,
            marks[budget][at].missing,
            budget,
            next((other for other in sorted(marks) if not marks[other][at].missing), None),
        )
        for at, (dialogue, question) in enumerate(asked)
        if marks[budget][at].missing
    )


def render(report: Report, misses: int = 0) -> str:
    """Return the report as tables in plain text, with the first *misses* of what was missed."""
    budgets = list(report.methods[0].scores)
    engine = report.methods[0]
    width = max(len(method.name) for method in (*report.methods, *report.left_out))
    lines = [
        f"{report.dialogues} conversations, {report.pages} pages, {report.questions} questions; "
        f"embedder {report.embedder}, tokenizer {report.tokenizer}",
        f"add {report.add_ms:.1f} ms, retrieve {report.retrieve_ms:.1f} ms (medians)",
        "",
        "Evidence recall, % of labelled utterances (in brackets: of the answer's words), by tokens of the whole reply",
        f"{'':{width}}  " + "  ".join(f"{budget:>13,}" for budget in budgets),
        *(_row(method, "all", method.name, width) for method in report.methods),
        "",
        f"{engine.name} by category",
        *(_row(engine, name, name, width) for name in engine.scores[budgets[0]].evidence),
    ]
    used = [f"{score.tokens:,.0f}" for score in engine.scores.values()]
    lines.append(f"{'tokens used':{width}}  " + "  ".join(f"{cell:>13}" for cell in used))
    if report.left_out:
        at = min(report.left_out[0].scores)
        lines += ["", f"Points of evidence recall lost at {at:,} tokens without one ingredient (-: gained)"]
        lines += [_lost(engine, method, width) for method in report.left_out]
    if misses:
        shown = report.misses[:misses]
        lines += ["", f"{len(report.misses)} of {report.questions} questions lack evidence; {len(shown)} of them:"]
        lines += [line for miss in shown for line in _missed(miss)]
    return "\n".join(lines)


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as JSON-able values."""
    return asdict(report)


def _row(method: Method, group: str, label: str, width: int) -> str:
    cells = [f"{score.evidence[group]:5.1f} ({score.answer[group]:5.1f})" for score in method.scores.values()]
    return f"{label:{width}}  " + "  ".join(f"{cell:>13}" for cell in cells)


def _lost(engine: Method, method: Method, width: int) -> str:
    lost = [engine.scores[budget].evidence["all"] - score.evidence["all"] for budget, score in method.scores.items()]
    return f"{method.name:{width}}  " + "  ".join(f"{value:13.1f}" for value in lost)


def _missed(miss: Miss) -> list[str]:
    found = f"all found at {miss.found_at:,}" if miss.found_at else "not all found at any budget measured"
    return [
        f"{miss.dialogue}, {miss.category}, at {miss.budget:,} tokens ({found}): {miss.question} -> {miss.answer}",
        *(f"    {' '.join(text.split())}" for text in miss.missing),
    ]
