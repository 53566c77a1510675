"""The command line end to end: help, settings, errors and exit statuses, export, on a real memory in a folder."""

import json
from pathlib import Path

import click
import pytest

from memoryos_mcp import __version__
from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import app
from memoryos_mcp.cli.options import SECRETS
from memoryos_mcp.domain.settings import Settings

from .command_line import AT, OSLO, Run

WITHOUT_SETTINGS = {"bundle", "config", "hook"}  # they read our own files, or are called by hosts with the environment


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
