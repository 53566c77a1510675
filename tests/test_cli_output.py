"""What the command line writes, where, and how it ends when the reader has gone."""

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from rich.table import Table

from memoryos_mcp.cli import output, show
from memoryos_mcp.cli.doctor.finding import Finding
from memoryos_mcp.domain.counting import counted
from memoryos_mcp.domain.records import Fact, Profile, Segment, Status, Trait

START_S = 30
"""A new process, on a machine that may be busy."""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_at_a_terminal_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: on stderr, so that stdout holds results alone."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with output.progress("adding", 3) as advance:
        for done in range(1, 4):
            advance(done)

    assert "adding" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()


def test_progress_elsewhere_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a log is not filled with bars."""
    with output.progress("adding", 100) as advance:
        for done in range(101):
            advance(done)

    shown = capsys.readouterr()
    assert shown.err.splitlines() == [f"adding: {done} of 100" for done in (0, 25, 50, 75, 100)]
    assert shown.out == ""


def test_progress_of_nothing_is_done_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: no division by zero, and no "0 of 0"."""
    with output.progress("adding", 0) as advance:
        advance(0)

    assert capsys.readouterr().err == ""


def test_results_at_a_terminal_use_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a table fits the window it is shown in."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    table = Table.grid()
    table.add_row("word " * 30)

    output.say(table)

    assert max(len(line) for line in terminal.getvalue().splitlines()) <= 40


def test_results_elsewhere_end_without_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: what is piped on can be compared line by line."""
    output.say(show.heading("title"))
    output.blank()

    assert capsys.readouterr().out == "title\n\n"


def test_json_stays_whole_where_utf8_is_not_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a console in another encoding must not lose characters."""
    for encoding, wanted in (("ascii", b'"\\u00f6"\n'), ("utf-8", '"ö"\n'.encode())):
        raw = io.BytesIO()
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding, write_through=True, newline="\n"))
        output.emit_json("ö")
        assert raw.getvalue() == wanted


def test_text_stays_readable_where_utf8_is_not_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the code of a character instead of a traceback."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True, newline="\n"))

    output.prepare()
    output.raw("ö 漢")

    assert raw.getvalue() == b"\\xf6 \\u6f22\n"


def test_a_stream_that_takes_any_text_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: not every stream has an encoding."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)

    output.prepare()
    output.raw("漢")

    assert terminal.getvalue() == "漢\n"


@pytest.mark.parametrize("arguments", [["--help"], ["status", "--json"]])
def test_a_reader_that_has_gone_ends_the_command_quietly(arguments: list[str], tmp_path: Path) -> None:
    """The shells': `memoryos-mcp ... | head` is no error to complain about."""
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "MEMORYOS_DATA_DIR": str(tmp_path), "MEMORYOS_EMBEDDER": "bundled"}
    done = subprocess.run(
        [sys.executable, "-m", "memoryos_mcp", *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment,
        timeout=START_S,
        check=False,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (1, b"")


def test_an_excerpt_shows_the_place_that_was_asked_for() -> None:
    """Ours: what matters may stand at the end of a long text."""
    text = "Nothing to see here at all. " * 20 + "She keeps bees."

    assert show.excerpt("Short.", ("bees",)) == "Short."
    assert "bees" in show.excerpt(text, ("bees",))
    assert show.excerpt(text, ()).startswith("Nothing")
    assert len(show.excerpt(text, ("bees",), 50)) <= 50 + len("... ...")


def test_a_fact_says_what_it_is_and_whether_it_is_past(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: an ended plan must not look as if it held."""
    said = datetime(2025, 1, 19, tzinfo=timezone.utc)
    ended = Fact("f1", "Use JWT", "user", (), said, kind="decision", project="api", pinned=True, expires=said)
    output.say(show.facts([ended, replace(ended, expires=datetime.max.replace(tzinfo=timezone.utc), pinned=False)]))
    first, second = capsys.readouterr().out.splitlines()[1:]

    assert "decision, api, pinned, past" in first
    assert "decision, api " in second


def test_a_count_has_its_word_in_the_right_number() -> None:
    """Ours: "1 users" reads like a fault; nothing is a plural too."""
    assert [counted(count, "page") for count in (0, 1, 2, 1200)] == ["0 pages", "1 page", "2 pages", "1,200 pages"]
    assert [counted(count, "index", "indexes") for count in (1, 2)] == ["1 index", "2 indexes"]


def test_a_segment_says_how_many_of_its_pages_no_promotion_has_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: after a promotion a segment of nine pages is hardly warm, and the table says why."""
    made = datetime(2026, 3, 4, tzinfo=timezone.utc)
    output.say(show.segments([(Segment("s1", "On cats", ("cat",), made, made, pages=9, interactions=2), 3.0)]))

    head, row, legend = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["heat", "pages", "unread", "segment"]
    assert row.split()[:4] == ["3.00", "9", "2", "s1"]
    assert "unread pages" in legend


def test_a_score_shows_its_parts_largest_first() -> None:
    """Ours: parts that add nothing are left out."""
    assert show.why(1.5, {"date": 0.0, "vector": 0.5, "lexical": 1.0}) == "score 1.50 = lexical 1.00 + vector 0.50"
    assert show.why(0.0, {}) == "score 0.00"


def test_json_of_the_command_line_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: one line where a program reads it."""
    output.emit_json({"a": [1, 2]})

    assert json.loads(capsys.readouterr().out) == {"a": [1, 2]}


def test_a_trait_shows_its_level_evidence_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: nobody should have to believe a trait without its evidence."""
    said = datetime(2025, 1, 19, tzinfo=timezone.utc)
    trait = Trait("Curiosity", "high", "asks why", ("p1", "p2"), said)

    shown = ["Curiosity", "high", "asks", "why", "2025-01-19", "p1", "+1"]

    output.say(show.profile(Profile("anna", "assistant", "", traits=(trait,)), superseded=False))

    assert capsys.readouterr().out.splitlines()[-1].split() == shown


@pytest.mark.parametrize("width", [40, 60])
def test_a_long_folder_is_shown_whole_in_a_narrow_window(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: at 40 columns the data folder ended in dots, where a person would copy it from."""
    folder = Path("/home/somebody/with-a-long-name/and-many/folders-in-folders/memoryos-mcp")
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(width))
    storage = f"embedded Chroma in {folder}/chroma"
    state = Status("anna", 0, 10, 0, 0, 0, 0, 0, 0, 0, "local", "bundled", "estimate", storage, None)

    output.say(show.status(state, folder, ["anna"]))
    output.say(show.finding(Finding("data folder", "ok", f"{folder}, 0.0 MB")))

    told = re.sub(r"\x1b\[[0-9;]*m|\s", "", terminal.getvalue())
    assert told.count(str(folder)) == 3
    assert "…" not in told
