"""`install`: files of six hosts as people have them, before and after, on three platforms."""

import json
import os
import sys
from pathlib import Path, PurePosixPath
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
    add_entry,
    entry_of,
    host_named,
    launch_here,
    redirections,
    remove_entry,
)
from memoryos_mcp.hosts.launch import source_of
from memoryos_mcp.hosts.links import cursor_link, cursor_web_link, release_command, vscode_link, vscode_web_link

OURS = Launch("/opt/memory/bin/memoryos-mcp", (), {"MEMORYOS_USER_ID": "anna"})
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
NAMES = [host.name for host in HOSTS]

CLAUDE_DESKTOP = """\
{
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/anna/Desktop"]
    }
  },
  "globalShortcut": "Ctrl+Space"
}
"""
CLAUDE_CODE = json.dumps(
    {
        "numStartups": 41,
        "projects": {"/home/anna": {"history": [{"display": "h\u00e9 \U0001f600"}]}},
        "mcpServers": {"gh": {"url": "https://x"}},
    },
    indent=2,
)
CURSOR = """\
{
\t// work
\t"mcpServers": {
\t\t"gh": {"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer ${env:GH}"}}, // token from env
\t\t/* "old": {}, */
\t},
}
"""
VSCODE = """\
{
    "inputs": [ { "type": "promptString", "id": "key", "password": true } ],
    "servers": {
        "web": { "type": "http", "url": "https://example.org/mcp" }
    }
}"""
WINDSURF = '{"mcpServers":{"a":{"serverUrl":"https://example.org/sse","disabledTools":[]}}}'
CODEX = """\
# my Codex
model = "gpt-5" # the good one
notify = ["say", "done"]

[mcp_servers.docs]
command = 'npx'
args = ["-y", "docs",]
env = { "KEY" = "1" }

[projects."/home/anna/a b"]
trust_level = "trusted"
"""
LIVED_IN = dict(zip(NAMES, (CLAUDE_DESKTOP, CLAUDE_CODE, CURSOR, VSCODE, WINDSURF, CODEX), strict=True))


@pytest.fixture
def folders(tmp_path: Path) -> UserFolders:
    """Return the folders of a user on Linux, with nothing in them."""
    return UserFolders(tmp_path / "home", {}, "linux", tmp_path / "work")


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


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_goes_into_a_lived_in_file_and_out_again(name: str, folders: UserFolders) -> None:
    """Ours: every line stays, a second time changes nothing, and taking it out gives the file back to the byte."""
    host = host_named(name)
    file = host.file(folders, "user")
    file.parent.mkdir(parents=True)
    file.write_bytes(LIVED_IN[name].encode())

    added = add_entry(host, folders, "user", OURS)
    entry = entry_of(host, folders, "user")
    again = add_entry(host, folders, "user", OURS)
    removed = remove_entry(host, folders, "user")

    assert added.after is not None
    kept = added.after.splitlines()
    gone = [line for line in LIVED_IN[name].splitlines() if line not in kept and f"{line}," not in kept]
    assert len(gone) <= (name == "windsurf")  # all of that file is one line
    assert entry is not None
    assert (entry.file, entry.command, entry.args, entry.env) == (file, OURS.command, (), OURS.env)
    assert not again.changes
    assert file.read_bytes().decode() == LIVED_IN[name]
    assert removed.backup is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_writes_nothing_and_a_host_without_a_file_gets_one(name: str, folders: UserFolders) -> None:
    """Ours: what would be written is what is written."""
    host = host_named(name)

    planned = add_entry(host, folders, "user", OURS, dry_run=True)
    assert not folders.home.exists()
    done = add_entry(host, folders, "user", OURS)

    assert (planned.before, planned.after) == (None, done.after)
    assert remove_entry(host, folders, "user").changes


def test_an_entry_keeps_what_the_user_and_the_host_wrote_into_it(folders: UserFolders) -> None:
    """Ours: a setting of last time, a tool that was switched off, a comment; the command is brought up to date."""
    host = host_named("cursor")
    file = host.file(folders, "user")
    file.parent.mkdir(parents=True)
    file.write_bytes(
        b'{"mcpServers": {\n  "memoryos": {\n    // mine\n    "command": "/old/memoryos-mcp", "args": ["x"],\n'
        b'    "env": {"MEMORYOS_EMBEDDER": "bundled"}, "disabled": true\n  }\n}}'
    )

    after = add_entry(host, folders, "user", OURS).after

    assert after == (
        '{"mcpServers": {\n  "memoryos": {\n    // mine\n    "command": "/opt/memory/bin/memoryos-mcp", "args": [],\n'
        '    "env": {"MEMORYOS_EMBEDDER": "bundled", "MEMORYOS_USER_ID": "anna"}, "disabled": true\n  }\n}}'
    )


def test_another_server_of_our_name_is_left_alone(folders: UserFolders) -> None:
    """Ours: with --name there is room beside it."""
    host = host_named("cursor")
    file = host.file(folders, "user")
    file.parent.mkdir(parents=True)
    file.write_text('{"mcpServers": {"memoryos": {"url": "https://example.org/mcp"}}}')

    with pytest.raises(HostFileError, match="--name"):
        add_entry(host, folders, "user", OURS)
    add_entry(host, folders, "user", OURS, name="memory")

    assert entry_of(host, folders, "user", name="memory") is not None


FOREIGN = [
    {"command": "python", "args": ["/home/anna/MemoryOS/memoryos-mcp/server_new.py", "--config", "c.json"]},
    {"command": "uvx", "args": ["memoryos"], "env": {"OPENAI_API_KEY": "sk-theirs"}},
    {"command": "npx", "args": ["-y", "@other/memoryos"], "disabled": True},
    {"url": "https://example.org/mcp"},
    {"args": []},
    {"command": "python", "args": ["/home/anna/other/server.py"]},
]


@pytest.mark.parametrize("entry", FOREIGN)
def test_a_server_of_our_name_that_does_not_start_us_is_neither_replaced_nor_removed(
    entry: dict[str, object], folders: UserFolders
) -> None:
    """Regression: the original MemoryOS uses our name; its command was replaced, its key kept as ours, then deleted."""
    host = host_named("cursor")
    file = host.file(folders, "user")
    file.parent.mkdir(parents=True)
    before = json.dumps({"mcpServers": {"memoryos": entry}})
    file.write_text(before)

    with pytest.raises(HostFileError, match="--name"):
        add_entry(host, folders, "user", OURS)
    remove_entry(host, folders, "user")
    assert file.read_text() == before
    add_entry(host, folders, "user", OURS, name="memory")
    remove_entry(host, folders, "user", name="memory")
    assert json.loads(file.read_text()) == json.loads(before)


@pytest.mark.parametrize("name", NAMES)
def test_what_install_wrote_is_ours_to_replace_and_to_remove(name: str, folders: UserFolders) -> None:
    """Ours: every way of starting this server that we write is known again, in every host's language."""
    host = host_named(name)
    checkout = str(Path(__file__).parent.parent / "server.py")
    for arguments in (
        ("-m", "memoryos_mcp"),
        (checkout,),
        ("memoryos-mcp-server==1.0",),
        ("--from", "x", "memoryos-mcp"),
    ):
        add_entry(host, folders, "user", Launch("run", arguments, {}))
    remove_entry(host, folders, "user")

    assert entry_of(host, folders, "user") is None


PLATFORMS = {
    ("claude-desktop", "darwin"): "Library/Application Support/Claude/claude_desktop_config.json",
    ("claude-desktop", "win32"): "AppData/Roaming/Claude/claude_desktop_config.json",
    ("claude-desktop", "linux"): ".config/Claude/claude_desktop_config.json",
    ("vscode", "darwin"): "Library/Application Support/Code/User/mcp.json",
    ("vscode", "win32"): "AppData/Roaming/Code/User/mcp.json",
    ("vscode", "linux"): ".config/Code/User/mcp.json",
    ("claude-code", "win32"): ".claude.json",
    ("cursor", "darwin"): ".cursor/mcp.json",
    ("windsurf", "linux"): ".codeium/windsurf/mcp_config.json",
    ("codex", "win32"): ".codex/config.toml",
}


@pytest.mark.parametrize(("name", "platform"), PLATFORMS)
def test_each_platform_has_its_place(name: str, platform: str, tmp_path: Path) -> None:
    """The hosts': where they look."""
    found = host_named(name).file(UserFolders(tmp_path, {}, platform, tmp_path), "user")

    assert PurePosixPath(found.relative_to(tmp_path).as_posix()) == PurePosixPath(PLATFORMS[name, platform])


def test_variables_and_redirections_move_the_place(tmp_path: Path) -> None:
    """The hosts': Claude Desktop from Microsoft's store reads a folder of its package's; two hosts have a variable."""
    roaming = tmp_path / "AppData" / "Local" / "Packages" / "Claude_pzs8sxrjxfjjc" / "LocalCache" / "Roaming" / "Claude"
    plain = tmp_path / "AppData" / "Roaming" / "Claude"
    plain.mkdir(parents=True)
    windows = UserFolders(tmp_path, {}, "win32", tmp_path)
    moved = UserFolders(
        tmp_path, {"CODEX_HOME": "/c", "CLAUDE_CONFIG_DIR": "/d", "XDG_CONFIG_HOME": "/x"}, "linux", tmp_path
    )

    assert host_named("claude-desktop").file(windows, "user").parent == plain
    roaming.mkdir(parents=True)
    assert host_named("claude-desktop").file(windows, "user").parent == roaming
    assert host_named("codex").file(moved, "user") == Path("/c/config.toml")
    assert host_named("claude-code").file(moved, "user") == Path("/d/.claude.json")
    assert host_named("claude-desktop").file(moved, "user") == Path("/x/Claude/claude_desktop_config.json")
    with pytest.raises(HostFileError, match="no configuration per project"):
        host_named("claude-desktop").file(moved, "project")


def test_what_windows_redirects_is_said(tmp_path: Path) -> None:
    """The platform's: a program from the store gets a copy of AppData of its own, and so do the servers it starts."""
    folders = UserFolders(tmp_path, {}, "win32", tmp_path)
    local = tmp_path / "AppData" / "Local"
    packaged = local / "Packages" / "Claude_x" / "LocalCache" / "Roaming" / "Claude" / "claude_desktop_config.json"
    plain = tmp_path / "AppData" / "Roaming" / "Claude" / "claude_desktop_config.json"
    store = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0"
    usual = r"C:\Python312"

    def told(file: Path, data_dir: Path, python: str) -> list[str]:
        return [what.split(":")[0] for what, _ in redirections(folders, file, data_dir, python)]

    assert told(packaged, local / "memoryos-mcp", usual) == ["this host comes from Microsoft's store"]
    assert told(packaged, tmp_path / "memory", usual) == []
    assert told(plain, local / "memoryos-mcp", usual) == []
    assert told(plain, tmp_path / "memory", store) == ["this Python comes from Microsoft's store"]
    assert told(tmp_path / ".cursor" / "mcp.json", tmp_path, store) == []
    assert list(redirections(UserFolders(tmp_path, {}, "linux", tmp_path), packaged, local, store)) == []


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
    assert "memoryos" not in (home / ".claude.json").read_text()
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
