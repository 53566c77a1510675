"""The doctor on hosts: a configuration that is right, and those that keep a host from starting the server."""

import json
import os
import sys
from pathlib import Path

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.cli.doctor import Finding
from memoryos_mcp.cli.doctor.hosts import hosts
from memoryos_mcp.cli.doctor.starting import starts
from memoryos_mcp.domain.settings import Settings, load_settings
from memoryos_mcp.hosts import Launch, UserFolders, add_entry, add_hooks, add_rules, host_named, launch_here

CURSOR = host_named("cursor")


@pytest.fixture
def folders(tmp_path: Path) -> UserFolders:
    """Return the folders of a user who has Cursor and nothing else."""
    (tmp_path / "home" / ".cursor").mkdir(parents=True)
    return UserFolders(tmp_path / "home", {}, "linux", tmp_path / "work")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a memory that is not there yet."""
    return load_settings({"data_dir": tmp_path / "memory", "embedder": "bundled"}, environ={})


def env_of(settings: Settings, **more: str) -> dict[str, str]:
    """Return what an entry hands over for these settings."""
    return {"MEMORYOS_DATA_DIR": str(settings.data_dir), "MEMORYOS_EMBEDDER": "bundled", **more}


def only(findings: list[Finding]) -> Finding:
    """Return the one finding."""
    (finding,) = findings
    return finding


def test_a_right_entry_is_in_order_and_starts(folders: UserFolders, settings: Settings) -> None:
    """Ours: started with the entry's environment, a minimal PATH and another folder, it shows its seven tools."""
    add_entry(CURSOR, folders, "user", launch_here(env_of(settings)))

    found = only(list(hosts(settings, folders)))
    started = only(list(starts(settings, folders)))

    assert (found.level, found.what) == ("ok", f"Cursor: memoryos in {CURSOR.file(folders, 'user')}")
    assert started.level == "ok", started
    assert "shows 7 tools" in started.what


def test_hosts_that_are_not_there_or_have_no_entry_are_no_errors(folders: UserFolders, settings: Settings) -> None:
    """Ours: one host is enough, and none is somebody's choice."""
    nobody = UserFolders(folders.home / "nobody", {}, "linux", folders.folder)

    assert only(list(hosts(settings, nobody))).what == "no host is found on this machine"
    assert "memoryos-mcp install cursor" in only(list(hosts(settings, folders))).what
    assert list(starts(settings, folders)) == []


@pytest.mark.parametrize(
    ("launch", "level", "said"),
    [
        (Launch("memoryos-mcp"), "error", "hosts have a minimal one"),
        (Launch("/gone/bin/memoryos-mcp"), "error", "which is not there"),
        (Launch(sys.executable, ("-m", "memoryos_mcp"), {"MEMORYOS_HEAT_THRESHOLD": "hot"}), "error", "HEAT_THRESHOLD"),
        (Launch(sys.executable, ("-m", "memoryos_mcp"), {"MEMORYOS_DATA_DIR": "/other"}), "warning", "another memory"),
    ],
)
def test_what_keeps_a_host_from_it_is_said_with_the_way_out(
    folders: UserFolders, settings: Settings, launch: Launch, level: str, said: str
) -> None:
    """Ours: every finding says what to do."""
    add_entry(CURSOR, folders, "user", launch)

    finding = only(list(hosts(settings, folders)))

    assert finding.level == level
    assert said in finding.what
    assert finding.remedy


def test_a_configuration_that_cannot_be_read_is_a_finding(folders: UserFolders, settings: Settings) -> None:
    """Ours: with file and line; the host itself cannot read it either."""
    file = CURSOR.file(folders, "user")
    file.write_text('{"mcpServers": {"memoryos": }}')

    finding = only(list(hosts(settings, folders)))

    assert finding.level == "warning"
    assert f"{file} is not JSON: line 1" in finding.what
    assert list(starts(settings, folders)) == []


def test_another_user_is_told_and_an_entry_of_any_name_is_found(folders: UserFolders, settings: Settings) -> None:
    """Ours: people name servers as they like; a server that is given our folder to read is not ours."""
    file = CURSOR.file(folders, "user")
    ours = {"command": sys.executable, "args": ["-m", "memoryos_mcp"], "env": env_of(settings, MEMORYOS_USER_ID="bo")}
    other = {"command": "npx", "args": ["server-files", "/home/anna/memoryos_mcp"]}
    file.write_text(json.dumps({"mcpServers": {"brain": ours, "files": other}}))

    finding = only(list(hosts(settings, folders)))

    assert (finding.level, finding.what) == ("ok", f"Cursor: brain in {file}, for the user 'bo'")


def test_rules_and_hooks_are_looked_at_too(folders: UserFolders, settings: Settings) -> None:
    """Field report: the doctor said nothing of them: a command that is gone, an event or words of another version."""
    file, hook = folders.home / ".cursor" / "hooks.json", launch_here({}, "hook")
    add_entry(CURSOR, folders, "user", launch_here(env_of(settings)))
    add_rules(CURSOR, folders, "project")
    add_hooks(CURSOR, folders, "user", hook)
    rules = folders.folder / ".cursor" / "rules" / "memoryos.mdc"

    def told() -> list[tuple[str, str]]:
        return [(each.level, each.what) for each in list(hosts(settings, folders))[1:]]

    assert told() == [("ok", f"Cursor: hooks in {file}"), ("ok", f"Cursor: rules in {rules}")]
    rules.write_text(rules.read_text().replace("verbatim", "in short"))
    document = json.loads(file.read_text())
    del document["hooks"]["stop"]
    file.write_text(json.dumps(document).replace(json.dumps(hook.command)[1:-1], "/gone/memoryos-mcp"))
    assert told() == [
        ("error", f"Cursor: hooks in {file} run '/gone/memoryos-mcp', which is not there"),
        ("error", f"Cursor: hooks in {file} lack stop"),
        ("warning", f"Cursor: rules in {rules} are those of another version"),
    ]
    file.write_text('{"hooks": {"stop": [')
    assert [level for level, what in told() if "is not JSON" in what] == ["warning"]
    file.write_text('{"hooks": {"stop": [{"command": "say done"}]}}')
    assert told() == [("warning", f"Cursor: rules in {rules} are those of another version")]


@pytest.mark.parametrize(
    "other",
    [
        {"command": "python", "args": ["/home/anna/MemoryOS/memoryos-mcp/server_new.py"]},
        {"command": "uvx", "args": ["memoryos"]},
        {"url": "https://example.org/mcp"},
        {"args": []},
        "npx",
    ],
)
def test_another_server_of_our_name_is_nothing_to_look_into(
    folders: UserFolders,
    settings: Settings,
    other: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Regression: whatever was called memoryos was taken for ours, and started by `doctor --hosts`."""
    file = CURSOR.file(folders, "user")
    file.write_text(json.dumps({"mcpServers": {"memoryos": other}}))
    monkeypatch.setenv("HOME", str(folders.home))

    assert "this server is not in it" in only(list(hosts(settings, folders))).what
    assert list(starts(settings, folders)) == []
    assert main(["install"]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("cursor "))
    assert "has a server called memoryos that is none of ours" in line


@pytest.mark.skipif(os.name == "nt", reason="the command is a script")
def test_a_server_that_ends_or_is_another_says_so(folders: UserFolders, settings: Settings, tmp_path: Path) -> None:
    """Ours: with the last lines it wrote, which say why."""
    program = "import sys; sys.stderr.write('no module named chromadb\\n'); sys.exit(3)"
    add_entry(CURSOR, folders, "user", Launch(sys.executable, ("-c", program, "memoryos_mcp")))

    ended = only(list(starts(settings, folders)))
    CURSOR.file(folders, "user").unlink()
    add_entry(
        CURSOR,
        folders,
        "user",
        Launch(sys.executable, ("-c", "from mcp.server import MCPServer; MCPServer('bare').run()", "memoryos_mcp")),
    )
    another = only(list(starts(settings, folders)))

    assert ended.level == "error"
    assert "no module named chromadb" in ended.what
    assert ended.remedy.startswith("try it yourself: ")
    assert another.level == "error"
    assert "starts something else" in another.what
