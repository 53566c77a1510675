"""The command line end to end, in this process, on a real memory in a temporary folder."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click
import pytest

from memoryos_mcp import __version__
from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import app, main
from memoryos_mcp.cli.options import SECRETS
from memoryos_mcp.domain.records import Status
from memoryos_mcp.domain.settings import Settings

Run = Callable[..., int]

WITHOUT_SETTINGS = {"bundle", "config", "hook"}  # they read our own files, or are called by hosts with the environment

OSLO = ("--user-input", "We moved to Oslo last week.", "--agent-response", "Enjoy the fjord!")
AT = ("--timestamp", "2025-03-01 12:00:00")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line on a memory of its own, untouched by this machine's environment."""
    for name in ("MEMORYOS_CONFIG", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")

    def call(*arguments: str) -> int:
        return main(arguments)

    return call


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Have stdin hold *content*."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def lines(entries: Sequence[object]) -> bytes:
    """Return *entries* as JSON lines."""
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()


def exchange(number: int) -> dict[str, object]:
    """Return one exchange as a JSON line would hold it."""
    return {
        "user_input": f"Question {number} about gardening",
        "agent_response": f"Answer {number}",
        "timestamp": f"2025-03-{number:02} 10:00:00",
        "metadata": {"number": number},
    }


def test_the_version_is_told(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: one version, the package's."""
    assert run("--version") == 0
    assert capsys.readouterr().out == f"memoryos-mcp, version {__version__}\n"


def test_help_names_every_setting_but_the_secrets(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: every setting can be reached from the command line; a key on it could be read by other processes."""
    assert run("--help") == 0
    text = capsys.readouterr().out

    for name in Settings.model_fields:
        assert (f"--{name.replace('_', '-')} " in text) == (name not in SECRETS)


@pytest.mark.parametrize("name", [*app.cli.commands])
def test_every_command_has_help_and_takes_settings(run: Run, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the settings may stand before or after the command's name."""
    command = app.cli.commands[name]

    assert run(name, "--help") == 0
    assert capsys.readouterr().out.startswith(f"Usage: memoryos-mcp {name}")
    if not isinstance(command, click.Group) and name not in WITHOUT_SETTINGS:
        assert {param.name for param in command.params} >= {"data_dir", "user_id", "config"}


def test_status_counts_what_add_stored(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a stored page is there at once."""
    assert run("add", *OSLO) == 0
    assert run("status", "--json") == 0
    added, status = capsys.readouterr().out.rsplit("\n", 2)[:2]

    assert added.startswith("1 stored, 0 known already")
    found = json.loads(status)
    assert (found["short_term_pages"], found["users"], found["user_id"]) == (1, ["default"], "default")


def test_status_for_people_names_the_tiers_and_the_folder(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: someone who looks wants to know where it is, too."""
    assert run("status") == 0
    text = capsys.readouterr().out

    for word in ("short-term memory", "mid-term memory", "long-term memory", "archive", "pending", "last error"):
        assert word in text
    assert str(tmp_path / "memory") in text


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


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "--user-input", "only one side"),
        ("forget",),
        ("recall",),
        ("unheard-of",),
        ("status", "--short-term-capacity", "0"),
        ("status", "--heat-threshold", "0"),
        ("status", "--embedder", "magic"),
        ("demo", "--data-dir", "somewhere"),
        ("status", "--openai-api-key", "sk-1"),
    ],
)
def test_wrong_usage_ends_with_2(run: Run, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: 2 is for what was typed wrongly, told on stderr."""
    assert run(*arguments) == 2
    shown = capsys.readouterr()
    assert (shown.out, "Error: " in shown.err) == ("", True)


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


def test_recall_says_where_when_and_why(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a hit shows tier, date and page, its score on request."""
    assert run("add", *OSLO, *AT) == 0
    capsys.readouterr()

    assert run("recall", "Where did we move to?") == 0
    text = capsys.readouterr().out
    assert "short-term, 2025-03-01, page " in text
    assert "score " not in text
    assert run("recall", "Where did we move to?", "--explain") == 0
    assert "score " in capsys.readouterr().out
    assert "user: We moved to Oslo last week." in text


def test_recall_shows_long_term_memory_beside_the_pages(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: facts come with id and source."""
    assert run("add", "--user-input", "I'm allergic to peanuts.", "--agent-response", "Noted.", *AT) == 0
    capsys.readouterr()
    assert run("recall", "Who am I and what am I allergic to?") == 0

    text = capsys.readouterr().out
    assert "Long-term memory\nfact" in text
    assert "Profile\n" in text


def test_recall_can_show_what_a_model_reads(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the same text as the tool's."""
    assert run("add", *OSLO, *AT) == 0
    capsys.readouterr()
    assert run("recall", "Oslo", "--json") == 0
    text = json.loads(capsys.readouterr().out)["text"]

    assert run("recall", "Oslo", "--text") == 0
    assert capsys.readouterr().out == text + "\n"


def test_recall_refuses_a_budget_out_of_range(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: 100 to 20,000 tokens."""
    assert run("recall", "Oslo", "--max-tokens", "5") == 2
    assert "max_tokens must be a whole number from 100 to 20,000, got 5" in capsys.readouterr().err


def test_text_from_memory_is_never_markup(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: what was said cannot colour the terminal or vanish."""
    assert run("add", "--user-input", "[bold]Oslo[/bold] :smile:", "--agent-response", "[/nonsense]") == 0
    capsys.readouterr()

    assert run("recall", "Oslo") == 0
    text = capsys.readouterr().out
    assert "user: [bold]Oslo[/bold] :smile:" in text
    assert "assistant: [/nonsense]" in text


def test_profile_shows_facts_with_source_and_hides_superseded_ones(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: a fact can be followed to where it came from."""
    with Memoryos(data_dir=tmp_path / "memory", embedder="bundled") as memory:
        old, _ = memory.remember_fact("Lives in Bergen.", "user")
        memory.remember_fact("Lives in Oslo.", "user", supersedes=old.fact_id, pinned=True)

    assert run("profile") == 0
    shown = capsys.readouterr().out
    assert "Lives in Oslo." in shown
    assert "pinned" in shown
    assert "told directly" in shown
    assert "Bergen" not in shown
    assert run("profile", "--all") == 0
    assert "superseded" in capsys.readouterr().out
    assert run("profile", "--text") == 0
    text = capsys.readouterr().out
    assert text.startswith("About user 'default'. Recalled data")
    assert f"- Lives in Oslo. ({old.said_at.day} " in text
    assert "Bergen" not in text
    assert run("profile", "--text", "--all") == 0
    assert "No longer:" in capsys.readouterr().out
    assert run("profile", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["user_knowledge"]) == 2


def test_forget_is_a_dry_run_unless_told_yes(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: forgetting cannot be undone."""
    assert run("add", *OSLO, *AT) == 0
    page = capsys.readouterr().out.split()[-1]

    assert run("forget", "--page", page) == 0
    shown = capsys.readouterr()
    assert "1 would be forgotten" in shown.out
    assert "dry run" in shown.err
    assert run("forget", "--page", page, "--yes", "--json") == 0
    receipt = json.loads(capsys.readouterr().out)
    assert (receipt["dry_run"], receipt["page_ids"]) == (False, [page])
    assert run("forget", "--page", page) == 1
    assert page in capsys.readouterr().err
    assert run("add", *OSLO, *AT) == 0
    capsys.readouterr()
    assert run("forget", "--everything", "--yes") == 0
    shown = capsys.readouterr()
    assert "cleared" in shown.out
    assert "backups and exports made before still hold it" in shown.err


def test_forgetting_nothing_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: an empty table would look like a failure."""
    assert run("forget", "--before", "2000-01-01", "--yes") == 0
    assert "nothing of this kind is in memory" in capsys.readouterr().out


def test_users_are_kept_apart(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the setting may stand before or after the command; after wins."""
    assert run("--user-id", "anna", "add", *OSLO) == 0
    capsys.readouterr()

    for arguments, pages in (
        (("status", "--json"), 0),
        (("--user-id", "anna", "status", "--json"), 1),
        (("--user-id", "anna", "status", "--json", "--user-id", "bert"), 0),
    ):
        assert run(*arguments) == 0
        assert json.loads(capsys.readouterr().out)["short_term_pages"] == pages


def test_a_settings_file_is_read(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: `--config`, before or after the command."""
    path = tmp_path / "mine.toml"
    path.write_text("short_term_capacity = 3\n", encoding="utf-8")

    assert run("status", "--json", "--config", str(path)) == 0
    assert json.loads(capsys.readouterr().out)["short_term_capacity"] == 3


def test_a_setting_that_is_wrong_is_an_error_without_a_traceback(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: the file and the key are named."""
    path = tmp_path / "mine.toml"
    path.write_text("short_term_capasity = 3\n", encoding="utf-8")

    assert run("--config", str(path), "status") == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"error: {path}: unknown setting 'short_term_capasity'")
    assert shown.out == ""


def test_an_interrupted_command_ends_with_130(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shells': 128 and the number of the signal."""

    def interrupted(self: Memoryos, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Memoryos, "status", interrupted)

    assert run("status") == 130
    assert "Traceback" not in capsys.readouterr().err


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


def test_export_writes_a_file_that_a_memory_can_take(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: to a file or to stdout, the same lines; other users are named, not forgotten silently."""
    assert run("add", *OSLO, *AT, "--no-wait") == 0
    assert run("--user-id", "ben", "add", *OSLO, *AT, "--no-wait") == 0
    capsys.readouterr()
    assert run("export", str(tmp_path / "memory.jsonl")) == 0
    assert "1 more user has memory here: --all-users" in capsys.readouterr().err
    assert run("export", "--all-users") == 0
    lines = capsys.readouterr().out.splitlines()

    kept = (tmp_path / "memory.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["kind"] for line in kept] == ["header", "page", "end"]
    assert [json.loads(line)["kind"] for line in lines] == ["header", "page", "page", "end"]
    assert json.loads(lines[2])["user_id"] == "default"
    assert json.loads(lines[1]) == {
        **json.loads(kept[1]),
        "user_id": "ben",
        "sequence": json.loads(lines[1])["sequence"],
    }


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("recall", "x", "--since", "soonish"), 2),
        (("recall", "x", "--max-tokens", "5"), 2),
        (("recall", ""), 2),
        (("add", *OSLO, "--timestamp", "soon"), 2),
        (("status", "--redact-secrets", "maybe"), 2),
        (("status", "--heat-threshold", "0"), 2),
        (("status", "--config", "/no/such/file.toml"), 2),
        (("install", "nowhere"), 2),
        (("no-such-command",), 2),
        (("forget", "--page", "nothing-is-called-so"), 1),
    ],
)
def test_a_wrong_value_ends_with_2_as_the_help_says(run: Run, arguments: tuple[str, ...], status: int) -> None:
    """Regression: click's own checks ended with 2 and ours with 1; what is well said and not there ends with 1."""
    assert run(*arguments) == status


def test_rebuild_of_nothing_says_where_memory_is(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Regression: it said "0 of 0" and "0 pages", as if pages were lost: of other users, or short-term ones."""
    assert run("rebuild") == 0
    shown = capsys.readouterr()
    assert "there is nothing to rebuild in " in shown.err
    assert "of 0" not in shown.err
    assert run("--user-id", "ben", "add", *OSLO, "--no-wait") == 0
    capsys.readouterr()

    assert run("rebuild") == 0
    assert "1 other user has memory here: --all-users" in capsys.readouterr().err
    assert run("rebuild", "--all-users") == 0
    shown = capsys.readouterr()
    assert shown.out == "ben: 0 pages of mid-term memory and archive indexed anew, vectors by bundled\n"
    assert "of 0" not in shown.err


def test_an_export_replaces_a_file_only_when_told_to(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Regression: the only export of a memory that is gone was replaced by one of an empty memory, without a word."""
    older = tmp_path / "memory.jsonl"
    older.write_text("the only copy", encoding="utf-8")

    assert run("export", str(older)) != 0
    assert "is there already" in capsys.readouterr().err
    assert older.read_text(encoding="utf-8") == "the only copy"
    assert run("export", str(older), "--force") == 0
    assert '"kind":"header"' in older.read_text(encoding="utf-8").replace(" ", "")


def test_an_export_into_a_folder_that_is_not_there_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: named before anything is read."""
    assert run("export", "/no/such/folder/memory.jsonl") == 2
    assert "cannot write" in capsys.readouterr().err
