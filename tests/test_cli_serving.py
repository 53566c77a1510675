"""The way from `memoryos-mcp` without arguments to the server: quick, and with errors a person can read."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.settings import Settings
from tests.test_cli_output import START_S, Terminal

WITHOUT_A_HOST = """
import sys
import memoryos_mcp.server
from memoryos_mcp.cli import main

def serve(settings):
    sys.stdout.write(" ".join({"rich", "chromadb", "openai", "tiktoken"} & set(sys.modules)))

memoryos_mcp.server.serve = serve
sys.exit(main([]))
"""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Return the settings that the server was started with, instead of starting it."""
    found: list[Settings] = []
    monkeypatch.setattr("memoryos_mcp.server.serve", found.append)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return found


def test_without_arguments_it_serves(served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    """The hosts': the command alone starts the server, with the environment's settings."""
    monkeypatch.setenv("MEMORYOS_USER_ID", "anna")

    assert main([]) == 0
    assert [settings.user_id for settings in served] == ["anna"]


@pytest.mark.parametrize(
    "arguments", [["--user-id", "anna"], ["serve", "--user-id", "anna"], ["--user-id=anna", "serve"]]
)
def test_options_alone_or_the_command_serve_too(served: list[Settings], arguments: list[str]) -> None:
    """Ours: a host may hand settings over as arguments."""
    assert main(arguments) == 0
    assert [settings.user_id for settings in served] == ["anna"]


def test_arguments_come_from_the_command_line(served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the entry point calls `main()` without any."""
    monkeypatch.setattr("sys.argv", ["memoryos-mcp", "--user-id", "bert"])

    assert main() == 0
    assert [settings.user_id for settings in served] == ["bert"]


def test_a_person_at_a_terminal_is_told_what_this_is(
    served: list[Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: on stderr; stdout is the protocol's."""
    monkeypatch.setattr("sys.stdin", Terminal())

    assert main([]) == 0
    shown = capsys.readouterr()
    assert "memoryos-mcp --help" in shown.err
    assert shown.out == ""


def test_a_setting_that_is_wrong_ends_with_1(
    served: list[Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: hosts show stderr; a traceback would hide the reason."""
    monkeypatch.setenv("MEMORYOS_SHORT_TERM_CAPACITY", "many")

    assert main([]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("error: MEMORYOS_SHORT_TERM_CAPACITY: short_term_capacity = 'many'")
    assert (shown.out, served) == ("", [])


def test_an_interrupted_server_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shells': 128 and the number of the signal."""

    def interrupted(settings: Settings) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("memoryos_mcp.server.serve", interrupted)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert main([]) == 130


def test_nothing_heavy_is_loaded_before_serving() -> None:
    """Ours: a host waits for `initialize`."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_HOST],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=START_S,
        check=True,
    )

    assert done.stdout == b""


@pytest.mark.parametrize("start", [["-m", "memoryos_mcp"], ["server.py"]])
def test_module_and_script_are_the_same_command(start: list[str]) -> None:
    """Ours: `python -m memoryos_mcp` and `python server.py` are twins of `memoryos-mcp`."""
    done = subprocess.run(
        [sys.executable, *start, "--version"],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        timeout=START_S,
        check=True,
    )

    assert done.stdout.startswith(b"memoryos-mcp, version ")
