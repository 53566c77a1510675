"""Entries in the files of hosts as people have them: before and after, in every language, on three platforms."""

import json
from pathlib import Path, PurePosixPath

import pytest

from memoryos_mcp.domain.errors import HostFileError
from memoryos_mcp.hosts import (
    HOSTS,
    Launch,
    UserFolders,
    add_entry,
    entry_of,
    entry_text,
    host_named,
    redirections,
    remove_entry,
    yaml,
)
from memoryos_mcp.hosts.backups import backups_of

from .host_files import LIVED_IN

OURS = Launch("/opt/memory/bin/memoryos-mcp", (), {"MEMORYOS_USER_ID": "anna"})
NAMES = [host.name for host in HOSTS if host.files]


@pytest.fixture
def folders(tmp_path: Path) -> UserFolders:
    """Return the folders of a user on Linux, with nothing in them."""
    return UserFolders(tmp_path / "home", {}, "linux", tmp_path / "work")


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
    assert len(gone) <= (name in ("windsurf", "continue"))  # all of those files is one line
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
    ("gemini-cli", "win32"): ".gemini/settings.json",
    ("opencode", "darwin"): ".config/opencode/opencode.json",
    ("opencode", "win32"): ".config/opencode/opencode.json",
    ("goose", "darwin"): ".config/goose/config.yaml",
    ("goose", "win32"): "AppData/Roaming/Block/goose/config/config.yaml",
    ("zed", "darwin"): ".config/zed/settings.json",
    ("zed", "linux"): ".config/zed/settings.json",
    ("zed", "win32"): "AppData/Roaming/Zed/settings.json",
    ("cline", "linux"): ".cline/data/settings/cline_mcp_settings.json",
    ("continue", "win32"): ".continue/mcpServers/memoryos.json",
    ("lm-studio", "darwin"): ".lmstudio/mcp.json",
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


def test_of_two_files_that_a_host_reads_the_one_that_is_there_is_taken(tmp_path: Path) -> None:
    """The hosts': opencode has two names for its file; Cline's was VS Code's before all its programs shared one."""
    linux = UserFolders(tmp_path, {}, "linux", tmp_path)
    jsonc = tmp_path / ".config" / "opencode" / "opencode.jsonc"
    jsonc.parent.mkdir(parents=True)
    jsonc.write_text("{}")
    of_vscode = tmp_path / ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
    of_vscode.parent.mkdir(parents=True)

    assert host_named("opencode").file(linux, "user") == jsonc
    assert host_named("cline").file(linux, "user") == of_vscode
    shared = tmp_path / ".cline" / "data" / "settings" / "cline_mcp_settings.json"
    shared.parent.mkdir(parents=True)
    assert host_named("cline").file(linux, "user") == shared
    of_vscode.write_text("{}")
    assert host_named("cline").file(linux, "user") == of_vscode
    assert host_named("gemini-cli").file(
        UserFolders(tmp_path, {"GEMINI_CLI_HOME": "/g"}, "linux", tmp_path), "user"
    ) == Path("/g/.gemini/settings.json")


SHAPES = {
    "gemini-cli": ("mcpServers", {"command": "/m", "args": ["-x"], "env": {"A": "1"}}),
    "opencode": ("mcp", {"type": "local", "enabled": True, "command": ["/m", "-x"], "environment": {"A": "1"}}),
    "goose": (
        "extensions",
        {
            "name": "memoryos",
            "type": "stdio",
            "enabled": True,
            "timeout": 300,
            "cmd": "/m",
            "args": ["-x"],
            "envs": {"A": "1"},
        },
    ),
    "zed": ("context_servers", {"source": "custom", "command": "/m", "args": ["-x"], "env": {"A": "1"}}),
    "cline": ("mcpServers", {"command": "/m", "args": ["-x"], "env": {"A": "1"}}),
    "continue": ("mcpServers", {"command": "/m", "args": ["-x"], "env": {"A": "1"}}),
    "lm-studio": ("mcpServers", {"command": "/m", "args": ["-x"], "env": {"A": "1"}}),
    "jetbrains": ("mcpServers", {"command": "/m", "args": ["-x"], "env": {"A": "1"}}),
}


@pytest.mark.parametrize("name", SHAPES)
def test_each_host_gets_the_words_that_it_documents(name: str) -> None:
    """The hosts': as their pages show a local server."""
    text = entry_text(host_named(name), Launch("/m", ("-x",), {"A": "1"}))
    table, entry = SHAPES[name]

    assert (yaml.read(text) if name == "goose" else json.loads(text)) == {table: {"memoryos": entry}}


def test_a_host_that_documents_no_file_says_where_to_paste(folders: UserFolders) -> None:
    """Ours: nothing is written where nobody promised to read it."""
    with pytest.raises(HostFileError, match=r"documents no file .* Model Context Protocol"):
        add_entry(host_named("jetbrains"), folders, "user", OURS)


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


EDITED = {
    "cursor": ('{"mcpServers": {"a": {"command": "x"}}}', '"x"', '"y"'),
    "codex": ("[mcp_servers.a]\ncommand = 'x'\n", "'x'", "'y'"),
    "goose": ("extensions:\n  a:\n    cmd: x # mine\n", "cmd: x", "cmd: y"),
}


@pytest.mark.parametrize("name", EDITED)
def test_what_was_changed_since_stays_when_the_entry_goes(name: str, folders: UserFolders) -> None:
    """Ours: the copy from before is given back only when nothing else was done to the file."""
    before, old, new = EDITED[name]
    host = host_named(name)
    file = host.file(folders, "user")
    file.parent.mkdir(parents=True)
    file.write_text(before)

    add_entry(host, folders, "user", OURS)
    file.write_text(file.read_text().replace(old, new, 1))
    remove_entry(host, folders, "user")

    assert file.read_text() == before.replace(old, new)


EMPTY = {
    "cursor": ["", "{}", '{"mcpServers": {}}', '{\n  "mcpServers": {\n  }\n}\n', '{"mcpServers": {}, "a": 1}\n\n'],
    "windsurf": ["{ }", "// mine\n{}\n", '{"mcpServers":{}}\r\n'],
    "codex": ["", "# mine\n", "[mcp_servers]\n", 'model = "x"', 'model = "x"\n\n\n'],
    "goose": ["", "# mine", "extensions: {}\n", "extensions:\n", "extensions: # mine\n\na: 1", "{a: 1}"],
}


@pytest.mark.parametrize(("name", "before"), [(name, before) for name, texts in EMPTY.items() for before in texts])
def test_a_file_comes_back_to_the_byte_and_one_we_made_goes(name: str, before: str, folders: UserFolders) -> None:
    """Regression: an empty table of servers stayed behind, or the one that was there went; so did line breaks."""
    host = host_named(name)
    file = host.file(folders, "user")
    file.parent.mkdir(parents=True)
    file.write_bytes(before.encode())

    add_entry(host, folders, "user", Launch("/old/memoryos-mcp"))
    add_entry(host, folders, "user", OURS)
    remove_entry(host, folders, "user")
    assert file.read_bytes() == before.encode()

    for backup in backups_of(file):
        backup.unlink()
    file.unlink()
    add_entry(host, folders, "user", OURS)
    remove_entry(host, folders, "user")
    assert list(file.parent.iterdir()) == []


def test_an_empty_table_goes_where_only_we_can_have_made_it(folders: UserFolders) -> None:
    """Regression: the host itself wrote into its file meanwhile, as Claude Code does all day."""
    host = host_named("claude-code")
    file = host.file(folders, "user")
    file.parent.mkdir(parents=True)
    file.write_text('{\n  "numStartups": 1\n}\n')
    add_entry(host, folders, "user", OURS)
    file.write_text(file.read_text().replace("1", "2"))
    remove_entry(host, folders, "user")

    assert file.read_text() == '{\n  "numStartups": 2\n}\n'
