"""The demonstration: its story holds together, it runs on the real memory, and it fails when something is missing."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import cast

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.cli.demo.run import BUDGET_TOKENS, Answer, ask, feed
from memoryos_mcp.cli.demo.script import LABEL_KEY, Question, conversation, questions
from memoryos_mcp.cli.waiting import settle
from memoryos_mcp.domain.settings import load_settings

TIMEOUT_S = 5
README = Path(__file__).parent.parent / "README.md"


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Memoryos]:
    """Return a memory that holds the whole conversation, consolidated."""
    folder = tmp_path_factory.mktemp("demo")
    settings = load_settings({"data_dir": folder, "analyzer": "local", "embedder": "bundled"}, environ={})
    with Memoryos(settings) as memory:
        feed(memory, conversation(), lambda _: None)
        assert settle(memory, lambda _: None)
        yield memory


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep this machine's settings out, and anything that would be written by mistake."""
    for name in ("MEMORYOS_CONFIG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "not-this-one"))


def test_the_conversation_spans_months_and_is_in_order() -> None:
    """Ours: 40 to 60 exchanges over about twelve dates in several months."""
    exchanges = conversation()
    times = [exchange.timestamp for exchange in exchanges]

    assert 40 <= len(exchanges) <= 60
    assert times == sorted(times)
    assert len({moment.date() for moment in times}) == 12
    assert times[-1] - times[0] > timedelta(days=100)
    assert len({exchange.label for exchange in exchanges}) == len(exchanges)


def test_every_question_can_be_answered_from_its_pages() -> None:
    """Ours: the words a question wants stand in the pages it names."""
    by_label = {exchange.label: exchange for exchange in conversation()}

    for question in questions():
        said = " ".join(f"{by_label[name].user_input} {by_label[name].agent_response}" for name in question.pages)
        assert [word for word in question.words if word.casefold() not in said.casefold()] == []


def test_every_question_brings_back_what_it_needs(memory: Memoryos) -> None:
    """Ours: the demonstration is the main job end to end: single facts, corrections, dates, two pages at once."""
    answers = [ask(memory, question) for question in questions()]

    assert [(a.question.question, a.missing_pages, a.missing_words) for a in answers if not a.ok] == []
    assert all(answer.retrieval.token_count <= BUDGET_TOKENS for answer in answers)


def test_pages_keep_their_date_and_label(memory: Memoryos) -> None:
    """Ours: what was said in January is remembered as of January."""
    answer = ask(memory, questions()[0])

    assert answer.found[0].hit.page.timestamp == datetime(2025, 1, 19, 17, 37, tzinfo=timezone.utc)
    assert answer.found[0].hit.page.metadata == {LABEL_KEY: "jan-19/3"}
    assert answer.found[0].tier == "mid-term"


def test_old_pages_are_in_mid_term_and_new_ones_in_short_term(memory: Memoryos) -> None:
    """The paper's tiers: a FIFO of ten, everything older in segments."""
    assert memory.settle(TIMEOUT_S)
    status = memory.status()

    assert status.pending == 0
    assert (status.short_term_pages, status.mid_term_pages) == (10, len(conversation()) - 10)
    assert status.segments > 1


def test_long_term_memory_learnt_who_the_user_is(memory: Memoryos) -> None:
    """Ours: facts said once do not wait for their topic to get hot."""
    profile = memory.get_user_profile()
    known = " ".join(fact.fact.casefold() for fact in profile.user_knowledge)

    assert "hazelnut" in known
    assert "leila" in known
    assert {entry.value for entry in profile.static if entry.name == "name"} == {"Nadia"}


def test_a_corrected_fact_no_longer_holds(memory: Memoryos) -> None:
    """Ours: facts are superseded, not overwritten."""
    facts = [fact for fact in memory.get_user_profile().user_knowledge if fact.superseded_by is None]

    assert [fact.fact for fact in facts if "Cardiff" in fact.fact]
    assert [fact.fact for fact in facts if "physiotherapist at a small clinic in Bristol" in fact.fact] == []


def test_what_is_not_remembered_is_said(memory: Memoryos) -> None:
    """Ours: the demonstration can fail."""
    question = Question("What am I allergic to?", "made up", "wasps", ("wasps",), ("jan-19/3", "jun-31/1"))
    answer = ask(memory, question)

    assert (answer.ok, answer.missing_pages, answer.missing_words) == (False, ("jun-31/1",), ("wasps",))


class Stalled:
    """A memory whose work never ends: of what `settle` asks, three pages pending and an error or none."""

    def __init__(self, last_error: str | None) -> None:
        self.pending, self.last_error = 3, last_error

    def settle(self, timeout: float) -> bool:
        return False

    def status(self) -> "Stalled":
        return self


@pytest.mark.parametrize(("last_error", "deadline_s"), [(None, 0.0), ("the disk is full", 60.0)])
def test_settling_gives_up_at_its_deadline_or_an_error(last_error: str | None, deadline_s: float) -> None:
    """Ours: every wait has a bound."""
    shown: list[int] = []

    assert not settle(cast("Memoryos", Stalled(last_error)), shown.append, deadline_s=deadline_s)
    assert shown == [3]


def test_the_command_shows_what_is_remembered_and_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Ours: the README's first command, and the memory it leaves alone."""
    assert main(["demo", "--keep", str(tmp_path / "kept")]) == 0
    shown = capsys.readouterr()

    for question in questions():
        assert question.question in shown.out
    for word in ("mid-term, jan-19/3, 2025-01-19, page p", "score ", "Profile of default", "by heat"):
        assert word in shown.out
    assert f"{len(questions())} of {len(questions())} questions brought back what they need" in shown.out
    assert "adding pages: 50 of 50" in shown.err
    assert not (tmp_path / "not-this-one").exists()
    assert main(["--data-dir", str(tmp_path / "kept"), "--embedder", "bundled", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["mid_term_pages"] == 40
    assert main(["--data-dir", str(tmp_path / "kept"), "--embedder", "bundled", "status"]) == 0
    assert "heat  pages  unread  segment" in capsys.readouterr().out


def test_the_readme_shows_what_recall_shows(
    memory: Memoryos, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: real output, but for the figures, which may move a little."""
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    blocks = re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    (block,) = [each for each in blocks if " recall " in each]
    lines = block.removesuffix(" ...\n").splitlines()
    (at,) = [number for number, line in enumerate(lines) if " recall " in line]
    words, wanted = shlex.split(lines[at].removeprefix("$ ")), lines[at + 1 :]

    assert main(["--data-dir", str(memory.settings.data_dir), *words[3:]]) == 0
    shown = capsys.readouterr().out.splitlines()[: len(wanted)]
    assert [unnumbered(line) for line in shown] == [unnumbered(line) for line in wanted]


def unnumbered(line: str) -> str:
    """Return a line of output without counts, scores and their parts."""
    if line.lstrip().startswith("score"):
        return "score"
    return re.sub(r"\d+", "N", line) if "tokens" in line else line


def test_the_command_tells_programs_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: one JSON document, and nothing is left behind."""
    assert main(["demo", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)

    assert [answer["ok"] for answer in document["answers"]] == [True] * len(questions())
    assert not Path(document["status"]["storage"].split(" in ")[-1]).exists()


def test_the_command_fails_when_an_answer_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: a demonstration that always succeeds would show nothing."""

    def unanswered(memory: Memoryos, question: Question) -> Answer:
        retrieval = memory.retrieve_context(question.question, max_tokens=BUDGET_TOKENS)
        return Answer(question, retrieval, (), question.pages, question.words, 0.0)

    monkeypatch.setattr("memoryos_mcp.cli.demo.run.ask", unanswered)

    assert main(["demo"]) == 1
    assert "NOT FOUND: page jan-19/3, 'hazelnut', 'EpiPen'" in capsys.readouterr().out


def test_the_command_fails_when_consolidation_does_not_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: what is shown then would not be the whole."""
    monkeypatch.setattr("memoryos_mcp.cli.demonstrating.settle", lambda memory, shown, deadline_s: False)

    assert main(["demo"]) == 1
    assert "error: consolidation did not finish" in capsys.readouterr().err


def test_a_folder_in_use_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: an invented person must not get into someone's memory."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")

    assert main(["demo", "--keep", str(tmp_path)]) == 2
    assert "is not an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
