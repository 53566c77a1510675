"""`bench recall` and `bench scale` from end to end, small, on the real engine."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli.bench import recall, scale, wire
from memoryos_mcp.cli.bench.filler import fill, made_up_talk, told_talk
from memoryos_mcp.cli.bench.leaving_out import INGREDIENTS, Asking, without_each
from memoryos_mcp.cli.bench.probe import memory_mb
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.domain.settings import load_settings

from .test_bench_parts import locomo_file

TALK = [
    ("Ann", "I bought a red kite at the market."),
    ("Bob", "How nice! I went sailing."),
    ("Ann", "Where did you sail?"),
    ("Bob", "On lake Garda, with my brother."),
]
QUESTIONS = [
    {"question": "What did Ann buy?", "answer": "a red kite", "evidence": ["D1:1"], "category": 4},
    {"question": "Where did Bob sail?", "answer": "lake Garda", "evidence": ["D1:4"], "category": 1},
]


def test_the_engine_is_measured_beside_two_baselines(tmp_path: Path) -> None:
    """Ours: everything fits the budget here, so all find everything; the report can be printed and kept."""
    steps: list[tuple[int, int]] = []
    file = locomo_file(tmp_path, TALK, TALK[:2], questions=QUESTIONS)
    plan = recall.Plan(budgets=(300, 1000), off_topic=("Who won the cup?",))
    (report,) = recall.run([file], plan, lambda done, total: steps.append((done, total)))

    assert (report.file, report.dialogues, report.pages, report.questions) == ("locomo.json", 1, 3, 2)
    assert report.methods[0].name == recall.ENGINE
    assert [method.recall for method in report.methods] == [{300: 100.0, 1000: 100.0}] * 3
    assert report.kinds == {"single-hop": 100.0, "multi-hop": 100.0}
    assert (report.economy.recall, report.economy.answerable.prompts, report.economy.off_topic.prompts) == (100, 2, 1)
    assert report.economy.others.prompts == 0
    assert steps == [(done, 5) for done in range(1, 6)]
    text = recall.render(report)
    assert "BM25 over chunks" in text
    assert "off topic: median" in text
    assert "other conversations" not in text
    assert json.loads(json.dumps(recall.to_json(report)))["questions"] == 2


def test_chats_and_questions_are_bounded_and_other_peoples_questions_asked(tmp_path: Path) -> None:
    """Ours: what a question about another conversation costs is measured where there is another."""
    item = json.loads(locomo_file(tmp_path, TALK, questions=QUESTIONS).read_text(encoding="utf-8"))[0]
    file = tmp_path / "three.json"
    file.write_text(json.dumps([{**item, "sample_id": str(at)} for at in range(3)]), encoding="utf-8")
    (report,) = recall.run([file], recall.Plan(budgets=(200,), chats=2, questions=1))

    assert (report.dialogues, report.questions, report.shown) == (2, 2, 200)
    assert report.economy.others.prompts == 2


def test_misses_are_named_and_each_ingredient_is_worth_something(tmp_path: Path) -> None:
    """Ours: beyond the budget evidence is missed, and named; without one ingredient everything is asked again."""
    long = [("Ann", f"The weather on day {day} was fine, {'with wind and clouds ' * 12}.") for day in range(6)]
    file = locomo_file(tmp_path, TALK, long, questions=[{**QUESTIONS[0], "evidence": ["D1:1", "D2:1", "D2:2", "D2:3"]}])
    (report,) = recall.run([file], recall.Plan(budgets=(120,), leave_out=True))
    (miss,) = report.misses
    assert (miss.question, miss.kind, miss.budget) == ("What did Ann buy?", "single-hop", 120)
    assert 0 < len(miss.missing) < 4
    assert [method.name for method in report.left_out] == list(INGREDIENTS)
    assert all(list(method.recall) == [120] for method in report.left_out)
    text = recall.render(report, misses=1)
    assert "without one ingredient" in text
    assert "-> a red kite" in text


def test_a_signal_left_out_takes_no_part(tmp_path: Path) -> None:
    """Ours: leave-one-out measures what it says; with neither facts nor the words' weight the reply differs."""
    settings = load_settings(
        {"data_dir": tmp_path / "data", "embedder": "bundled", "analyzer": "local", "user_name": "Ann"}, environ={}
    )
    with Memoryos(settings) as memory:
        memory.add_memory("I bought a red kite at the market.", "How nice!")
        memory.remember_fact("Ann flies red kites", about="user")
        assert memory.settle(5)
    replies: dict[str, str] = {}

    def ask(asking: Asking) -> None:
        replies[asking.name] = asking.ask("Which kite did Ann buy?", 500)

    without_each(settings, ask)
    assert set(replies) == set(INGREDIENTS)
    assert "flies red kites" in replies["words (BM25)"]
    assert "flies red kites" not in replies["facts and profile"]
    assert "Ann" in replies["vectors"]
    assert "User" in replies["both names"]


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    """Ours: there would be nothing to measure."""
    with pytest.raises(InputError, match="no question with evidence"):
        recall.run([locomo_file(tmp_path, TALK)], recall.Plan())


def test_filling_writes_what_consolidation_would(tmp_path: Path) -> None:
    """Ours: the engine finds nothing to repair, and its counts are those of the filler."""
    settings = load_settings({"data_dir": tmp_path / "data", "embedder": "bundled", "analyzer": "local"}, environ={})
    done: list[int] = []
    talk = made_up_talk()
    fill(settings, talk, 0, 30, done.append)
    fill(settings, talk, 30, 45, done.append)
    with Memoryos(settings) as memory:
        assert memory.settle(5)
        status = memory.status()
        assert (status.mid_term_pages, status.segments, status.last_error) == (45, 2 + 1, None)
        assert memory.retrieve_context(talk.questions[0]).mid_term
    assert done == [30, 45]


def test_told_talk_repeats_without_repeating_a_page(tmp_path: Path) -> None:
    """Ours: the same exchange at another round is another page."""
    talk = told_talk([locomo_file(tmp_path, TALK, questions=QUESTIONS)])
    rounds = [next(talk.exchanges) for _ in range(6)]
    assert len(set(rounds)) == 6
    assert talk.questions == ("What did Ann buy?", "Where did Bob sail?")


def once(measure: Callable[..., Any]) -> Callable[..., Any]:
    """Return *measure* as it is called first; later calls give what that one found."""
    found: list[Any] = []

    def call(*arguments: Any) -> Any:
        found.extend([] if found else [measure(*arguments)])
        return found[0]

    return call


def test_scale_measures_each_size_beside_raw_chroma(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: over stdio and from within, in processes of their own, and filled further in one go, which is not timed."""
    monkeypatch.setattr(scale, "_ADDS", 11)
    monkeypatch.setattr(scale, "_QUESTIONS", 3)
    for name in ("ask", "_probe"):  # starting processes takes seconds: the second size has the figures of the first
        monkeypatch.setattr(scale, name, once(getattr(scale, name)))
    written: list[tuple[int, int]] = []
    report = scale.run((10, 20), progress=lambda done, total: written.append((done, total)))

    assert [size.pages for size in report.sizes] == [10, 20]
    assert all(size.disk_mb > 0 and size.add_ratio > 0 for size in report.sizes)
    assert min(min(asdict(size.engine).values()) for size in report.sizes) > 0
    assert min(min(asdict(size.host).values()) for size in report.sizes) > 0
    assert written[0] == (10, 40)
    assert written[-1] == (40, 40)
    assert "times as long at 20 pages as at 10" in scale.render(report)
    assert json.loads(json.dumps(scale.to_json(report)))["sizes"][1]["pages"] == 20


def test_a_server_that_cannot_serve_is_named(tmp_path: Path) -> None:
    """Ours: the benchmark says what failed rather than timing errors."""
    with wire.Host(tmp_path, {"MEMORYOS_EMBEDDER": "bundled"}) as host:
        with pytest.raises(RuntimeError, match="retrieve_context failed"):
            host.call("retrieve_context", {"query": ""})
        assert memory_mb() > 0


@pytest.mark.parametrize("sizes", [(), (0,), (5, 5), (9, 3)])
def test_sizes_that_do_not_grow_are_refused(sizes: tuple[int, ...]) -> None:
    """Ours: memory is filled further from size to size."""
    with pytest.raises(ValueError, match="must grow"):
        scale.run(sizes)
