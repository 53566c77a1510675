"""The plugin that `bundle` writes: one folder for Claude Code and Codex, checked against what both ask of its files."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from memoryos_mcp import __version__
from memoryos_mcp.cli import main
from memoryos_mcp.cli.publishing import plugin_files
from memoryos_mcp.hosts import RULES, Launch, yaml
from memoryos_mcp.hosts.hooks.run import HANDLERS
from memoryos_mcp.hosts.links import release_command
from memoryos_mcp.server.contract import TOOLS

PLUGIN = "plugins/memoryos"
NAME = {"type": "string", "pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64}
PERSON = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}}
WITHIN = {"type": "string", "pattern": r"^\./(?!.*\.\.).+"}

CLAUDE_MARKETPLACE_RULES: dict[str, Any] = {
    "type": "object",
    "required": ["name", "owner", "plugins"],
    "additionalProperties": False,
    "properties": {
        "name": NAME,
        "description": {"type": "string"},
        "owner": PERSON,
        "plugins": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "source"],
                "additionalProperties": False,
                "properties": {
                    "name": NAME,
                    "source": WITHIN,
                    "description": {"type": "string"},
                    "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
                },
            },
        },
    },
}
"""What the published schema of Claude Code's marketplace file asks of the fields that we use, in our words."""

IDENTITY: dict[str, Any] = {
    "name": NAME,
    "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
    "description": {"type": "string", "minLength": 1},
    "author": PERSON,
    "license": {"type": "string"},
    "keywords": {"type": "array", "items": {"type": "string"}},
}
CLAUDE_PLUGIN_RULES: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": IDENTITY,
}
"""What the published schema of Claude Code's plugin manifest asks of the fields that we use, in our words."""

CODEX_PLUGIN_RULES: dict[str, Any] = {
    "type": "object",
    "required": ["name", "version", "description"],
    "additionalProperties": False,
    "properties": {
        **IDENTITY,
        "skills": WITHIN,
        "mcpServers": WITHIN,
        "hooks": WITHIN,
        "interface": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "string"} for name in ("displayName", "shortDescription", "developerName", "category")
            },
        },
    },
}
"""What Codex's page on building plugins asks of the fields that we use, in our words."""

CODEX_MARKETPLACE_RULES: dict[str, Any] = {
    "type": "object",
    "required": ["name", "plugins"],
    "properties": {
        "name": NAME,
        "interface": {"type": "object", "properties": {"displayName": {"type": "string"}}},
        "plugins": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "source", "policy", "category"],
                "properties": {
                    "source": {
                        "type": "object",
                        "required": ["source", "path"],
                        "properties": {"source": {"const": "local"}, "path": WITHIN},
                    },
                    "policy": {
                        "type": "object",
                        "required": ["installation", "authentication"],
                        "properties": {
                            "installation": {"enum": ["AVAILABLE", "INSTALLED_BY_DEFAULT", "NOT_AVAILABLE"]},
                            "authentication": {"enum": ["ON_INSTALL", "ON_USE"]},
                        },
                    },
                },
            },
        },
    },
}
"""What Codex's page on building plugins asks of a marketplace file, in our words."""


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the command writes, with a plugin that starts this installation."""
    folder = tmp_path_factory.mktemp("out") / "published"
    assert main(["bundle", str(folder), "--here"]) == 0
    return folder / "memoryos-plugin"


def document(path: Path) -> Any:
    """Return what a JSON file says."""
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_files_keep_the_rules_of_both_hosts(plugin: Path) -> None:
    """The hosts': each reads its own manifest and marketplace file; of the folders of manifests, nothing else is in."""
    for name, rules in {
        ".claude-plugin/marketplace.json": CLAUDE_MARKETPLACE_RULES,
        f"{PLUGIN}/.claude-plugin/plugin.json": CLAUDE_PLUGIN_RULES,
        ".agents/plugins/marketplace.json": CODEX_MARKETPLACE_RULES,
        f"{PLUGIN}/.codex-plugin/plugin.json": CODEX_PLUGIN_RULES,
    }.items():
        jsonschema.validate(document(plugin / name), rules)
    found = sorted(path.relative_to(plugin).as_posix() for path in plugin.rglob("*") if path.is_file())

    assert found == [
        ".agents/plugins/marketplace.json",
        ".claude-plugin/marketplace.json",
        f"{PLUGIN}/.claude-plugin/plugin.json",
        f"{PLUGIN}/.codex-plugin/plugin.json",
        f"{PLUGIN}/.mcp.json",
        f"{PLUGIN}/hooks/hooks.json",
        *(f"{PLUGIN}/skills/{name}/SKILL.md" for name in ("forget", "memory", "recall", "remember")),
    ]


def test_what_the_files_name_is_there_and_the_same_for_both(plugin: Path) -> None:
    """Ours: one version, one name, and paths that lead somewhere."""
    claude, codex = (document(plugin / PLUGIN / f".{host}-plugin" / "plugin.json") for host in ("claude", "codex"))
    markets = [document(plugin / name / "marketplace.json") for name in (".claude-plugin", ".agents/plugins")]

    assert {key: codex[key] for key in claude} == claude
    assert claude["version"] == __version__
    assert markets[0]["plugins"][0]["version"] == __version__
    assert markets[0]["name"] == markets[1]["name"]
    sources = [markets[0]["plugins"][0]["source"], markets[1]["plugins"][0]["source"]["path"]]
    assert [plugin / source for source in sources] == [plugin / PLUGIN] * 2
    assert [key for key in ("skills", "mcpServers", "hooks") if not (plugin / PLUGIN / codex[key]).exists()] == []


def test_the_server_and_the_hooks_are_those_that_install_writes(plugin: Path, tmp_path: Path) -> None:
    """Ours: the hook's command runs in a shell, ends well and says nothing to an event that nobody knows."""
    (server,) = document(plugin / PLUGIN / ".mcp.json")["mcpServers"].values()
    events = document(plugin / PLUGIN / "hooks" / "hooks.json")["hooks"]
    commands = {each["command"] for groups in events.values() for group in groups for each in group["hooks"]}

    assert Path(server["command"]).is_absolute()
    assert set(events) <= set(HANDLERS)
    assert [shlex.split(command) for command in commands] == [[server["command"], *server["args"], "hook"]]
    if sys.platform != "win32":
        (command,) = commands
        line = f"{command} --data-dir {shlex.quote(str(tmp_path))}"
        done = subprocess.run(line, shell=True, input=b"{}", capture_output=True, timeout=60, check=True)
        assert done.stdout == b""


def test_skills_have_the_head_that_both_read_and_name_tools_that_exist(plugin: Path) -> None:
    """The hosts': a name as the folder's, a description of bounded length; no placeholder of one host alone."""
    tools = {tool.name for tool in TOOLS}
    for path in (plugin / PLUGIN / "skills").glob("*/SKILL.md"):
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = yaml.read(head)
        assert fields["name"] == path.parent.name
        assert 0 < len(fields["description"]) <= 1024
        assert set(re.findall(r"`([a-z]+_[a-z_]+)`", body)) <= tools | {"dry_run"}
        assert "$" not in body
    assert RULES in (plugin / PLUGIN / "skills" / "memory" / "SKILL.md").read_text(encoding="utf-8")


def test_without_here_the_release_is_started() -> None:
    """Ours: what is published knows no path of a machine, and nobody's settings."""
    files = plugin_files(release_command())

    assert json.loads(files[f"{PLUGIN}/.mcp.json"])["mcpServers"]["memoryos"] == release_command().entry()
    assert f"uvx memoryos-mcp-server@{__version__} hook" in files[f"{PLUGIN}/hooks/hooks.json"]
    assert [name for name, text in files.items() if str(Path.home()) in text] == []


def test_a_word_of_the_shell_in_a_path_stays_a_word() -> None:
    """Ours: the hook is a line for a shell, the server is not."""
    files = plugin_files(Launch("/opt/my memory/$HOME/memoryos-mcp"))
    events = json.loads(files[f"{PLUGIN}/hooks/hooks.json"])["hooks"]

    assert shlex.split(events["Stop"][0]["hooks"][0]["command"]) == ["/opt/my memory/$HOME/memoryos-mcp", "hook"]
    assert "'/opt/my memory/$HOME/memoryos-mcp'" in events["Stop"][0]["hooks"][0]["command"]
