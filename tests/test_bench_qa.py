"""Question answering over a conversation made here: scores computed by hand, and a run against a real endpoint."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.cli.bench.qa import Report, bleu_1, render, run, to_json, token_f1
from memoryos_mcp.domain.errors import AnalyzerUnavailableError, ConfigError, InputError
from memoryos_mcp.domain.settings import Settings, load_settings

from .scripted_endpoint import Asked, Outcome, ScriptedEndpoint, fails

TALK = {
    "speaker_a": "Ann",
    "speaker_b": "Bo",
    "session_1_date_time": "1:56 pm on 8 May, 2023",
    "session_1": [
        {"speaker": "Bo", "dia_id": "D1:1", "text": "Hello Ann!"},
        {"speaker": "Ann", "dia_id": "D1:2", "text": "I moved to Oslo yesterday."},
        {"speaker": "Ann", "dia_id": "D1:3", "text": "It rains."},
        {"speaker": "Bo", "dia_id": "D1:4", "text": "Oslo is nice."},
    ],
    "session_2_date_time": "10:00 am on 9 June, 2023",
    "session_2": [{"speaker": "Ann", "dia_id": "D2:1", "text": "I bought a piano."}],
}
QUESTIONS = [
    {"question": "When did Ann move to Oslo?", "answer": "7 May 2023", "evidence": ["D1:2"], "category": 2},
    {"question": "What did Ann buy?", "answer": "a piano", "evidence": ["D2:1"], "category": 4},
    {"question": "How many?", "answer": 1, "evidence": [], "category": 1},
    {"question": "What did Bo buy?", "adversarial_answer": "a piano", "evidence": ["D2:1"], "category": 5},
]
SAID = {"When": "7 May 2023", "What did Ann": "piano", "How": "one or 1", "What did Bo": "It is not mentioned."}


def knows(asked: Asked) -> Outcome:
    """Answer by the question's first words; an analysis it refuses."""
    question = str(asked.payload["messages"][-1]["content"]).partition("Question: ")[2]
    return Outcome(next((answer for start, answer in SAID.items() if question.startswith(start)), ""))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of one conversation."""
    path = tmp_path / "talk.json"
    path.write_text(json.dumps([{"conversation": TALK, "qa": QUESTIONS}]), encoding="utf-8")
    return path


@pytest.fixture
def served() -> Iterator[ScriptedEndpoint]:
    """Return an endpoint that knows the answers."""
    with ScriptedEndpoint(knows) as endpoint:
        yield endpoint


@pytest.fixture
def settings(served: ScriptedEndpoint, tmp_path: Path) -> Settings:
    """Return settings that name it, for answers alone."""
    return load_settings(
        {"openai_base_url": served.url, "llm_model": "scripted", "analyzer": "local", "embedder": "bundled"}
        | {"data_dir": tmp_path / "mine"},
        environ={},
    )


@pytest.mark.parametrize(
    ("given", "wanted", "f1", "bleu"),
    [
        ("7 May 2023", "7 May 2023", 1.0, 1.0),
        ("The piano.", "a piano", 1.0, 0.5),
        ("on 7 May 2023", "7 May 2023", 6 / 7, 3 / 4),
        ("May", "7 May 2023", 0.5, 2.718281828 ** (1 - 3)),
        ("tea tea", "tea", 2 / 3, 0.5),
        ("", "tea", 0.0, 0.0),
        ("no", "tea", 0.0, 0.0),
    ],
)
def test_scores_can_be_computed_by_hand(given: str, wanted: str, f1: float, bleu: float) -> None:
    """The paper's measures: harmonic mean over words; clipped precision with the brevity penalty."""
    assert token_f1(given, wanted) == pytest.approx(f1)
    assert bleu_1(given, wanted) == pytest.approx(bleu)


def test_a_run_answers_from_memory_alone_and_scores_by_category(
    file: Path, settings: Settings, served: ScriptedEndpoint
) -> None:
    """Ours: the real engine, a real endpoint, one call an answer; the data folder of the settings is not touched."""
    steps: list[tuple[int, int]] = []
    report = run(file, settings, progress=lambda done, total: steps.append((done, total)))

    assert (report.conversations, report.pages, steps[-1]) == (1, 2, (4, 4))
    assert {score.kind: round(score.f1) for score in report.scores} == {
        "multi-hop": 50, "temporal": 100, "single-hop": 100, "adversarial": 100
    }  # fmt: skip
    assert (report.overall.questions, round(report.overall.f1)) == (3, 83)
    assert report.per_answer()["calls"] == 1
    assert report.usage.prompt_tokens == served.prompt_tokens
    asked = str(served.asked[1].payload["messages"][-1]["content"])
    assert "piano" in asked
    assert asked.startswith("| ")
    assert settings.data_dir.exists() is False
    _looks_right(report)


def test_the_model_answers_questions_first_and_reads_pages_only_when_told_to(
    file: Path, settings: Settings, served: ScriptedEndpoint
) -> None:
    """Ours: with a key set, the analysis of thousands of pages kept the model from the questions."""
    run(file, settings.model_copy(update={"analyzer": "auto", "short_term_capacity": 1}))
    assert ["Question: " in str(asked.payload["messages"][-1]["content"]) for asked in served.asked] == [True] * 4

    run(file, settings.model_copy(update={"analyzer": "openai", "short_term_capacity": 1}), limit=1)
    assert len(served.asked) > 5


def test_a_run_that_is_stopped_shows_what_it_has(file: Path, settings: Settings) -> None:
    """Ours: hours of answers were lost at Ctrl-C."""

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    report = run(file, settings, progress=stop)

    assert (len(report.answers), report.questions, report.usage.calls) == (2, 4, 2)
    assert "2 of 4 (stopped early) questions" in render(report)


def _looks_right(report: Report) -> None:
    table = render(report)
    assert "single-hop                         1  100.00   36.79" in table
    assert "per answer: 1.00 calls" in table
    document: dict[str, Any] = json.loads(json.dumps(to_json(report)))
    assert document["answers"][0]["given"] == "7 May 2023"
    assert document["per_answer"]["calls"] == 1


def test_without_a_model_it_says_what_it_needs(file: Path) -> None:
    """Ours: before anything is read or stored."""
    with pytest.raises(ConfigError, match=r"OPENAI_API_KEY, or OPENAI_BASE_URL .* MEMORYOS_LLM_MODEL"):
        run(file, load_settings(environ={}))


def test_a_model_that_fails_now_and_then_costs_points_not_the_run(
    file: Path, settings: Settings, served: ScriptedEndpoint
) -> None:
    """Ours: an answer that did not come is wrong, and is counted."""
    served.script(fails(404))

    report = run(file, settings, limit=2)

    assert [answer.given for answer in report.answers] == ["", "piano"]
    assert report.usage.failures == 1


def test_a_model_that_is_down_ends_the_run(file: Path, settings: Settings, served: ScriptedEndpoint) -> None:
    """Ours: a table of noughts would be a lie."""
    served.default = fails(404)

    with pytest.raises(AnalyzerUnavailableError):
        run(file, settings)
    assert served.calls == 3


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '[{"qa": []}]', "3", '["a"]'])
def test_another_file_is_refused_by_name(tmp_path: Path, settings: Settings, text: str) -> None:
    """Ours: with what was expected."""
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=r"other\.json"):
        run(path, settings)
    with pytest.raises(InputError, match=r"missing\.json"):
        run(tmp_path / "missing.json", settings)
