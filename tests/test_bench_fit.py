"""`bench fit`: weights come out of questions with evidence, and no conversation is judged by itself."""

import json
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.cli.bench.dialogues import read_dialogues
from memoryos_mcp.cli.bench.fit import fit_weights, render, run, within
from memoryos_mcp.cli.bench.fit_cases import Case, mix_conversations
from memoryos_mcp.retrieval.ranking import Weights
from memoryos_mcp.retrieval.ranking.score import SIGNALS

LATE, PERSON = SIGNALS.index("late"), SIGNALS.index("person")


def case(conversation: str, right: int) -> Case:
    """Return a case of a hundred passages; the one with the answer has `late`, all others have `person`."""
    signals = np.zeros((100, len(SIGNALS)), np.float32)
    signals[:, PERSON] = 1
    signals[right, LATE], signals[right, PERSON] = 1, 0
    return Case(conversation, signals, np.zeros(100, np.float32), np.full(100, 60, np.float32), (np.array([right]),))


def test_a_signal_that_tells_the_answer_gains_weight() -> None:
    """Ours: a hand-made case; seven passages fit 500 tokens, and the answer is found once `late` counts enough."""
    cases = [case("one", 40), case("two", 70)]
    start = Weights({"late": 0.5, "person": 0.6}, {})
    found = fit_weights(cases, start)

    assert within(cases[0], start) == (0.0, 0.0, 0.0)
    assert found.short["late"] - found.short["person"] > 0
    assert within(cases[0], found) == (1.0, 1.0, 1.0)
    assert found.long["late"] == pytest.approx(0, abs=1e-6)


def test_only_what_fits_a_budget_is_found() -> None:
    """Ours: the head of a reply takes sixty tokens; the answer is the eighth of passages of sixty tokens."""
    signals = np.zeros((20, len(SIGNALS)), np.float32)
    signals[:, LATE] = np.arange(20, 0, -1)
    asked = Case("one", signals, np.zeros(20, np.float32), np.full(20, 60, np.float32), (np.array([7]),))

    assert within(asked, Weights({"late": 1}, {})) == (0.0, 1.0, 1.0)


def conversation(name: str, word: str) -> dict[str, object]:
    """Return a conversation in the page form, on *word*."""
    pages = [
        {
            "user_input": f"My {word} number {at} is here",
            "agent_response": "Good.",
            "timestamp": f"2026-01-{at + 1:02d}",
        }
        for at in range(12)
    ]
    question = {
        "question": f"Where is my {word} number 7?",
        "type": "plain",
        "evidence": [{"needle": f"{word} number 7"}],
    }
    return {"name": name, "settings": {}, "pages": pages, "questions": [question]}


def test_a_file_in_a_weights_out(tmp_path: Path) -> None:
    """Ours: anyone can run it; conversations of two files are told to one memory too."""
    for name, word in (("one", "violin"), ("two", "garden")):
        (tmp_path / f"{name}.json").write_text(json.dumps([conversation(name, word)]), encoding="utf-8")
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    one, other = (read_dialogues(file)[0] for file in files)
    fit = run(files)

    assert len(mix_conversations(one, other).exchanges) == 24
    assert fit.cases == 4
    assert set(fit.weights.short) == set(SIGNALS)
    assert fit.before == fit.after == (1.0, 1.0, 1.0)
    assert len(render(fit).splitlines()) == 4 + len(SIGNALS)
