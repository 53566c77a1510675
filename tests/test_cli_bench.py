"""The commands `bench ...` as skins: what they hand on and show; what the figures mean is tested with `bench`."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.cli.bench.probe import Figures
from memoryos_mcp.cli.bench.qa import Report, Score
from memoryos_mcp.cli.bench.scale import ScaleReport, Size
from memoryos_mcp.cli.bench.startup import Startup
from memoryos_mcp.cli.bench.wire import WireFigures
from memoryos_mcp.cli.stopping import sigterm_as_interrupt
from memoryos_mcp.generation.llm import Usage


@pytest.fixture
def locomo_file(tmp_path: Path) -> Path:
    """Return one conversation of two sessions with two questions, as LoCoMo publishes them."""
    said = {
        "session_1": ["I bought a red bicycle.", "How nice!", "It was forty euros.", "A bargain."],
        "session_2": ["My cat is called Pickle.", "A good name.", "She is three.", "Still young."],
    }
    conversation: dict[str, Any] = {"speaker_a": "Nadia", "speaker_b": "Owen"}
    for number, (name, texts) in enumerate(said.items(), start=1):
        conversation[f"{name}_date_time"] = f"1:00 pm on {number} May, 2023"
        conversation[name] = [
            {"speaker": ("Nadia", "Owen")[place % 2], "dia_id": f"D{number}:{place + 1}", "text": text}
            for place, text in enumerate(texts)
        ]
    qa = [
        {"question": "What did Nadia buy?", "answer": "a red bicycle", "evidence": ["D1:1"], "category": 4},
        {"question": "What is the cat called?", "answer": "Pickle", "evidence": ["D2:1"], "category": 4},
    ]
    path = tmp_path / "locomo.json"
    path.write_text(json.dumps([{"sample_id": "one", "conversation": conversation, "qa": qa}]), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's settings out."""
    for name in ("MEMORYOS_CONFIG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_recall_shows_a_table_with_the_baselines(
    locomo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: the engine beside simpler ways, on the budgets asked for, and what replies cost."""
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("What is the boiling point of nitrogen?\nhi\n", encoding="utf-8")
    given = ["--budget", "200", "--questions", "1", "--chats", "1", "--offtopic", str(prompts)]
    assert main(["bench", "recall", str(locomo_file), *given]) == 0
    shown = capsys.readouterr()

    assert "1 conversations, 4 pages, 1 questions with evidence; embedder bundled" in shown.out
    assert "BM25 over chunks" in shown.out
    assert "default call: " in shown.out
    assert "off topic: median" in shown.out
    assert "telling and asking: 5 of 5" in shown.err


def test_recall_tells_programs_the_same_of_every_file(locomo_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: one JSON document."""
    assert main(["bench", "recall", str(locomo_file), str(locomo_file), "--budget", "200", "--json"]) == 0
    assert [report["questions"] for report in json.loads(capsys.readouterr().out)] == [2, 2]


@pytest.mark.parametrize("command", ["recall", "qa"])
def test_a_file_of_another_kind_is_an_error(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: named on stderr, without a traceback."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    path = tmp_path / "other.json"
    path.write_text("{}", encoding="utf-8")

    assert main(["bench", command, str(path)]) == 2
    assert (capsys.readouterr().err).splitlines()[-1].startswith("error: ")


def test_an_embedder_that_is_not_measured_is_wrong_usage(locomo_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a setting is not silently without effect."""
    assert main(["bench", "recall", str(locomo_file), "--embedder", "openai"]) == 2
    assert "--embedder bundled or minilm, not openai" in capsys.readouterr().err


def test_qa_without_a_model_says_what_to_set(locomo_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the way out is named."""
    assert main(["bench", "qa", str(locomo_file)]) == 2
    assert "OPENAI_API_KEY" in capsys.readouterr().err


def test_qa_shows_what_the_model_scored(
    locomo_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: the figures of `bench.qa`, as a table and as JSON; the model itself is tested there."""
    score = Score("overall", 2, 50.0, 40.0)
    report = Report("a-model", 1500, 1, 4, 0, (score,), score, Usage(), ())
    monkeypatch.setattr("memoryos_mcp.cli.bench.qa.run", lambda *_, **__: report)

    assert main(["bench", "qa", str(locomo_file)]) == 0
    assert "a-model" in capsys.readouterr().out
    assert main(["bench", "qa", str(locomo_file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["overall"]["f1"] == 50.0


def test_a_request_to_end_interrupts_a_run_and_nothing_after_it() -> None:
    """Ours: SIGTERM ended the process with everything that was measured."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), sigterm_as_interrupt():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_scale_refuses_sizes_that_do_not_grow(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: each size is reached from the one before."""
    assert main(["bench", "scale", "--size", "20", "--size", "10"]) == 2
    assert "sizes must grow" in capsys.readouterr().err


def test_scale_shows_a_line_for_each_size(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the figures of `bench.scale`, as a table and as JSON; what they mean is tested there."""
    host = WireFigures(900.0, 20.0, 30.0, 12.0, 200.0)
    size = Size(20, 1.0, host, Figures(15.0, 20.0, 10.0, 12.0, 90.0, 8.0, 2.0), 3.0)
    report = ScaleReport("bundled", "made-up pages", (size,))
    monkeypatch.setattr("memoryos_mcp.cli.bench.scale.run", lambda *_, **__: report)

    assert main(["bench", "scale", "--size", "20"]) == 0
    shown = capsys.readouterr().out
    assert "adding takes 1.2 times raw Chroma's" in shown
    assert "retrieving over stdio takes 10.0 times raw Chroma's" in shown
    assert "adding page after page over stdio, consolidation running, takes 1.5 times raw Chroma's" in shown
    assert main(["bench", "scale", "--size", "20", "--json"]) == 0
    assert [size["pages"] for size in json.loads(capsys.readouterr().out)["sizes"]] == [20]


def test_startup_shows_both_times_and_their_ratio(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: the figure that hosts feel, beside a bare server's."""
    monkeypatch.setattr("memoryos_mcp.cli.bench.startup.measure", lambda runs: Startup(runs, 500.0, 550.0))

    assert main(["bench", "startup", "--runs", "3"]) == 0
    assert capsys.readouterr().out == "initialize, median of 3: 550 ms; a bare server 500 ms\nratio 1.10\n"
    assert main(["bench", "startup", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"runs": 11, "bare_ms": 500.0, "ours_ms": 550.0, "ratio": 1.1}
