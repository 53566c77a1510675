"""`uninstall`, and `install` that asks: what goes, what stays, what is said, and that files come back to the byte."""

import io
import json
import os
from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.hosts import HOSTS, UserFolders, add_entry, entry_of, host_named, launch_here
from memoryos_mcp.hosts.hooks.endpoint import Endpoint
from memoryos_mcp.storage.folder import remove_memory

from .host_files import LIVED_IN

FOREIGN = {"command": "uvx", "args": ["memoryos"], "env": {"OPENAI_API_KEY": "sk-theirs"}}


class Terminal(io.StringIO):
    """Standard input of somebody who sits there and types."""

    def isatty(self) -> bool:
        """Return that this is a terminal."""
        return True


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a home for the command: no variable of this machine reaches it, and the folder is a project."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("MEMORYOS_", "XDG_", "CLAUDE_", "CODEX_", "GEMINI_"))]:
        monkeypatch.delenv(name)
    for name, path in {"HOME": folder, "USERPROFILE": folder, "APPDATA": folder / "AppData" / "Roaming"}.items():
        monkeypatch.setenv(name, str(path))
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return folder


def texts(*folders: Path) -> dict[Path, bytes]:
    """Return what stands in every file below *folders*."""
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def lived_in() -> None:
    """Put the file of every host where the host has it, and rules of the user's own."""
    folders = UserFolders()
    for name, text in LIVED_IN.items():
        file = host_named(name).file(folders, "user")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    (folders.home / ".claude").mkdir()
    (folders.home / ".claude" / "CLAUDE.md").write_bytes(b"Use tabs.")
    (folders.folder / "AGENTS.md").write_bytes(b"# Mine\r\n\r\n\r\n")


def test_everything_gives_every_file_back_to_the_byte(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue: entries, rules, hooks and backups of all hosts, in the user's files and the project's, and it says so."""
    lived_in()
    before = texts(home, Path.cwd())
    assert main(["install", "--all", "--rules", "--hooks"]) == 0
    assert main(["install", "codex", "cursor", "--scope", "project", "--rules", "--hooks"]) == 0
    assert main(["install", "cursor", "--name", "brain"]) == 0
    assert main(["install", "gemini-cli", "--hooks", "--user-id", "bo"]) == 0
    installed = texts(home, Path.cwd())
    capsys.readouterr()

    assert main(["uninstall", "--everything", "--dry-run"]) == 0
    planned = capsys.readouterr().out
    assert texts(home, Path.cwd()) == installed
    assert main(["uninstall", "--everything", "--yes"]) == 0
    told = capsys.readouterr().out

    assert texts(home, Path.cwd()) == before
    for host in HOSTS:
        assert not host.files or f"{host.title}: {host.file(UserFolders(), 'user')} changed" in told, host.name
    assert f"{home / '.cursor' / 'hooks.json'} deleted" in told
    assert f"{Path('.codex').absolute() / 'config.toml'} deleted" in told
    assert told.count(".memoryos-backup deleted") >= planned.count(".memoryos-backup would be deleted") > 10
    assert "the program itself is left" in told
    assert main(["uninstall", "--everything", "--yes"]) == 0
    assert texts(home, Path.cwd()) == before


def test_what_is_not_ours_stays_and_one_broken_file_keeps_nothing_else_from_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: another server of our name, and a host whose file cannot be read, with its backups."""
    (home / ".cursor").mkdir()
    (home / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": {"memoryos": FOREIGN}}))
    (home / ".codex").mkdir()
    assert main(["install", "codex", "windsurf", "--rules"]) == 0
    broken = home / ".codex" / "config.toml"
    broken.write_text(f"{broken.read_text()}\n[broken")
    foreign, rules = (home / ".cursor" / "mcp.json").read_bytes(), home / ".codex" / "AGENTS.md"
    capsys.readouterr()

    assert main(["uninstall", "--everything", "--yes"]) == 1
    assert "config.toml is not TOML" in capsys.readouterr().err
    assert (home / ".cursor" / "mcp.json").read_bytes() == foreign
    assert "[broken" in broken.read_text()
    assert not rules.exists()
    assert not (home / ".codeium" / "windsurf" / "mcp_config.json").exists()


def test_the_memory_goes_only_when_it_is_asked_for_and_nothing_else_with_it(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue: with --data alone; a server that runs, or a file of somebody else's in the folder, is respected."""
    data = tmp_path / "memory"
    with Memoryos(data_dir=data, embedder="bundled") as memory:
        memory.add_memory("I moved to Oslo.", "Enjoy!")
    (data / "my notes.txt").write_text("mine")
    assert main(["uninstall", "--everything", "--yes"]) == 0
    assert (data / "chroma").is_dir()

    server = Endpoint(data, lambda question: {})
    try:
        assert main(["uninstall", "--everything", "--data", "--yes"]) == 2
    finally:
        server.close()
    assert (data / "chroma").is_dir()
    assert "close the hosts" in capsys.readouterr().err
    for answer in ("", "n\n"):
        monkeypatch.setattr("sys.stdin", Terminal(answer))
        assert main(["uninstall", "--everything", "--data"]) != 0
    assert main(["uninstall", "--everything", "--data", "--dry-run"]) == 0
    assert (data / "chroma").is_dir()
    assert f"{data / 'chroma'} would be deleted" in capsys.readouterr().out

    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert main(["uninstall", "--everything", "--data"]) == 0
    assert [path.name for path in data.iterdir()] == ["my notes.txt"]
    assert "what is not ours stays: my notes.txt" in capsys.readouterr().out
    (data / "my notes.txt").unlink()
    assert remove_memory(data) == []
    assert not data.exists()
    assert remove_memory(data) == []


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["cursor", "--everything"],
        ["cursor", "--data"],
        ["cursor", "--yes"],
        ["--everything"],
        ["--everything", "--data"],
        ["nowhere"],
    ],
)
def test_what_cannot_be_meant_changes_nothing(words: list[str], home: Path, tmp_path: Path) -> None:
    """Ours: no host and not everything, both, or nobody there to be asked: exit status 2."""
    assert main(["install", "cursor"]) == 0
    (tmp_path / "memory" / "chroma").mkdir(parents=True)
    before = texts(home)

    assert main(["uninstall", *words]) == 2
    assert texts(home) == before
    assert (tmp_path / "memory" / "chroma").is_dir()


def test_of_one_host_it_is_what_install_put_in(home: Path) -> None:
    """Ours: the same as `install HOST --uninstall`; the parts one by one as well."""
    assert main(["install", "claude-code", "windsurf", "--rules", "--hooks"]) == 0
    assert main(["uninstall", "claude-code", "--hooks"]) == 0
    assert not (home / ".claude" / "settings.json").exists()
    assert main(["uninstall", "claude-code", "--rules"]) == 0
    assert not (home / ".claude" / "CLAUDE.md").exists()
    assert entry_of(host_named("claude-code"), UserFolders(), "user") is not None
    assert main(["uninstall", "claude-code", "--dry-run"]) == 0
    assert main(["uninstall", "claude-code"]) == 0

    assert not (home / ".claude.json").exists()
    assert entry_of(host_named("windsurf"), UserFolders(), "user") is not None


CHOICES = [
    ("1\n", {"cursor"}),
    ("2, 1\n", {"cursor", "codex"}),
    ("all\n", {"cursor", "codex", "gemini-cli"}),
    ("\n", set()),
    ("7\nnine\n0\n3\n", {"gemini-cli"}),
]


@pytest.mark.parametrize(("typed", "wanted"), CHOICES)
def test_install_asks_at_a_terminal_which_of_the_found_hosts(
    typed: str, wanted: set[str], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Issue: numbers, all or none; a host that has it already, or is not there, is not offered."""
    for folder in (".cursor", ".codex", ".gemini", ".lmstudio"):
        (home / folder).mkdir()
    add_entry(host_named("lm-studio"), UserFolders(), "user", launch_here({}))
    monkeypatch.setattr("sys.stdin", Terminal(typed))

    assert main(["install"]) == 0
    told = capsys.readouterr().out
    folders = UserFolders()
    here = {host.name for host in HOSTS if host.files and entry_of(host, folders, "user") is not None}

    assert here == {"lm-studio", *wanted}
    assert [line for line in told.splitlines() if line[:5].strip().isdigit()] == [
        "  1  Cursor",
        "  2  Codex",
        "  3  Gemini CLI",
    ]
    assert told.count("is none of 1 to 3") == typed.count("\n") - 1


def test_elsewhere_it_lists_and_says_how(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Issue: clear when it is not a terminal, and nothing is written."""
    (home / ".cursor").mkdir()

    assert main(["install"]) == 0
    assert "--all into every host that is found" in capsys.readouterr().out
    assert list((home / ".cursor").iterdir()) == []
