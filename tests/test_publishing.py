"""What is published beside the package: the MCPB bundle, the registry's entry, the README's links."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from memoryos_mcp import __version__
from memoryos_mcp.cli import main
from memoryos_mcp.cli.publishing import REGISTRY_NAME, manifest, registry_entry
from memoryos_mcp.domain.settings import CONFIG_ENV, Settings, environment_name, load_settings
from memoryos_mcp.hosts.links import cursor_web_link, release_command, vscode_web_link
from memoryos_mcp.server.contract import TOOLS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

REGISTRY_RULES: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "name", "description", "version", "packages"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", "minLength": 3, "maxLength": 200},
        "title": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "packages": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["registryType", "identifier", "version", "transport"],
                "properties": {
                    "registryType": {"enum": ["npm", "pypi", "oci", "nuget", "mcpb"]},
                    "runtimeHint": {"enum": ["npx", "uvx", "docker", "dnx"]},
                    "transport": {"type": "object", "required": ["type"], "properties": {"type": {"const": "stdio"}}},
                    "environmentVariables": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name"],
                            "properties": {
                                "format": {"enum": ["string", "number", "boolean", "filepath"]},
                                "isRequired": {"type": "boolean"},
                                "isSecret": {"type": "boolean"},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What the registry's schema of 2025-12-11 and its publishing rules ask of the fields that we use, in our words."""


def test_the_files_at_the_top_are_what_the_command_writes(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: version, tools and settings stand in one place; these files repeat them truthfully."""
    for name, option in (("manifest.json", "--manifest"), ("server.json", "--registry")):
        assert main(["bundle", option]) == 0
        assert (ROOT / name).read_text(encoding="utf-8") == capsys.readouterr().out, f"memoryos-mcp bundle {option}"


def test_the_manifest_names_every_tool_and_hands_over_what_is_asked() -> None:
    """MCPB's: manifest 0.4 of a uv project; every variable is a setting, and the key is hidden as it is typed."""
    found = manifest()
    env = found["server"]["mcp_config"]["env"]

    assert (found["manifest_version"], found["server"]["type"], found["version"]) == ("0.4", "uv", __version__)
    assert [tool["name"] for tool in found["tools"]] == [tool.name for tool in TOOLS]
    assert set(env) <= set(map(environment_name, Settings.model_fields))
    assert set(env.values()) == {f"${{user_config.{name}}}" for name in found["user_config"]}
    assert found["user_config"]["openai_api_key"]["sensitive"] is True
    assert found["user_config"]["data_dir"]["type"] == "directory"
    assert not any(asked["required"] for asked in found["user_config"].values())


def test_what_a_user_leaves_open_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    """The hosts': an unset value arrives empty or as the template itself, for the settings file's name too."""
    env = dict(manifest()["server"]["mcp_config"]["env"])
    empty = dict.fromkeys(env, "")

    assert load_settings(environ={**env, CONFIG_ENV: "${user_config.config}"}) == load_settings(environ={})
    assert load_settings(environ={**empty, CONFIG_ENV: " "}) == load_settings(environ={})


def test_the_registry_entry_keeps_the_rules_and_is_named_in_the_readme() -> None:
    """The registry's: a name with its owner, short words, an exact version, and the package says the same name."""
    entry = registry_entry()

    jsonschema.validate(entry, REGISTRY_RULES)
    assert entry["version"] == entry["packages"][0]["version"] == __version__
    assert entry["packages"][0]["identifier"] in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"<!-- mcp-name: {REGISTRY_NAME} -->" in README
    assert [one["name"] for one in entry["packages"][0]["environmentVariables"] if one["isSecret"]] == [
        "OPENAI_API_KEY"
    ]


def test_the_name_that_package_runners_start_is_a_command_of_the_package() -> None:
    """The runners': `uvx NAME` starts the command that is called as the package is."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert re.search(
        rf'^{registry_entry()["packages"][0]["identifier"]} = "memoryos_mcp.cli:main"', project, re.MULTILINE
    )


def test_a_forge_tests_every_python_that_is_promised_on_three_systems() -> None:
    """Ours: a version that is promised in one place is tested by the other."""
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (pythons,) = re.findall(r"^ +python: \[(.+)\]$", workflow, re.MULTILINE)
    (systems,) = re.findall(r"^ +system: \[(.+)\]$", workflow, re.MULTILINE)

    assert re.findall(r"3\.\d+", pythons) == re.findall(r"Python :: (3\.\d+)", project)
    assert re.findall(r"\w+(?=-latest)", systems) == ["ubuntu", "macos", "windows"]
    assert 'pip install -e ".[test]"' in workflow


def test_the_links_of_the_documents_install_this_release() -> None:
    """Ours: a link of the last release would install the last release."""
    told = (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")

    assert f"[Cursor]({cursor_web_link(release_command())})" in told
    assert f"[VS Code]({vscode_web_link(release_command())})" in told


def test_the_bundle_is_made_whole_and_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """MCPB's: manifest at the top of the archive, and the entry point runs from wherever it is unpacked."""
    assert main(["bundle", str(tmp_path / "out")]) == 0
    (archive,) = (tmp_path / "out").glob("*.mcpb")
    assert str(archive) in capsys.readouterr().out
    with zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
        packed.extractall(tmp_path / "elsewhere")
    package = tmp_path / "elsewhere" / "memoryos_mcp" / "__init__.py"
    package.write_text(package.read_text(encoding="utf-8").replace(__version__, "9.8.7"), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, str(tmp_path / "elsewhere" / "server.py"), "--version"],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_START"},  # a copy of us
        check=False,
    )

    assert done.stdout.strip().endswith("9.8.7"), done.stderr  # the bundle's own package, not one that is installed
    assert {"manifest.json", "pyproject.toml", "server.py", "memoryos_mcp/__init__.py"} <= set(names)
    assert [name for name in names if "__pycache__" in name] == []
    assert json.loads((tmp_path / "elsewhere" / "manifest.json").read_text(encoding="utf-8")) == manifest()
    assert main(["bundle", str(tmp_path / "out")]) == 2
    assert "not an empty folder" in capsys.readouterr().err
    assert main(["bundle"]) == 2


def test_a_bundle_that_cannot_be_written_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a file stands where a folder has to be made."""
    (tmp_path / "file").write_text("")

    assert main(["bundle", str(tmp_path / "file" / "out")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_same_sources_give_the_same_bundle(tmp_path: Path) -> None:
    """Ours: somebody who builds it can compare."""
    for name in ("one", "two"):
        assert main(["bundle", str(tmp_path / name)]) == 0
    one, two = (next((tmp_path / name).glob("*.mcpb")).read_bytes() for name in ("one", "two"))

    assert one == two


def test_warm_loads_everything_and_stores_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a package runner's first start is done before a host waits for it."""
    assert main(["warm", "--data-dir", str(tmp_path / "memory"), "--embedder", "bundled"]) == 0
    told = capsys.readouterr().out

    assert "the embedder (bundled)" in told
    assert told.endswith("warm: hosts may start\n")
    assert main(["status", "--json", "--data-dir", str(tmp_path / "memory"), "--embedder", "bundled"]) == 0
    assert json.loads(capsys.readouterr().out)["short_term_pages"] == 0
