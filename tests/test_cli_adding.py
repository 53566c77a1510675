"""The command `add`: one exchange, many from stdin, what is refused, and the consolidation that follows."""

import json
from dataclasses import replace

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.records import Status

from .command_line import AT, OSLO, Run, exchange, lines, piped


def test_the_same_exchange_is_known_already(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: same texts and timestamp are one page."""
    assert run("add", *OSLO, *AT) == 0
    assert run("add", *OSLO, *AT) == 0

    assert "0 stored, 1 known already" in capsys.readouterr().out


def test_json_lines_are_stored_in_order_with_progress_on_stderr(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: stdout is for the results alone."""
    piped(monkeypatch, lines([exchange(number) for number in range(1, 5)]) + b"\n\n")

    assert run("add", "--json") == 0
    shown = capsys.readouterr()
    assert [json.loads(line)["status"] for line in shown.out.splitlines()] == ["stored"] * 4
    assert "adding: 4 of 4" in shown.err


def test_metadata_comes_back_unchanged(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: metadata is the caller's."""
    assert run("add", *OSLO, "--metadata", '{"thread": [1, null, "ö"]}') == 0
    capsys.readouterr()
    assert run("recall", "Oslo", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert found["short_term"][0]["page"]["metadata"] == {"thread": [1, None, "ö"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nonsense\n", "line 1 is not JSON"),
        (b"[" * 100_000, "line 1 is not JSON"),
        (b'{"user_input": "a", "agent_response": "b"}\n[1]\n', "line 2 must be a JSON object, got list"),
        (b'{"user_input": "a"}\n', "line 1 lacks agent_response"),
        (b'{"user_input": "a", "agent_response": "b", "who": 1}\n', "line 1 has unknown keys who; known are"),
        (b"\xff\xfe", "stdin is not UTF-8"),
    ],
)
def test_lines_that_cannot_be_read_store_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    """Ours: all lines are read before the first is stored."""
    piped(monkeypatch, content)

    assert run("add") == 2
    assert said in capsys.readouterr().err
    assert run("status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["short_term_pages"] == 0


def test_a_value_that_is_refused_names_its_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: the error says which line, and what happened to those before it."""
    piped(monkeypatch, lines([exchange(1), {**exchange(2), "timestamp": "soon"}]))

    assert run("add") == 2
    assert "line 2: timestamp 'soon' cannot be read" in (said := capsys.readouterr().err)
    assert "the 1 before it are stored" in said


def test_an_option_that_is_refused_names_no_line(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: there is no line to name."""
    assert run("add", *OSLO, "--timestamp", "soon") == 2
    assert capsys.readouterr().err.startswith("error: timestamp 'soon' cannot be read")


def test_metadata_that_is_no_json_is_an_error(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the message names the option."""
    assert run("add", *OSLO, "--metadata", "{no") == 2
    assert "--metadata is not JSON" in capsys.readouterr().err


def test_add_at_a_terminal_asks_for_input(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: it does not wait silently for lines nobody will type."""
    piped(monkeypatch, b"")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)

    assert run("add") == 2
    assert "JSON lines on stdin" in capsys.readouterr().err


def test_what_was_added_is_consolidated_when_the_command_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: nobody else may open this memory for days."""
    piped(monkeypatch, lines([exchange(number) for number in range(1, 15)]))

    assert run("add") == 0
    assert run("status", "--json") == 0
    shown = capsys.readouterr()
    found = json.loads(shown.out.splitlines()[-1])
    assert "14 stored, 0 known already, 0 pending" in shown.out
    assert (found["short_term_pages"], found["mid_term_pages"], found["pending"]) == (10, 4, 0)


def test_consolidation_can_be_left_to_others(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the page is on disk either way; a host's model answers when it is asked to."""
    assert run("add", *OSLO, "--no-wait") == 0
    assert run("add", *OSLO, *AT, "--analyzer", "host") == 0

    assert "consolidating" not in capsys.readouterr().err


def test_consolidation_that_fails_is_told_and_left_for_later(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: what was stored stays stored, so the command has not failed."""
    status = Memoryos.status

    def failing(self: Memoryos) -> Status:
        return replace(status(self), pending=3, last_error="the disk is full")

    monkeypatch.setattr(Memoryos, "status", failing)
    monkeypatch.setattr(Memoryos, "settle", lambda self, timeout: False)

    assert run("add", *OSLO) == 0
    assert "left for later: the disk is full" in capsys.readouterr().err
