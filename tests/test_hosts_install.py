"""The command `install`: what it writes and says, and the command line that a host is to start."""

import json
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

import pytest

from memoryos_mcp import __version__
from memoryos_mcp.cli import main
from memoryos_mcp.domain.errors import HostFileError
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.hosts import (
    HOSTS,
    RULES,
    Launch,
    UserFolders,
    entry_of,
    host_named,
    launch_here,
)
from memoryos_mcp.hosts.launch import source_of
from memoryos_mcp.hosts.links import cursor_link, cursor_web_link, release_command, vscode_link, vscode_web_link

OURS = Launch("/opt/memory/bin/memoryos-mcp", (), {"MEMORYOS_USER_ID": "anna"})
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
NAMES = [host.name for host in HOSTS]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a home for the command: no variable of this machine reaches it, and the folder is a project."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith(("MEMORYOS_", "OPENAI_", "XDG_", "CLAUDE_", "CODEX_"))]:
        monkeypatch.delenv(name)
    for name, path in {"HOME": folder, "USERPROFILE": folder, "APPDATA": folder / "AppData" / "Roaming"}.items():
        monkeypatch.setenv(name, str(path))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return folder


def test_the_command_is_absolute_and_starts_this_installation() -> None:
    """Ours: hosts have a minimal PATH and any folder; `python -m` in a host's folder could import what lies there."""
    launch = launch_here({"MEMORYOS_USER_ID": "anna"})

    assert Path(launch.command).is_absolute()
    assert Path(launch.command).is_file()
    assert launch.entry()["env"] == {"MEMORYOS_USER_ID": "anna"}
    assert launch_here({}, "hook").args[-1] == "hook"


def test_an_environment_that_will_be_thrown_away_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: started by uvx, the runner itself becomes the command; without it nothing is written."""
    monkeypatch.setattr(sys, "prefix", "/home/anna/.cache/uv/archive-v0/Ab3_x")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HostFileError, match="uv tool install"):
        launch_here({})

    runner = tmp_path / ("uvx.exe" if os.name == "nt" else "uvx")
    runner.write_text("")
    runner.chmod(0o755)
    launch = launch_here({})

    assert (launch.command, launch.args[0], launch.args[2]) == (str(runner), "--from", "memoryos-mcp")


def test_a_checkout_that_nobody_installed_is_started_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: no script beside the interpreter, so `server.py` is named, by its whole path."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))

    launch = launch_here({}, "hook")

    assert launch.command == str(tmp_path / "bin" / "python")
    assert [Path(launch.args[0]).name, launch.args[1]] == ["server.py", "hook"]
    assert Path(launch.args[0]).is_file()


@pytest.mark.parametrize(
    ("direct_url", "source"),
    [
        (None, f"memoryos-mcp-server=={__version__}"),
        ({"url": "https://example.org/memoryos.whl"}, "https://example.org/memoryos.whl"),
        (
            {"url": "https://example.org/memoryos", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "git+https://example.org/memoryos@abc",
        ),
    ],
)
def test_a_runner_is_given_again_what_it_was_given(direct_url: dict[str, object] | None, source: str) -> None:
    """The packages': `direct_url.json` tells where an installation came from."""
    assert source_of(None if direct_url is None else json.dumps(direct_url)) == source


def test_a_folder_that_was_given_is_given_as_a_path(tmp_path: Path) -> None:
    """The packages': as an address with percent signs."""
    folder = tmp_path / "my clone"

    assert Path(source_of(json.dumps({"url": folder.as_uri(), "dir_info": {}}))) == folder


def test_the_memory_of_this_shell_is_the_memory_of_the_host(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: a variable that moves the user's data, and a relative folder, mean another place to a host."""
    config = tmp_path / "memoryos.toml"
    config.write_text("user_name = 'Anna'")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["install", "cursor", "--config", str(config)]) == 0
    env = json.loads((home / ".cursor" / "mcp.json").read_text())["mcpServers"]["memoryos"]["env"]
    monkeypatch.setenv("MEMORYOS_DATA_DIR", "here")
    assert main(["install", "windsurf"]) == 0
    servers = json.loads((home / ".codeium" / "windsurf" / "mcp_config.json").read_text())["mcpServers"]

    assert env == {"MEMORYOS_DATA_DIR": str(load_settings(environ={}).data_dir), "MEMORYOS_CONFIG": str(config)}
    assert servers["memoryos"]["env"] == {"MEMORYOS_DATA_DIR": str(Path("here").absolute())}


def test_the_command_installs_what_was_set_and_no_key(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: settings of the shell are written since hosts do not read it; a key only when it is asked for."""
    monkeypatch.setenv("MEMORYOS_USER_NAME", "Anna")
    monkeypatch.setenv("MEMORYOS_ASSISTANT_NAME", "${user_config.name}")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    assert main(["install", "cursor", "--user-id", "anna", "--data-dir", "memory", "--env", "LOUD=1"]) == 0
    env = json.loads((home / ".cursor" / "mcp.json").read_text())["mcpServers"]["memoryos"]["env"]

    assert env == {
        "MEMORYOS_USER_NAME": "Anna",
        "MEMORYOS_USER_ID": "anna",
        "MEMORYOS_DATA_DIR": str(Path("memory").absolute()),
        "LOUD": "1",
    }
    assert load_settings(environ=env).user_id == "anna"
    assert main(["install", "cursor", "--env", "OPENAI_API_KEY"]) == 0
    assert "sk-secret" in (home / ".cursor" / "mcp.json").read_text()
    assert main(["install", "cursor", "--env", "NOT_SET"]) == 2
    monkeypatch.setenv("MEMORYOS_SHORT_TERM_CAPACITY", "many")
    assert main(["install", "cursor"]) == 2
    assert "MEMORYOS_SHORT_TERM_CAPACITY" in capsys.readouterr().err


def test_without_a_host_those_that_are_found_are_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: nothing is written until somebody names one, or all."""
    (home / ".cursor").mkdir()
    (home / ".codex").mkdir()
    (home / ".codex" / "config.toml").write_text("[broken")

    assert main(["install"]) == 0
    before = capsys.readouterr().out
    assert main(["install", "--all"]) == 1  # one of them cannot be read
    told = capsys.readouterr()
    assert main(["install"]) == 0
    after = capsys.readouterr().out

    lines = {line.split()[0]: line for line in before.splitlines()}
    assert "not installed" in lines["cursor"]
    assert "not found" in lines["windsurf"]
    assert "is not TOML" in lines["codex"]
    assert f"{home / '.codex' / 'config.toml'} is not TOML" in told.err
    assert "left as it is" not in told.out
    assert "it was left as it is" in told.err
    assert f"installed (user) in {home / '.cursor' / 'mcp.json'}" in after


def test_rules_are_written_between_marks_and_taken_out(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: what people wrote around them stays to the byte; a file that held nothing else goes."""
    mine = home / ".claude" / "CLAUDE.md"
    mine.parent.mkdir()
    mine.write_bytes(b"# Mine\r\n\r\nUse tabs.\r\n")

    assert main(["install", "claude-code", "cursor", "vscode", "windsurf", "codex", "--rules"]) == 0
    written = mine.read_bytes().decode()
    cursor = Path(".cursor") / "rules" / "memoryos.mdc"
    assert written.startswith("# Mine\r\n\r\nUse tabs.\r\n\r\n<!-- memoryos-mcp begin")
    assert RULES.replace("\n", "\r\n") in written
    assert cursor.read_text().startswith("---\ndescription: ")
    assert "alwaysApply: true" in cursor.read_text()
    made = [Path(".github/copilot-instructions.md"), home / ".codex" / "AGENTS.md", cursor]
    made.append(home / ".codeium" / "windsurf" / "memories" / "global_rules.md")
    assert [path for path in made if RULES not in path.read_text()] == []

    assert main(["install", "claude-code", "--rules"]) == 0
    assert mine.read_bytes().decode() == written
    assert main(["install", "claude-code", "--uninstall", "--rules"]) == 0
    assert mine.read_bytes() == b"# Mine\r\n\r\nUse tabs.\r\n"
    assert "memoryos" in (home / ".claude.json").read_text()
    assert main(["install", "claude-code", "cursor", "vscode", "windsurf", "codex", "--uninstall"]) == 0
    assert [path for path in made if path.exists()] == []
    assert not (home / ".claude.json").exists()
    capsys.readouterr()
    assert main(["install", "claude-desktop", "--rules", "--dry-run"]) == 0
    assert "personal preferences" in capsys.readouterr().err


def test_a_host_without_rules_or_hooks_gets_its_entry_and_a_word(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: what one host cannot do keeps nobody from the rest; a home folder is no project to write rules into."""
    monkeypatch.chdir(home)

    assert main(["install", "windsurf", "vscode", "--rules", "--hooks"]) == 0
    told = capsys.readouterr().err

    assert "Windsurf has no hooks" in told
    assert "VS Code reads rules per project" in told
    assert not (home / ".github").exists()
    for name in ("windsurf", "vscode"):
        assert entry_of(host_named(name), UserFolders(), "user") is not None


def test_a_dry_run_shows_a_diff_and_print_what_belongs_in_the_file(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: nothing is on disk afterwards."""
    assert main(["install", "claude-code", "--rules", "--dry-run", "--scope", "project"]) == 0
    shown = capsys.readouterr().out
    assert main(["install", "vscode", "--print"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert main(["install", "nowhere"]) == 2

    assert f"+++ {Path('.mcp.json').absolute()}" in shown
    assert '+    "memoryos": {' in shown
    assert set(printed["servers"]) == {"memoryos"}
    assert list(home.iterdir()) == []
    assert list(Path.cwd().iterdir()) == []


def test_the_rules_name_tools_that_exist() -> None:
    """Ours: a text for models must not send them to a tool that is none."""
    named = {word for word in RULES.split("`") if word.endswith(("_memory", "_context", "_fact"))}

    assert named == {"retrieve_context", "add_memory", "remember_fact", "forget_memory"}
    assert [name for name in named if f"`{name}`" not in README] == []


def test_links_hold_the_entry_that_they_install(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The hosts': Cursor wants base64 of the entry, VS Code the entry with its name, percent-encoded."""
    import base64

    wanted = {"command": "uvx", "args": [f"memoryos-mcp-server@{__version__}"]}
    for link in (cursor_link(release_command()), cursor_web_link(release_command())):
        query = parse_qs(urlparse(link).query)
        assert query["name"] == ["memoryos"]
        assert json.loads(base64.b64decode(query["config"][0])) == wanted
    assert json.loads(unquote(urlparse(vscode_link(release_command())).query)) == {"name": "memoryos", **wanted}
    query = parse_qs(urlparse(vscode_web_link(release_command())).query)
    assert (query["name"], json.loads(query["config"][0])) == (["memoryos"], wanted)
    assert main(["install", "cursor", "--link"]) == 0
    assert capsys.readouterr().out.startswith("cursor://anysphere.cursor-deeplink/mcp/install?name=memoryos&config=")
    assert main(["install", "codex", "--link"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="the fixture's home is a variable of POSIX")
def test_an_unreadable_home_of_a_host_is_no_traceback(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a folder where the file belongs."""
    (home / ".cursor" / "mcp.json").mkdir(parents=True)

    assert main(["install", "cursor"]) == 1
    assert "cannot be read" in capsys.readouterr().err
