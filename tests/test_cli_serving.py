"""The way from `memoryos-mcp` without arguments to the server: quick, and with errors a person can read."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.cli.completion import PROGRAMS
from memoryos_mcp.domain.settings import Settings
from tests.test_cli_output import START_S, Terminal

WITHOUT_A_HOST = """
import sys
import memoryos_mcp.server
from memoryos_mcp.cli import main

def serve(settings):
    sys.stdout.write(" ".join({"rich", "chromadb", "openai", "regex"} & set(sys.modules)))

memoryos_mcp.server.serve = serve
sys.exit(main([]))
"""

NOISY = """
import atexit, json, os, sys
atexit.register(lambda: print("noise at exit"))
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "memoryos_mcp.server":
            print("noise of an import", flush=True)
            os.write(1, b"noise of a library\\n")
sys.meta_path.insert(0, Finder())
from memoryos_mcp.cli import main
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


def test_a_setting_that_is_wrong_ends_with_2(
    served: list[Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: hosts show stderr; a traceback would hide the reason."""
    monkeypatch.setenv("MEMORYOS_SHORT_TERM_CAPACITY", "many")

    assert main([]) == 2
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


def test_stdout_is_the_protocols_from_the_start_to_the_exit(tmp_path: Path) -> None:
    """The protocol's: what an import, a library or an exit handler prints is on stderr."""
    program = NOISY
    request = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(request).encode() + b"\n",
        capture_output=True,
        timeout=START_S,
        check=True,
        env={**os.environ, "MEMORYOS_DATA_DIR": str(tmp_path / "memory"), "MEMORYOS_EMBEDDER": "bundled"},
    )

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1]
    said = ("noise of an import", "noise of a library", "noise at exit")
    assert [noise for noise in said if noise.encode() not in done.stderr] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_shell_that_completes_words_starts_no_server_and_opens_no_memory(
    program: str,
    served: list[Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Regression: the tab key started a server, which waited for a host; click's words come in the environment."""
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    monkeypatch.setenv(f"_{program.replace('-', '_').upper()}_COMPLETE", "zsh_complete")
    monkeypatch.setenv("COMP_WORDS", f"{program} st")
    monkeypatch.setenv("COMP_CWORD", "1")

    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["plain", "status"]
    assert (served, (tmp_path / "memory").exists()) == ([], False)
