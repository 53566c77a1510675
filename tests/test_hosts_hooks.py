"""`install --hooks`: our hooks beside those of others in two hosts' settings, and out again."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.domain.errors import HostFileError
from memoryos_mcp.hosts import Launch, UserFolders, add_hooks, hooks_file, host_named, printed_hooks, remove_hooks
from memoryos_mcp.hosts.backups import backups_of
from memoryos_mcp.hosts.hook_entries import hook_command
from memoryos_mcp.hosts.hooks.run import HANDLERS

from .host_files import LIVED_IN

OURS = Launch("/opt/my memory/bin/memoryos-mcp", ("hook",))
SECRET = "My password is hunter2hunter2!"
OTHERS = """\
{
  // mine
  "model": "opus",
  "hooks": {
    "Stop": [
      { "matcher": "", "hooks": [ { "type": "command", "command": "say done" } ] }, // aloud
      { "hooks": [
        { "type": "command", "command": "lint" },
        { "type": "command", "command": "/old/memoryos-mcp hook --user-id anna" }
      ] }
    ]
  }
}
"""


def commands(file: Path, event: str) -> list[str]:
    """Return the commands of an event in a strict JSON file."""
    items = json.loads(file.read_text(encoding="utf-8"))["hooks"].get(event, [])
    return [each["command"] for item in items for each in item.get("hooks", [item])]


@pytest.mark.parametrize("name", ["claude-code", "codex", "cursor", "gemini-cli"])
def test_hooks_go_in_once_and_out_without_a_trace(name: str, tmp_path: Path) -> None:
    """Ours: installed on request, again without effect, removable."""
    host, folders = host_named(name), UserFolders(home=tmp_path, environ={}, platform="linux", folder=tmp_path)
    file = hooks_file(host, folders, "user")

    assert add_hooks(host, folders, "user", OURS).changes
    assert not add_hooks(host, folders, "user", OURS).changes
    events = json.loads(file.read_text(encoding="utf-8"))["hooks"]
    assert set(events) <= set(HANDLERS)
    for event in events:
        assert [shlex.split(command) for command in commands(file, event)] == [[OURS.command, "hook"]]
    remove_hooks(host, folders, "user")
    assert not file.exists()


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["hooks"],
    "properties": {
        "hooks": {
            "type": "object",
            "propertyNames": {
                "enum": ["UserPromptSubmit", "PostToolUse", "Stop", "BeforeAgent", "AfterTool", "AfterAgent"]
            },
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["hooks"],
                    "properties": {
                        "matcher": {"type": "string"},
                        "hooks": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "additionalProperties": False,
                                "required": ["type", "command"],
                                "properties": {
                                    "type": {"const": "command"},
                                    "command": {"type": "string"},
                                    "timeout": {"type": "number", "exclusiveMinimum": 0},
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}
"""What the references of Claude Code, Codex and Gemini CLI ask of the fields that we use, in our words."""


@pytest.mark.parametrize(("name", "timeout"), [("claude-code", 5), ("codex", 5), ("gemini-cli", 5000)])
def test_hooks_are_written_as_the_references_say(name: str, timeout: int) -> None:
    """The hosts': seconds, but for Gemini CLI, which counts milliseconds; only calls that store are of interest."""
    written = json.loads(printed_hooks(host_named(name), OURS))

    jsonschema.validate(written, SCHEMA)
    for event, groups in written["hooks"].items():
        (group,) = groups
        assert [each["timeout"] for each in group["hooks"]] == [timeout]
        assert ("matcher" in group) == (event in ("PostToolUse", "AfterTool"))


def test_entry_and_hooks_in_one_file_come_out_of_it_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Gemini CLI's: its settings hold both; and Codex says what its hooks wait for."""
    monkeypatch.setenv("GEMINI_CLI_HOME", str(tmp_path))
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "codex"))
    file = tmp_path / ".gemini" / "settings.json"
    file.parent.mkdir()
    for before in (LIVED_IN["gemini-cli"], '{"hooks": {"AfterAgent": []}, "a": 1}', "{}\r\n"):
        file.write_bytes(before.encode())
        assert main(["install", "gemini-cli", "--hooks", "--user-id", "anna"]) == 0
        assert main(["install", "gemini-cli", "--hooks", "--user-id", "bo"]) == 0
        assert len(commands(file, "AfterAgent")) == 1
        assert main(["install", "gemini-cli", "--uninstall"]) == 0
        assert file.read_bytes() == before.encode()
        for backup in backups_of(file):
            backup.unlink()

    capsys.readouterr()
    assert main(["install", "codex", "--hooks"]) == 0
    assert "type /hooks there" in capsys.readouterr().err


def test_what_others_put_there_stays(tmp_path: Path) -> None:
    """Ours: comments and groups that are shared too; an older command of ours is replaced."""
    host, folders = host_named("claude-code"), UserFolders(home=tmp_path, environ={}, platform="linux", folder=tmp_path)
    file = hooks_file(host, folders, "user")
    file.parent.mkdir()
    file.write_text(OTHERS, encoding="utf-8")

    add_hooks(host, folders, "user", OURS)
    text = file.read_text(encoding="utf-8")
    assert "// mine" in text
    assert "// aloud" in text
    assert "/old/memoryos-mcp" not in text
    assert text.count("my memory/bin/memoryos-mcp") == 2
    remove_hooks(host, folders, "user")
    left = file.read_text(encoding="utf-8")
    assert "say done" in left
    assert "lint" in left
    assert "memoryos" not in left
    assert "UserPromptSubmit" not in left


@pytest.mark.parametrize(
    ("command", "ours"),
    [
        ("'/opt/my memory/bin/memoryos-mcp' hook", True),
        ("/old/memoryos-mcp hook --user-id 'anna hook'", True),
        (r'"C:\\Program Files\\memoryos-mcp.exe" hook --data-dir "D:\\memory"', True),
        ("/usr/bin/python3 /src/memoryos_mcp/server.py hook", True),
        ("python3 -P -m memoryos_mcp hook --max-tokens 400", True),
        ("uvx --from memoryos-mcp-server==0.1.0 memoryos-mcp hook", True),
        ("memoryos-mcp --data-dir /m hook", True),
        ("/src/memoryos_mcp/.git-tools/lint hook", False),
        ("python server.py --port 80 webhook", False),
        ("node server.py hook --post https://example.org", False),
        ("memoryos-mcp backup /b && run hook", False),
    ],
)
def test_only_commands_of_ours_are_replaced_and_taken_out(tmp_path: Path, command: str, ours: bool) -> None:
    """Regression: a hook of somebody else's with a file server.py, or in a folder of our name, was taken out."""
    host, folders = host_named("claude-code"), UserFolders(home=tmp_path, environ={}, platform="linux", folder=tmp_path)
    file = hooks_file(host, folders, "user")
    file.parent.mkdir()
    groups = [{"matcher": "*", "hooks": [{"type": "command", "command": each}]} for each in (command, "keep me")]
    file.write_text(json.dumps({"hooks": {"Stop": groups}}), encoding="utf-8")

    remove_hooks(host, folders, "user")
    assert (commands(file, "Stop") == ["keep me"]) is ours


@pytest.mark.parametrize("user", ["anna", "Anna B.", r"DOMAIN\anna", 'the "one"', "trailing\\"])
def test_on_windows_a_bash_reads_the_command_as_cmd_does(user: str) -> None:
    """Regression: backslashes of an unquoted path are gone in the bash that Claude Code uses on Windows."""
    launch = Launch(r"C:\Users\anna\venv\Scripts\memoryos-mcp.exe", ("hook", "--user-id", user))

    assert shlex.split(hook_command(launch, windows=True)) == [launch.command, *launch.args]


def test_a_host_without_hooks_says_so(tmp_path: Path) -> None:
    """Ours: the message names those that have them."""
    with pytest.raises(HostFileError, match="claude-code, codex, gemini-cli, cursor have"):
        add_hooks(host_named("zed"), UserFolders(home=tmp_path), "user", OURS)


def test_the_command_installs_hooks_that_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: what stands in the host's file is a command that a shell can run, for the same memory."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    data = tmp_path / "my data"
    given = ["--data-dir", str(data), "--user-id", "anna", "--project", "shop", "--redact-secrets", "false"]
    assert main(["install", "claude-code", "--hooks", "--print", *given]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert main(["install", "claude-code", "--hooks", *given]) == 0
    assert shown == json.loads((tmp_path / "claude" / "settings.json").read_text(encoding="utf-8"))
    (command,) = commands(tmp_path / "claude" / "settings.json", "Stop")
    transcript = tmp_path / "session.jsonl"
    lines: list[dict[str, Any]] = [
        {"type": "user", "uuid": "1", "timestamp": "2026-01-01T00:00:00Z", "message": {"content": SECRET}},
        {"type": "assistant", "message": {"content": [{"type": "text", "text": "Hello!"}]}},
    ]
    transcript.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    event = {"hook_event_name": "Stop", "session_id": "s", "transcript_path": str(transcript)}
    subprocess.run(command, shell=True, input=json.dumps(event), text=True, timeout=30, check=True)
    (waiting,) = (data / "spool").glob("*.json")

    left = json.loads(waiting.read_text(encoding="ascii"))
    assert (left["user_id"], left["project"], left["user_input"]) == ("anna", "shop", SECRET)
    assert main(["install", "claude-code", "--uninstall", "--hooks"]) == 0
    assert not (tmp_path / "claude" / "settings.json").exists()
    assert "memoryos" in (tmp_path / "claude" / ".claude.json").read_text(encoding="utf-8")
    assert "settings.json" in capsys.readouterr().out
